"""The roadmap: dates from walls and lead times, alerts as code that parses, and safe exports."""

from __future__ import annotations

import csv
import io
import json
import shlex
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
import yaml

from dbbuddy.capacity.alerts import Alert, alert_code
from dbbuddy.capacity.catalogue import shape_named
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.metric import METRICS
from dbbuddy.capacity.roadmap import WallDate, actions, alerts_for, roadmap
from dbbuddy.capacity.roadmap_export import as_csv, as_html, as_markdown
from dbbuddy.capacity.sizing.choice import Stage
from dbbuddy.context import SystemContext

TODAY = date(2026, 11, 23)
CLOUD = SystemContext.of(service="rds-postgresql").completed()
OWN = SystemContext.of(engine="postgresql", deployment="on_premises")


def wall(
    metric: str = "storage", days: int | None = 100, value: float = 1000, now: float = 500, name: str = "volume", unit: str = "GB"
) -> WallDate:
    day = None if days is None else TODAY + timedelta(days=days)
    return WallDate(Limit(metric, name, value, unit), day, day and day + timedelta(days=30), now=now)  # type: ignore[arg-type]


def test_a_step_is_due_its_lead_time_before_the_early_date() -> None:
    steps = {step.title: step for step in roadmap([wall()], CLOUD, TODAY).steps}
    grow = steps["Enlarge the volume"]
    assert (grow.done_by, grow.order_by, grow.lead_days) == (date(2027, 3, 3), date(2027, 2, 28), 3)
    own = {step.title: step for step in roadmap([wall()], OWN, TODAY).steps}["Enlarge the volume"]
    assert own.order_by == date(2027, 3, 3) - timedelta(days=60)
    asked = {step.title: step for step in roadmap([wall()], OWN, TODAY, lead_days=90).steps}["Enlarge the volume"]
    assert asked.order_by == date(2026, 12, 3)


def test_the_trigger_is_the_value_on_the_day_to_decide() -> None:
    step = next(step for step in roadmap([wall()], CLOUD, TODAY).steps if step.title == "Split the largest tables by time")
    # 40 of 100 days passed: from 500 GB to 700 GB of 1,000.
    assert step.trigger == "Storage at 700 GB (70% of the limit)"


def test_what_is_too_late_says_so() -> None:
    steps = roadmap([wall(days=5)], OWN, TODAY).steps
    grow = next(step for step in steps if step.title == "Enlarge the volume")
    assert grow.late
    assert grow.order_by == TODAY
    assert grow.ready_on == TODAY + timedelta(days=60)
    assert "possible: 2027-01-22" in as_markdown(roadmap([wall(days=5)], OWN, TODAY))


def test_steps_are_in_the_order_of_their_last_days_and_come_once() -> None:
    plan = roadmap([wall(days=400), wall("cpu", 60, 100, 50, "all cores", "%"), wall(days=200, name="table")], CLOUD, TODAY)
    assert [step.order_by for step in plan.steps] == sorted(step.order_by for step in plan.steps)
    titles = [step.title for step in plan.steps]
    assert len(titles) == len(set(titles))
    assert next(step for step in plan.steps if step.metric == "storage").done_by == TODAY + timedelta(days=200)
    assert plan.first_to_break
    assert plan.first_to_break.metric == "cpu"


@pytest.mark.parametrize(("day", "lead"), [(date.max, None), (date.min, None), (TODAY, 10**9), (date.max, -5)])
def test_dates_at_the_ends_of_the_calendar_are_no_trouble(day: date, lead: int | None) -> None:
    plan = roadmap([WallDate(Limit("storage", "volume", 100, "GB"), day, day)], CLOUD, TODAY, lead_days=lead)
    assert plan.steps
    assert as_markdown(plan)
    assert as_html(plan)


def test_what_is_not_reached_needs_no_step() -> None:
    plan = roadmap([wall(days=None)], CLOUD, TODAY)
    assert plan.steps == ()
    assert plan.quiet == ("Storage: volume",)
    assert len(plan.alerts) == 2
    for text in (as_markdown(plan), as_html(plan)):
        assert "no step is needed" in text


def test_stages_of_the_sizing_become_steps() -> None:
    stages = (Stage(0, shape_named("db.r6g.large")), Stage(6, shape_named("db.r6g.xlarge")), Stage(12, None))
    steps = roadmap([], CLOUD, TODAY, stages).steps
    assert [(step.title, step.done_by) for step in steps] == [("Move to db.r6g.xlarge", date(2027, 5, 25))]


@pytest.mark.parametrize("metric", METRICS)
def test_something_can_be_done_about_every_metric(metric: str) -> None:
    assert roadmap([wall(metric)], CLOUD, TODAY).steps


def test_actions_of_one_engine_stay_with_it() -> None:
    steps = roadmap([wall("transaction_id_age")], SystemContext.of(engine="mysql"), TODAY).steps
    assert "Freeze old rows" not in [step.title for step in steps]
    assert len({action.id for action in actions()}) == len(actions())


