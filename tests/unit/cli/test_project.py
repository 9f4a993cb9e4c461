"""`python -m dbbuddy project`: a history in; projection, limit dates and back-test out."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.unit.cli.running import run

START = dt.date(2026, 1, 1)
DAYS = [(START + dt.timedelta(days=i)).isoformat() for i in range(120)]
CSV = "date,size_gb\n" + "\n".join(f"{day},{500 + i + (i * 7 % 5) / 10}" for i, day in enumerate(DAYS))
HISTORY = [[day, 500 + i + (i * 7 % 5) / 10] for i, day in enumerate(DAYS)]


def test_the_object_holds_forecast_limits_method_and_backtest() -> None:
    (row,) = run("project", "--json", "--limit", "650GB", "--limit", "warning=600 GB", "--horizon", "90d", stdin=CSV).rows
    assert len(row["forecast"]) == 90
    first = row["forecast"][0]
    assert set(first) == {"date", "mean", "lo80", "hi80", "lo95", "hi95"}
    assert first["date"] == "2026-05-01"
    assert first["lo95"] < first["lo80"] < first["mean"] < first["hi80"] < first["hi95"]
    full, warning = row["limit_dates"]
    assert (full["limit"], full["unit"], full["level"], warning["level"]) == (650, "GB", "full", "warning")
    assert full["p10"] <= full["p50"] <= full["p90"]
    assert abs((dt.date.fromisoformat(full["p50"]) - dt.date(2026, 5, 31)).days) <= 3
    assert row["first_to_break"] == "warning"
    assert row["method"]["kind"] == "cumulative"
    assert row["backtest"]["coverage80"] > 0.5
    assert (row["metric"], row["unit"]) == ("storage", "GB")


def test_a_line_an_object_in_order_with_horizon_in_steps() -> None:
    lines = [
        {"id": "a", "history": HISTORY, "horizon": 30, "limit": 700},
        {"id": "b", "history": [["2026-01-01", 5]], "horizon": 3},
        {"id": "c", "history": [[f"2020-{m:02d}-01", m * 2.0] for m in range(1, 13)], "horizon": 6, "metric": "storage"},
        {"id": "d", "history": [1, 2, 3, 4, 5, 6.5, 7, 8], "horizon": "2 weeks", "limits": [{"name": "x", "value": 12}]},
    ]
    told = run("project", "--jsonl", stdin="\n".join(json.dumps(line) for line in lines))
    a, b, c, d = told.rows
    assert told.status == 2
    assert [row["id"] for row in (a, b, c, d)] == ["a", "b", "c", "d"]
    assert len(a["forecast"]) == 30
    assert a["limit_dates"][0]["never"] is True
    assert "One point" in b["error"]
    assert [point["date"] for point in c["forecast"]] == [f"2021-{m:02d}-01" for m in range(1, 7)]
    assert len(d["forecast"]) == 14
    assert d["limit_dates"][0]["name"] == "x"


def test_the_text_reads_as_an_answer() -> None:
    told = run("project", "--limit", "650GB", "--event", "2026-05-05 +100 GB", stdin=CSV)
    assert told.status == 0
    assert told.out.startswith("# size_gb: projection to 2027-04-30\n")
    assert "**First:** limit (650 GB) is reached around 2026-05-05" in told.out
    assert "| date | expected | 80 % from | to | 95 % from | to |" in told.out
    assert "## Back-test" in told.out
    assert "nan" not in told.out.lower()


def test_two_numbers_and_several_series(tmp_path: Path) -> None:
    typed = run("project", "--json", "--size", "500GB", "--growth", "20GB/month", "--limit", "1TB", "--horizon", "4y")
    (row,) = typed.rows
    assert row["limit_dates"][0]["p50"] is not None
    file = tmp_path / "sizes.csv"
    days = "\n".join(f"{day},{'shop' if k else 'crm'},{(i + 1) * (1 + 5 * k)}" for i, day in enumerate(DAYS) for k in (0, 1))
    file.write_text("day,database,size_gb\n" + days)
    (both,) = run("project", str(file), "--json", "--limit", "900GB").rows
    assert [made["name"] for made in both["projections"]] == ["crm", "shop"]
    assert "900 GB" in both["first_to_break"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ((), "", "no text"),
        ((), "name,city\nann,rome\n", "holds dates"),
        (("--limit", "a lot"), CSV, "no quantity"),
        (("--limit", "80 %"), CSV, "do not measure the same"),
        (("--limit", "soon=5"), CSV, "none of warning"),
        (("--horizon", "soon"), CSV, "no horizon"),
        (("--event", "tomorrow"), CSV, "no event"),
        (("--metric", "joy"), CSV, "metric is none of"),
        (("--value", "weight", "--time", "date"), CSV, "no column weight"),
        (("missing.csv",), "", "cannot be read"),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_do(arguments: tuple[str, ...], stdin: str, says: str) -> None:
    told = run("project", *arguments, stdin=stdin)
    assert told.status == 2
    assert told.out == ""
    assert says in told.err
    assert told.err.count("\n") == 1


def test_an_ambiguous_date_is_asked_on_standard_error() -> None:
    told = run("project", stdin="date,gb\n01/02/2026,1\n01/03/2026,2\n01/04/2026,3\n")
    assert told.status == 0
    assert "day first or month first" in told.err
    assert "day first" not in run("project", "--date-order", "day_first", stdin="date,gb\n01/02/2026,1\n01/03/2026,2\n").err
