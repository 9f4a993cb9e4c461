"""The proposed parameters as text that can be run or put into a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from dbbuddy.capacity.parameters.managed import Managed, Tool
from dbbuddy.capacity.parameters.setting import Parameter
from dbbuddy.context import Engine


def ready_text(parameters: Sequence[Parameter], engine: Engine, managed: Managed | None) -> tuple[str, str]:
    """The text, and the kind of code it is (`ini`, `sql`, `bash`), without what the service sets itself."""
    ours = [parameter for parameter in parameters if not parameter.service_note]
    if not ours:
        return "# Nothing to set: the service decides all of these itself.", "bash"
    if managed:
        return _TOOLS[managed.tool](ours), "sql" if managed.tool in ("azure_sql", "sp_configure") else "bash"
    if engine == "postgresql":
        return "\n".join(f"{p.name} = {_quoted(p)}" for p in ours), "ini"
    if engine in ("mysql", "mariadb"):
        return "\n".join(["[mysqld]", *(f"{p.name} = {p.shown}" for p in ours)]), "ini"
    return (_sp_configure(ours) if engine == "sqlserver" else _alter_system(ours)), "sql"


def _quoted(parameter: Parameter) -> str:
    return f"'{parameter.shown}'" if isinstance(parameter.value, str) else parameter.shown


def _sp_configure(parameters: Sequence[Parameter]) -> str:
    lines = ["EXEC sys.sp_configure N'show advanced options', 1;", "RECONFIGURE;"]
    files = 0
    for parameter in parameters:
        if parameter.name == "tempdb data files":
            files = int(parameter.value)
        else:
            lines.append(f"EXEC sys.sp_configure N'{parameter.name}', {parameter.shown};")
    lines.append("RECONFIGURE;")
    if files:
        lines += [
            f"-- tempdb should have {files} data files of one size. How many are there?",
            "SELECT name, physical_name, size / 128 AS size_mb, growth FROM tempdb.sys.database_files WHERE type = 0;",
            "-- For each that is missing (own path and size):",
            "-- ALTER DATABASE tempdb ADD FILE (NAME = tempdev2, FILENAME = N'T:\\tempdb2.ndf', SIZE = 1GB, FILEGROWTH = 256MB);",
        ]
    return "\n".join(lines)


def _alter_system(parameters: Sequence[Parameter]) -> str:
    lines = ["-- Keep a copy of what is set now: CREATE PFILE='/tmp/init_before.ora' FROM SPFILE;"]
    lines.append("-- If memory_max_target is set: ALTER SYSTEM RESET memory_max_target SCOPE=SPFILE SID='*';")
    lines += [f"ALTER SYSTEM SET {p.name} = {_quoted(p)} SCOPE=SPFILE;" for p in parameters]
    return "\n".join([*lines, "-- Then restart the instance: SHUTDOWN IMMEDIATE, STARTUP."])


def _rds(parameters: Sequence[Parameter], cluster: bool = False) -> str:
    command = "modify-db-cluster-parameter-group" if cluster else "modify-db-parameter-group"
    option = "--db-cluster-parameter-group-name" if cluster else "--db-parameter-group-name"
    blocks = []
    # The command takes 20 parameters at a time.
    for start in range(0, len(parameters), 20):
        lines = [f"aws rds {command} {option} my-group \\", "  --parameters \\"]
        lines += [
            f'  "ParameterName={p.name.lower()},ParameterValue={p.base},ApplyMethod={_method(p)}" \\'
            for p in parameters[start : start + 20]
        ]
        lines[-1] = lines[-1].removesuffix(" \\")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _method(parameter: Parameter) -> str:
    return "pending-reboot" if parameter.restart else "immediate"


def _flags(parameters: Sequence[Parameter]) -> str:
    return ",".join(f"{parameter.name.lower()}={parameter.base}" for parameter in parameters)


def _gcloud(parameters: Sequence[Parameter]) -> str:
    return f'gcloud sql instances patch my-instance \\\n  --database-flags="{_flags(parameters)}"'


def _alloydb(parameters: Sequence[Parameter]) -> str:
    command = "gcloud alloydb instances update my-instance --cluster=my-cluster --region=my-region"
    return f'{command} \\\n  --database-flags="{_flags(parameters)}"'


def _azure(kind: str, parameters: Sequence[Parameter]) -> str:
    command = f"az {kind} flexible-server parameter set --resource-group my-group --server-name my-server"
    return "\n".join(f"{command} --name {parameter.name} --value {parameter.base}" for parameter in parameters)


def _azure_sql(parameters: Sequence[Parameter]) -> str:
    names = {"max degree of parallelism": "MAXDOP", "optimize for ad hoc workloads": "OPTIMIZE_FOR_AD_HOC_WORKLOADS"}
    lines = []
    for parameter in parameters:
        name = names.get(parameter.name)
        value = parameter.shown if name == "MAXDOP" else "ON" if parameter.value else "OFF"
        if name:
            lines.append(f"ALTER DATABASE SCOPED CONFIGURATION SET {name} = {value};")
    return "\n".join(lines)


_TOOLS: dict[Tool, Callable[[Sequence[Parameter]], str]] = {
    "rds": _rds,
    "rds_cluster": partial(_rds, cluster=True),
    "gcloud": _gcloud,
    "alloydb": _alloydb,
    "azure_postgresql": partial(_azure, "postgres"),
    "azure_mysql": partial(_azure, "mysql"),
    "azure_sql": _azure_sql,
    "sp_configure": _sp_configure,
}