def all_alerts() -> list[Alert]:
    metrics = ("storage", "cpu", "memory", "iops", "throughput", "connections", "transaction_id_age", "sequence", "log_rate")
    return list(alerts_for([wall(metric, value=1000, unit="") for metric in metrics]))


def test_alerts_stand_at_80_and_90_percent_of_the_lowest_limit_in_the_metrics_unit() -> None:
    alerts = alerts_for([wall(value=2, unit="TB"), wall(value=3, unit="TB"), wall(value=4000)])
    assert [(alert.severity, alert.threshold, alert.unit) for alert in alerts] == [
        ("warning", 2048 * 0.8, "GB"),
        ("critical", 2048 * 0.9, "GB"),
    ]


def test_cloudwatch_alarms_are_valid_and_agree_with_each_other() -> None:
    codes = {code.system: code for code in alert_code(all_alerts(), CLOUD, "orders")}
    stack = yaml.safe_load(codes["CloudWatch, CloudFormation"].text)
    alarms = {name: resource["Properties"] for name, resource in stack["Resources"].items()}
    commands = codes["CloudWatch, command line"].text.split("\n\n")
    given = [json.loads(shlex.split(command.replace("\\\n", " "))[-1]) for command in commands]
    assert given == list(alarms.values())
    free = alarms["StorageWarningAlarm"]
    # 80 % of 1,000 GB used leaves 200 GB, in bytes.
    assert (free["MetricName"], free["ComparisonOperator"]) == ("FreeStorageSpace", "LessThanOrEqualToThreshold")
    assert free["Threshold"] == pytest.approx(200 * 1024**3)
    assert alarms["IopsCriticalAlarm"]["Metrics"][-1]["Expression"] == "m1+m2"
    assert codes["CloudWatch, Terraform"].text.count('resource "aws_cloudwatch_metric_alarm"') == len(alarms)
    assert codes["CloudWatch, Terraform"].text.count("{") == codes["CloudWatch, Terraform"].text.count("}")
    assert codes["CloudWatch, command line"].left_out == ("sequence", "log_rate")


def test_aurora_watches_its_cluster_volume() -> None:
    code = alert_code([*alerts_for([wall()])], SystemContext.of(service="aurora-mysql"))[0]
    assert "VolumeBytesUsed" in code.text
    assert "DBClusterIdentifier" in code.text


@pytest.mark.parametrize("service", ["azure-postgresql", "azure-sql-database"])
def test_azure_alerts_are_commands_with_shares_where_azure_counts_shares(service: str) -> None:
    code = next(c for c in alert_code(all_alerts(), SystemContext.of(service=service)) if c.system.startswith("Azure"))
    for command in code.text.split("\n\n"):
        words = shlex.split(command.replace("\\\n", " "))
        assert words[:5] == ["az", "monitor", "metrics", "alert", "create"]
    assert "'avg storage_percent >= 80'" in code.text
    assert "'avg storage_percent >= 90'" in code.text


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlserver", "oracle"])
def test_prometheus_rules_parse(engine: str) -> None:
    code = alert_code(all_alerts(), SystemContext.of(engine=engine, deployment="on_premises"))[-1]
    rules = yaml.safe_load(code.text)["groups"][0]["rules"]
    assert len(rules) >= 12
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert " >= " in rule["expr"]
        assert "{instance}" not in rule["expr"]
    assert len({rule["alert"] for rule in rules}) == len(rules)


NASTY = 'x\'; rm -rf / $(id) `id` "${jndi}" | <script>alert(1)</script> ![a](http://b)\n=1+1'


def test_hostile_names_stay_text() -> None:
    plan = roadmap([wall(name=NASTY)], SystemContext.of(service="azure-postgresql"), TODAY)
    codes = [*alert_code(plan.alerts, CLOUD, NASTY), *alert_code(plan.alerts, SystemContext.of(service="azure-postgresql"), NASTY)]
    for code in codes:
        if code.kind == "bash":
            words = shlex.split(code.text.replace("\\\n", " "))
            assert len(words) > 10
            assert not {"rm", "-rf", "$(id)", "`id`"} & set(words)
        if code.kind == "yaml":
            assert yaml.safe_load(code.text)
    page, table = as_html(plan, NASTY), as_markdown(plan, NASTY)
    assert "<script" not in page
    assert "<script" not in table
    assert "![" not in table.replace("!\\[", "")
    rows = list(csv.reader(io.StringIO(as_csv(plan))))
    assert len(rows) == len(plan.steps) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_html_is_whole_and_needs_nothing_from_elsewhere() -> None:
    page = as_html(roadmap([wall(), wall("cpu", 50, 100, 40, "cores", "%")], CLOUD, TODAY))
    opened: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "link", "img", "iframe")
            if tag not in ("meta", "br"):
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Checker().feed(page)
    assert opened == []
    assert "@media print" in page
    assert "http" not in page
