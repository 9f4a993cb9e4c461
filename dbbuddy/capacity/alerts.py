"""Alert thresholds as code: CloudWatch (command line, Terraform, CloudFormation), Azure Monitor and Prometheus."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2
import yaml
from pydantic import BaseModel, ConfigDict

from dbbuddy.capacity.catalogue import service_of
from dbbuddy.capacity.metric import Metric
from dbbuddy.context import SystemContext
from dbbuddy.data_files import load_yaml

# A peak that lasts this long is no blip: three periods of five minutes.
PERIOD_SECONDS = 300
PERIODS = 3
_UNSAFE = re2.compile(r"[^A-Za-z0-9_.:-]")


@dataclass(frozen=True)
class Alert:
    """When to be told: a metric, its limit and the value to be told at, in the metric's unit; `severity` as Prometheus says."""

    metric: Metric
    limit: float
    threshold: float
    unit: str
    severity: str
    reason: str


@dataclass(frozen=True)
class AlertCode:
    """One monitoring system's text: what it is, the kind of code, the text, and metrics it can not watch."""

    system: str
    kind: str
    text: str
    left_out: tuple[Metric, ...]


class _CloudWatch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...]
    free: bool = False
    factor: float = 1
    dimension: str
    statistic: str

    def value(self, alert: Alert) -> float:
        """The threshold in CloudWatch's unit: what is left where the metric counts what is free."""
        return (alert.limit - alert.threshold if self.free else alert.threshold) * self.factor

    @property
    def comparison(self) -> str:
        return "LessThanOrEqualToThreshold" if self.free else "GreaterThanOrEqualToThreshold"


