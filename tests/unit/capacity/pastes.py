"""Histories as people paste them: text, and what is to be read from it (name, metric, unit, first and last point)."""

from __future__ import annotations

Point = tuple[str, float]
Expected = tuple[str, str, str, Point, Point]

PASTES: dict[str, tuple[str, list[Expected]]] = {
    "psql": (
        """ day        | database | pg_size_pretty |  size_bytes
------------+----------+----------------+--------------
 2026-01-01 | shop     | 120 GB         | 128849018880
 2026-01-02 | shop     | 121 GB         | 129922760704
 2026-01-01 | crm      | 12 GB          | 12884901888
 2026-01-02 | crm      | 14 GB          | 15032385536
(4 rows)
""",
        [
            ("crm", "storage", "GB", ("2026-01-01", 12.0), ("2026-01-02", 14.0)),
            ("shop", "storage", "GB", ("2026-01-01", 120.0), ("2026-01-02", 121.0)),
        ],
    ),
    "mysql": (
        """+---------------------+---------+
| taken_at            | size_mb |
+---------------------+---------+
| 2026-01-01 00:00:00 |    1024 |
| 2026-01-02 00:00:00 |    2048 |
+---------------------+---------+
2 rows in set (0.00 sec)
""",
        [("size_mb", "storage", "GB", ("2026-01-01", 1.0), ("2026-01-02", 2.0))],
    ),
    "sqlcmd": (
        """database_name  backup_finish_date      backup_size_mb
-------------- ----------------------- --------------
shop           2026-01-01 01:00:00.000        1024.00
shop           2026-01-08 01:00:00.000        2048.00
shop           2026-01-15 01:00:00.000        3072.00

(3 rows affected)
""",
        [("backup_size_mb", "storage", "GB", ("2026-01-01", 1.0), ("2026-01-15", 3.0))],
    ),
    "sqlplus with two pages": (
        """
TABLESPACE_NAME                DAY             USED_GB
------------------------------ ------------ ----------
USERS                          01-JAN-26           120
USERS                          02-JAN-26           121

TABLESPACE_NAME                DAY             USED_GB
------------------------------ ------------ ----------
USERS                          03-JAN-26           124

3 rows selected.
""",
        [("USED_GB", "storage", "GB", ("2026-01-01", 120.0), ("2026-01-03", 124.0))],
    ),
    "semicolons, decimal commas and mixed units": (
        "Datum;Größe\n01.02.2026;1.234,5 GB\n02.02.2026;1.240,0 GB\n13.02.2026;1,5 TB\n",
        [("Größe", "storage", "GB", ("2026-02-01", 1234.5), ("2026-02-13", 1536.0))],
    ),
    "month first with a clock": (
        "date,size\n1/2/2026 12:00 PM,100GB\n1/13/2026 12:00 AM,101GB\n",
        [("size", "storage", "GB", ("2026-01-02", 100.0), ("2026-01-13", 101.0))],
    ),
    "milliseconds since 1970": (
        "ts\tcpu\n1767225600000\t5\n1767312000000\t6\n",
        [("cpu", "cpu", "%", ("2026-01-01", 5.0), ("2026-01-02", 6.0))],
    ),
    "seconds since 1970": (
        "ts\tconnections\n1767225600\t5\n1767312000\t6\n",
        [("connections", "connections", "connections", ("2026-01-01", 5.0), ("2026-01-02", 6.0))],
    ),
    "blanks and a decimal comma": (
        "2026-01-01 100,5\n2026-01-02 101,5\n2026-01-03 105,25\n",
        [("column 2", "other", "", ("2026-01-01", 100.5), ("2026-01-03", 105.25))],
    ),
    "CloudWatch": (
        '{"Label":"VolumeBytesUsed","Datapoints":['
        '{"Timestamp":"2026-01-02T00:00:00+00:00","Maximum":2147483648.0,"Unit":"Bytes"},'
        '{"Timestamp":"2026-01-01T00:00:00Z","Maximum":1073741824.0,"Unit":"Bytes"}]}',
        [("VolumeBytesUsed", "storage", "GB", ("2026-01-01", 1.0), ("2026-01-02", 2.0))],
    ),
    "CloudWatch metric data": (
        '{"MetricDataResults":[{"Id":"m1","Label":"CPUUtilization","Timestamps":["2026-01-02T00:00:00Z","2026-01-01T00:00:00Z"],'
        '"Values":[41.5,40.0]}]}',
        [("CPUUtilization", "cpu", "%", ("2026-01-01", 40.0), ("2026-01-02", 41.5))],
    ),
    "Azure Monitor": (
        '{"value":[{"name":{"value":"storage_percent"},"unit":"Percent","timeseries":[{"data":['
        '{"timeStamp":"2026-01-01T00:00:00Z","average":50.5},{"timeStamp":"2026-01-02T00:00:00Z","average":50.9}]}]}]}',
        [("storage_percent", "storage", "%", ("2026-01-01", 50.5), ("2026-01-02", 50.9))],
    ),
    "Cloud Monitoring": (
        '{"timeSeries":[{"metric":{"type":"cloudsql.googleapis.com/database/cpu/utilization"},"points":['
        '{"interval":{"endTime":"2026-01-02T00:00:00Z"},"value":{"doubleValue":0.5}},'
        '{"interval":{"endTime":"2026-01-01T00:00:00Z"},"value":{"doubleValue":0.25}}]}]}',
        [("cloudsql.googleapis.com/database/cpu/utilization", "cpu", "%", ("2026-01-01", 25.0), ("2026-01-02", 50.0))],
    ),
    "a column for each metric": (
        "date,CPUUtilization,DatabaseConnections,VolumeBytesUsed\n2026-01-01,40,100,1073741824\n2026-01-02,41,110,2147483648\n",
        [
            ("CPUUtilization", "cpu", "%", ("2026-01-01", 40.0), ("2026-01-02", 41.0)),
            ("DatabaseConnections", "connections", "connections", ("2026-01-01", 100.0), ("2026-01-02", 110.0)),
            ("VolumeBytesUsed", "storage", "GB", ("2026-01-01", 1.0), ("2026-01-02", 2.0)),
        ],
    ),
    "Markdown with months": (
        "| month | used GB |\n|---|---|\n| Jan 2026 | 10 |\n| Feb 2026 | 12 |\n| Mar 2026 | 15 |\n",
        [("used GB", "storage", "GB", ("2026-01-01", 10.0), ("2026-03-01", 15.0))],
    ),
    "days of a spreadsheet": (
        "date,size gb\n46023,10\n46054,12\n",
        [("size gb", "storage", "GB", ("2026-01-01", 10.0), ("2026-02-01", 12.0))],
    ),
    "a title, thousands in quotes": (
        'Report for shop\n\nDate,Size (MB)\n2026-01-01,"1,024"\n2026-01-02,"2,048"\n',
        [("Size (MB)", "storage", "GB", ("2026-01-01", 1.0), ("2026-01-02", 2.0))],
    ),
    "pages of 8 KB": (
        "day,size_pages\n2026-01-01,131072\n2026-01-02,262144\n",
        [("size_pages", "storage", "GB", ("2026-01-01", 1.0), ("2026-01-02", 2.0))],
    ),
}
