"""How good projections are: public series, generated growth, exhaustion dates, speed; beside the straight line and libraries.

python benchmarks/forecast.py              prints tables; needs nothing but the app's own requirements
python benchmarks/forecast.py --peers      adds AutoETS, AutoTheta and Prophet from an environment of their own; takes long

The public series (M3, M4 weekly) are read where the folder ../shared/forecast is; without it their table is left out. The
generated series carry other seeds than those that the method was tuned on (100 to 119).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.forecasting.growth_series import SHAPES, generate  # noqa: E402
from benchmarks.forecasting.measures import Values, covered, mase, naive2, owa, smape  # noqa: E402
from dbbuddy.capacity.history import from_points  # noqa: E402
from dbbuddy.capacity.limit import Limit  # noqa: E402
from dbbuddy.capacity.project import project  # noqa: E402

SHARED = ROOT.parent / "shared" / "forecast"
SEEDS = range(5000, 5020)
DATE_SHAPES = tuple(s for s in SHAPES if s not in ("flat", "24-36 months", "3-6 months"))
PEERS = ("AutoETS", "AutoTheta", "Prophet")
PACKAGES = ("statsforecast==2.1.1", "prophet==1.5.0")
STEPS = {"M3-yearly": 12, "M3-quarterly": 3, "M3-monthly": 1, "M3-other": 12, "M4-weekly": 0}


@dataclass(frozen=True)
class Case:
    """A series to forecast; `period` is that of the MASE's scale."""

    group: str
    dates: list[dt.date]
    history: Values
    future: list[dt.date]
    truth: Values
    period: int
    metric: str = "other"


@dataclass(frozen=True)
class Forecast:
    mean: Values
    lo80: Values
    hi80: Values
    lo95: Values
    hi95: Values


def ours(case: Case) -> Forecast:
    history = from_points(np.array(case.dates, "datetime64[s]"), case.history, case.metric)  # type: ignore[arg-type]
    made = project(history, horizon_steps=len(case.future), with_backtest=False)
    return Forecast(made.mean, made.lo80, made.hi80, made.lo95, made.hi95)


def line(case: Case) -> Forecast:
    """Least squares with its textbook prediction interval."""
    at = np.array([day.toordinal() for day in case.dates], float)
    ahead = np.array([day.toordinal() for day in case.future], float)
    slope, start = np.polyfit(at - at.mean(), case.history, 1)
    mean = start + slope * (ahead - at.mean())
    spread = np.std(case.history - start - slope * (at - at.mean()), ddof=min(2, at.size - 1))
    reach = spread * np.sqrt(1 + 1 / at.size + (ahead - at.mean()) ** 2 / max(((at - at.mean()) ** 2).sum(), 1))
    return Forecast(mean, mean - 1.28 * reach, mean + 1.28 * reach, mean - 1.96 * reach, mean + 1.96 * reach)


def public_cases() -> list[Case]:
    cases = []
    for file in sorted(SHARED.glob("*.jsonl")) if SHARED.exists() else []:
        for text in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(text)
            n, horizon = len(row["history"]), row["horizon"]
            days = _days(STEPS[row["group"]], n + horizon)
            history, truth = np.array(row["history"], float), np.array(row["actual"], float)
            cases.append(Case(row["group"], days[:n], history, days[n:], truth, row["period"]))
    return cases