class _Azure(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    percent: bool = False


class _Prometheus(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    expr: str
    exporter: str


class _Names(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    cloudwatch: dict[str, _CloudWatch]
    azure: dict[str, _Azure]
    azure_sql: dict[str, _Azure]
    prometheus: dict[str, dict[str, _Prometheus]]


@cache
def _names() -> _Names:
    return _Names.model_validate(load_yaml("capacity/alerts.yaml"))


def alert_code(alerts: Sequence[Alert], context: SystemContext, instance: str = "my-database") -> tuple[AlertCode, ...]:
    """The alerts for every monitoring system that fits the context: those of its cloud, and Prometheus always."""
    name = _UNSAFE.sub("-", instance)[:60] or "my-database"
    codes = []
    if alerts and context.completed().cloud == "aws":
        codes += _cloudwatch_all(alerts, context, name)
    if alerts and context.completed().cloud == "azure":
        codes.append(_azure_code(alerts, context, name))
    if alerts:
        codes.append(_prometheus_code(alerts, context, name))
    return tuple(codes)


def _of_cloudwatch(alert: Alert, context: SystemContext) -> _CloudWatch | None:
    aurora = (service_of(context) or "").startswith("aurora")
    key = "storage_aurora" if aurora and alert.metric == "storage" else alert.metric
    return _names().cloudwatch.get(key)


def _cloudwatch_all(alerts: Sequence[Alert], context: SystemContext, instance: str) -> list[AlertCode]:
    known = [(alert, found) for alert in alerts if (found := _of_cloudwatch(alert, context))]
    left_out = tuple(dict.fromkeys(alert.metric for alert in alerts if not _of_cloudwatch(alert, context)))
    resources = {_logical(alert): _alarm(alert, found, instance) for alert, found in known}
    command = "aws cloudwatch put-metric-alarm --alarm-actions arn:aws:sns:REGION:ACCOUNT:my-topic \\\n  --cli-input-json "
    cli = "\n\n".join(command + shlex.quote(json.dumps(alarm)) for alarm in resources.values())
    stack = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Capacity alarms of {instance}",
        "Resources": {name: {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm} for name, alarm in resources.items()},
    }
    return [
        AlertCode("CloudWatch, command line", "bash", cli, left_out),
        AlertCode("CloudWatch, CloudFormation", "yaml", yaml.safe_dump(stack, sort_keys=False, width=120), left_out),
        AlertCode(
            "CloudWatch, Terraform", "hcl", "\n\n".join(_terraform(name, alarm) for name, alarm in resources.items()), left_out
        ),
    ]


def _alarm(alert: Alert, found: _CloudWatch, instance: str) -> dict[str, Any]:
    dimensions = [{"Name": found.dimension, "Value": instance}]
    alarm: dict[str, Any] = {
        "AlarmName": f"{instance}-{alert.metric}-{alert.severity}",
        "AlarmDescription": alert.reason,
        "ComparisonOperator": found.comparison,
        "Threshold": round(found.value(alert), 3),
        "EvaluationPeriods": PERIODS,
        "TreatMissingData": "missing",
    }
    if len(found.names) == 1:
        one = {"Namespace": "AWS/RDS", "MetricName": found.names[0], "Dimensions": dimensions}
        return alarm | one | {"Statistic": found.statistic, "Period": PERIOD_SECONDS}
    parts = [
        {
            "Id": f"m{number}",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/RDS", "MetricName": name, "Dimensions": dimensions},
                "Period": PERIOD_SECONDS,
                "Stat": found.statistic,
            },
        }
        for number, name in enumerate(found.names, 1)
    ]
    total = {"Id": "total", "Expression": "+".join(str(part["Id"]) for part in parts), "Label": alert.metric, "ReturnData": True}
    return alarm | {"Metrics": [*parts, total]}


def _logical(alert: Alert) -> str:
    return "".join(word.capitalize() for word in f"{alert.metric}_{alert.severity}".split("_")) + "Alarm"


def _terraform(name: str, alarm: dict[str, Any]) -> str:
    """One resource block; attribute names are CloudFormation's in snake case."""
    lines = [f'resource "aws_cloudwatch_metric_alarm" "{_snake(name)}" {{']
    for key, value in alarm.items():
        if key == "Dimensions":
            lines += ["  dimensions = {", *(f"    {d['Name']} = {json.dumps(d['Value'])}" for d in value), "  }"]
        elif key == "Metrics":
            lines += [line for query in value for line in _metric_query(query)]
        else:
            # Terraform would take these for templates.
            lines.append(f"  {_snake(key)} = {json.dumps(value).replace('${', '$${').replace('%{', '%%{')}")
    return "\n".join([*lines, '  alarm_actions = ["arn:aws:sns:REGION:ACCOUNT:my-topic"]', "}"])


def _metric_query(query: dict[str, Any]) -> list[str]:
    lines = ["  metric_query {", f'    id = "{query["Id"]}"', f"    return_data = {json.dumps(query['ReturnData'])}"]
    if "Expression" in query:
        return [*lines, f'    expression = "{query["Expression"]}"', f'    label = "{query["Label"]}"', "  }"]
    stat = query["MetricStat"]
    dimensions = [f"        {d['Name']} = {json.dumps(d['Value'])}" for d in stat["Metric"]["Dimensions"]]
    return [
        *lines,
        "    metric {",
        '      namespace = "AWS/RDS"',
        f'      metric_name = "{stat["Metric"]["MetricName"]}"',
        f"      period = {stat['Period']}",
        f'      stat = "{stat["Stat"]}"',
        "      dimensions = {",
        *dimensions,
        "      }",
        "    }",
        "  }",
    ]


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")


_AZURE_SCOPES = {
    "azure-postgresql": "Microsoft.DBforPostgreSQL/flexibleServers/{name}",
    "azure-mysql": "Microsoft.DBforMySQL/flexibleServers/{name}",
    "azure-sql-database": "Microsoft.Sql/servers/my-server/databases/{name}",
    "azure-sql-managed-instance": "Microsoft.Sql/managedInstances/{name}",
}


def _azure_code(alerts: Sequence[Alert], context: SystemContext, instance: str) -> AlertCode:
    service = service_of(context) or ""
    names = _names().azure_sql if service.startswith("azure-sql") else _names().azure
    scope = _AZURE_SCOPES.get(service, "PROVIDER/TYPE/{name}").format(name=instance)
    blocks, left_out = [], []
    for alert in alerts:
        found = names.get(alert.metric)
        if found is None:
            left_out.append(alert.metric)
            continue
        threshold = 100 * alert.threshold / alert.limit if found.percent else alert.threshold
        blocks.append(
            f"az monitor metrics alert create --name {instance}-{alert.metric}-{alert.severity} --resource-group my-group \\\n"
            f"  --scopes /subscriptions/SUBSCRIPTION/resourceGroups/my-group/providers/{scope} \\\n"
            f"  --condition 'avg {found.name} >= {threshold:.6g}' --window-size 15m --evaluation-frequency 5m \\\n"
            f"  --severity {1 if alert.severity == 'critical' else 2} --action my-action-group \\\n"
            f"  --description {shlex.quote(alert.reason)}"
        )
    return AlertCode("Azure Monitor, command line", "bash", "\n\n".join(blocks), tuple(dict.fromkeys(left_out)))


def _prometheus_code(alerts: Sequence[Alert], context: SystemContext, instance: str) -> AlertCode:
    by_engine = _names().prometheus
    known = by_engine["any"] | by_engine.get(context.engine or "", {})
    rules: list[dict[str, Any]] = []
    left_out = []
    for alert in alerts:
        found = known.get(alert.metric)
        if found is None:
            left_out.append(alert.metric)
            continue
        rules.append(
            {
                "alert": f"Database{_logical(alert).removesuffix('Alarm')}",
                "expr": f"{found.expr.replace('{instance}', instance)} >= {alert.threshold:.10g}",
                "for": f"{PERIOD_SECONDS * PERIODS // 60}m",
                "labels": {"severity": alert.severity},
                "annotations": {"summary": alert.reason, "source": found.exporter},
            }
        )
    text = yaml.safe_dump({"groups": [{"name": f"capacity-{instance}", "rules": rules}]}, sort_keys=False, width=160)
    return AlertCode("Prometheus rules", "yaml", text, tuple(dict.fromkeys(left_out)))
