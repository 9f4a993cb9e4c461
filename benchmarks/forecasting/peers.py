"""Runs in the peers' own environment: series in, one JSON object a line; forecasts of each peer out.

python peers.py NAME < series.jsonl      NAME is AutoETS, AutoTheta, AutoARIMA or Prophet
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def main(name: str) -> None:
    for line in sys.stdin:
        row = json.loads(line)
        started = time.process_time()
        try:
            made = prophet(row) if name == "Prophet" else statsforecast(name, row)
        except Exception as error:  # peers fail on short series in ways of their own
            made = {"error": str(error)[:100]}
        print(json.dumps({**made, "ms": (time.process_time() - started) * 1000}), flush=True)


def statsforecast(name: str, row: dict) -> dict:
    from statsforecast import models

    model = getattr(models, name)(season_length=row["season"])
    made = model.forecast(np.array(row["history"], float), row["horizon"], level=[80, 95])
    keys = ("mean", "lo-80", "hi-80", "lo-95", "hi-95")
    return dict(zip(("mean", "lo80", "hi80", "lo95", "hi95"), (list(map(float, made[key])) for key in keys), strict=True))


def prophet(row: dict) -> dict:
    import pandas as pd
    from prophet import Prophet

    logging.getLogger("cmdstanpy").setLevel(logging.ERROR)
    out = {}
    for width, names in ((0.8, ("lo80", "hi80")), (0.95, ("lo95", "hi95"))):
        model = Prophet(interval_width=width, uncertainty_samples=300)
        model.fit(pd.DataFrame({"ds": pd.to_datetime(row["dates"]), "y": row["history"]}))
        made = model.predict(pd.DataFrame({"ds": pd.to_datetime(row["future"])}))
        out |= {"mean": made.yhat.tolist(), names[0]: made.yhat_lower.tolist(), names[1]: made.yhat_upper.tolist()}
    return out


if __name__ == "__main__":
    main(sys.argv[1])