def _days(months: int, count: int) -> list[dt.date]:
    if not months:
        return [dt.date(2000, 1, 7) + dt.timedelta(weeks=i) for i in range(count)]
    return [dt.date(1950 + (i * months) // 12, (i * months) % 12 + 1, 1) for i in range(count)]


def growth_cases() -> list[Case]:
    cases = []
    for shape in SHAPES:
        for seed in SEEDS:
            made = generate(shape, seed)
            h = made.horizon
            period = 7 if h == 90 else 12 if made.history.size > 12 else 1
            cases.append(
                Case(shape, list(made.dates), made.history, list(made.future_dates[:h]), made.future[:h], period, made.metric)
            )
    return cases


def scores(case: Case, made: Forecast) -> list[float]:
    base = naive2(case.history, len(case.future), case.period)
    return [
        smape(case.truth, made.mean),
        mase(case.history, case.truth, made.mean, case.period),
        smape(case.truth, base),
        mase(case.history, case.truth, base, case.period),
        covered(case.truth, made.lo80, made.hi80),
        covered(case.truth, made.lo95, made.hi95),
    ]


def print_public(methods: dict[str, Callable[[list[Case]], list[Forecast | None]]]) -> None:
    cases = public_cases()
    if not cases:
        print("public series: the folder ../shared/forecast is not here; table left out\n")
        return
    print(f"public series ({len(cases)})")
    print(f"{'method':12s} {'set':14s}    n   sMAPE   MASE    OWA   80 %   95 %")
    for name, method in methods.items():
        made = method(cases)
        rows = np.array([scores(c, f) for c, f in zip(cases, made, strict=True) if f is not None])
        groups = np.array([c.group for c, f in zip(cases, made, strict=True) if f is not None])
        sets = [("M3", np.char.startswith(groups, "M3")), ("M4 weekly", groups == "M4-weekly"), ("both", groups != "")]
        sets[1:1] = [(g, groups == g) for g in sorted(set(groups)) if g.startswith("M3-")]
        for label, chosen in sets:
            r = rows[chosen]
            mean = r.mean(axis=0)
            print(f"{name:12s} {label:14s} {len(r):4d} {mean[0]:7.2f} {mean[1]:6.3f} {owa(r):6.3f} {mean[4]:6.3f} {mean[5]:6.3f}")
    print()


def print_growth(methods: dict[str, Callable[[list[Case]], list[Forecast | None]]]) -> None:
    cases = growth_cases()
    print(f"generated growth, 90 days ahead, {len(SEEDS)} of each shape: MASE / coverage of 80 % / of 95 %")
    tables = {name: method(cases) for name, method in methods.items()}
    print(f"{'shape':16s}" + "".join(f"{name:>22s}" for name in tables))
    means: dict[str, list[list[float]]] = {name: [] for name in tables}
    for shape in SHAPES:
        cells = ""
        for name, made in tables.items():
            rows = [scores(c, f) for c, f in zip(cases, made, strict=True) if c.group == shape and f is not None]
            if rows:
                mean = np.array(rows).mean(axis=0)
                means[name].append([mean[1], mean[4], mean[5]])
            cells += f"{mean[1]:8.2f} / {mean[4]:.2f} / {mean[5]:.2f}" if rows else f"{'fails':>22s}"
        print(f"{shape:16s}{cells}")
    print(
        f"{'mean of shapes':16s}" + "".join("{:8.3f} / {:.2f} / {:.2f}".format(*np.mean(m, axis=0)) for m in means.values()) + "\n"
    )


def date_cases() -> Iterator[tuple[str, Case, float, int]]:
    """A limit that the true future meets for the first time 20 to 180 days ahead."""
    for shape in DATE_SHAPES:
        for seed in SEEDS:
            made = generate(shape, seed)
            day = int(np.random.default_rng([7, seed]).integers(20, 181))
            limit = float(np.maximum.accumulate(made.future)[day])
            met = int(np.argmax(made.future >= limit)) + 1
            if met >= 20 and limit > made.history[-1] * 1.005:
                case = Case(shape, list(made.dates), made.history, list(made.future_dates), made.future, 7, made.metric)
                yield shape, case, limit, met


def print_dates() -> None:
    rows: dict[str, list[tuple[float, bool, bool]]] = {"ours": [], "ours, metric not told": [], "line": [], "predict_linear": []}
    for _, case, limit, met in date_cases():
        truth = case.dates[-1].toordinal() + met
        for name, metric in (("ours", case.metric), ("ours, metric not told", "other")):
            history = from_points(np.array(case.dates, "datetime64[s]"), case.history, metric)  # type: ignore[arg-type]
            asked = Limit(metric, "", limit, history.unit)  # type: ignore[arg-type]
            found = project(history, [asked], 365, with_backtest=False).walls[0]
            early, likely, late = (day.toordinal() if day else np.inf for day in (found.early, found.likely, found.late))
            rows[name].append((abs(likely - truth), early <= truth <= late, likely == np.inf))
        for name, last in (("line", len(case.dates)), ("predict_linear", 30)):
            at = np.array([day.toordinal() for day in case.dates[-last:]], float)
            slope, start = np.polyfit(at - at[-1], case.history[-last:], 1)
            said = (limit - start) / slope if slope > 0 else np.inf
            rows[name].append((abs(said - met), False, said > 365))
    print(f"exhaustion dates, truth 20 to 180 days ahead (n = {len(rows['ours'])})")
    print(f"{'method':24s}{'median error, days':>20s}{'80 % window holds it':>22s}{'says never':>12s}")
    for name, found_rows in rows.items():
        error, inside, never = np.array(found_rows, float).T
        window = f"{inside.mean():.1%}" if inside.any() else "none"
        print(f"{name:24s}{np.median(error):20.1f}{window:>22s}{never.mean():12.1%}")
    print()


def print_speed() -> None:
    values = 1000 + np.random.default_rng(0).gamma(1, 1, 1000).cumsum()
    days = np.datetime64("2024-01-01", "s") + np.arange(1000) * np.timedelta64(86_400, "s")
    history = from_points(days, values, "storage")
    limit = Limit("storage", "", 2500, "GB")
    ways = {
        "projection, 90 days": lambda: project(history, (), 90, with_backtest=False),
        "projection, 365 days, 2,000 paths, back-test": lambda: project(history, [limit], 365),
    }
    for name, way in ways.items():
        times = []
        for _ in range(12):
            started = time.process_time()
            way()
            times.append((time.process_time() - started) * 1000)
        print(f"1,000 points, {name}: median {np.median(times[2:]):.0f} ms, most {max(times[2:]):.0f} ms of CPU")


def each(method: Callable[[Case], Forecast]) -> Callable[[list[Case]], list[Forecast | None]]:
    return lambda cases: [method(case) for case in cases]


def peer(name: str, python: Path) -> Callable[[list[Case]], list[Forecast | None]]:
    """A library's forecasts, made in its own environment."""

    def forecasts(cases: list[Case]) -> list[Forecast | None]:
        lines = [json.dumps(_asked(case)) for case in cases]
        worker = [str(python), str(ROOT / "benchmarks" / "forecasting" / "peers.py"), name]
        told = subprocess.run(worker, input="\n".join(lines), capture_output=True, text=True, check=True).stdout.splitlines()
        answers = [json.loads(text) for text in told]
        print(
            f"{name}: {np.mean([a['ms'] for a in answers]):.0f} ms of CPU a series, {sum('error' in a for a in answers)} failures"
        )
        keys = ("mean", "lo80", "hi80", "lo95", "hi95")
        return [None if "error" in a else Forecast(*(np.array(a[key]) for key in keys)) for a in answers]

    return forecasts


def _asked(case: Case) -> dict[str, object]:
    return {
        "history": case.history.tolist(),
        "dates": [day.isoformat() for day in case.dates],
        "future": [day.isoformat() for day in case.future],
        "horizon": len(case.future),
        "season": 52 if case.group == "M4-weekly" else case.period,
    }


def peers_python() -> Path:
    """The interpreter of an environment that holds the peers, made where there is none."""
    home = Path(tempfile.gettempdir()) / "dbbuddy-forecast-peers"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", *PACKAGES], check=True)
    return python


def main() -> None:
    parser = argparse.ArgumentParser(description="How good projections are.")
    parser.add_argument("--peers", action="store_true", help=f"also run {', '.join(PEERS)} (installs {', '.join(PACKAGES)})")
    options = parser.parse_args()
    print(f"{platform.python_version()} on {platform.machine()}, numpy {np.__version__}\n")
    methods = {"ours": each(ours), "line": each(line)}
    if options.peers:
        python = peers_python()
        methods |= {name: peer(name, python) for name in PEERS}
    print_public(methods)
    print_growth(methods)
    print_dates()
    print_speed()


if __name__ == "__main__":
    main()
