"""Plans of MySQL written for the tests, and the forms in which clients and people hand a tree on."""

from __future__ import annotations

import json

TREE = """-> Limit: 5 row(s)  (cost=9.69e+6 rows=5) (actual time=632e-6..12.5 rows=5 loops=1)
    -> Nested loop inner join  (cost=40.5 rows=100) (actual time=0.5..12.4 rows=100 loops=1)
        -> Filter: ((o.total > 5) and (o.note = '-> it''s (cost=1 rows=2)'))  (cost=10.2 rows=33) (actual time=0.1..4.5 rows=100 loops=1)
            -> Table scan on o  (cost=10.2 rows=200) (actual time=0.1..3.5 rows=200 loops=1)
        -> Single-row index lookup on c using PRIMARY (id=o.customer_id)  (cost=0.25 rows=1) (actual time=0.01..0.012 rows=1 loops=100)
-> Select #2 (subquery in projection; dependent)
    -> Aggregate: max(i.x)  (cost=0.5..1 rows=1) (actual time=0.04..0.05 rows=1 loops=5)
        -> Index lookup on i using k (a=o.id), with index condition: (i.b > 3)  (cost=0.5 rows=2) (never executed)
"""
HASH = """-> Inner hash join (o.customer_id = c.id)  (cost=501 rows=5000)
    -> Table scan on o  (cost=10.1 rows=10000)
    -> Hash
        -> Index range scan on c using country over ('a' <= country <= 'b') OR ('x' < country)  (cost=5.1 rows=50)
"""


def framed(tree: str) -> str:
    width = max(len(line) for line in tree.split("\n")) + 2
    rule = "+" + "-" * (width + 2) + "+"
    return f"{rule}\n| EXPLAIN{' ' * (width - 6)}|\n{rule}\n| {tree} |\n{rule}\n1 row in set (0.01 sec)\n"


def boxed(tree: str) -> str:
    lines = tree.rstrip("\n").split("\n")
    width = max(len(line) for line in lines)
    rule = "+" + "-" * (width + 2) + "+"
    body = [f"| {line:<{width}} |" for line in ["EXPLAIN", *lines]]
    return "\n".join([rule, body[0], rule, *body[1:], rule, "1 row in set"])


def flat(tree: str) -> str:
    return "\n".join(line.strip() for line in tree.split("\n"))


FORMS = {
    "plain": lambda tree: tree,
    "batch": lambda tree: "EXPLAIN\n" + tree.replace("\\", "\\\\").replace("\n", "\\n"),
    "raw": lambda tree: "EXPLAIN\n" + tree,
    "client": lambda tree: "mysql> EXPLAIN ANALYZE SELECT *\n    -> FROM orders o\n    -> WHERE 1;\n" + framed(tree),
    "boxed": boxed,
    "vertical": lambda tree: (
        "*************************** 1. row ***************************\nEXPLAIN: " + tree + "\n1 row in set (0,00 sec)"
    ),
    "workbench": lambda tree: "'" + tree.replace("'", "''") + "'\n",
    "double quotes": lambda tree: '"EXPLAIN"\n"' + tree.replace('"', '""') + '"\n',
    "driver": lambda tree: json.dumps([{"EXPLAIN": tree}]),
    "one line": lambda tree: tree.replace("\n", " "),
    "one line, spaces lost": lambda tree: " ".join(tree.split()),
    "indentation lost": flat,
    "first arrow lost": lambda tree: tree[3:],
    "first arrow and indentation lost": lambda tree: flat(tree[3:]),
    "double spaced": lambda tree: tree.replace("\n", "\n\n"),
    "quoted in a mail": lambda tree: "\n".join("> " + line for line in tree.split("\n")),
    "commented": lambda tree: "\n".join("-- " + line for line in tree.split("\n")),
    "windows": lambda tree: tree.replace("\n", "\r\n"),
    "fenced": lambda tree: "```\n" + tree + "```\n",
}

V1 = """{
  "query_block": {
    "select_id": 1,
    "cost_info": {
      "query_cost": "1505.50"
    } /* cost_info */,
    "ordering_operation": {
      "using_filesort": true,
      "cost_info": {
        "sort_cost": "500.00"
      } /* cost_info */,
      "nested_loop": [
        {
          "table": {
            "table_name": "o",
            "access_type": "ALL",
            "possible_keys": [
              "customer_id"
            ] /* possible_keys */,
            "rows_examined_per_scan": 5000,
            "rows_produced_per_join": 500,
            "filtered": "10.00",
            "cost_info": {
              "read_cost": "455.25",
              "eval_cost": "50.00",
              "prefix_cost": "505.25",
              "data_read_per_join": "140K"
            } /* cost_info */,
            "attached_condition": "(`shop`.`o`.`status` = 'a } /* b */ \\\\' {')",
            "attached_subqueries": [
              {
                "dependent": true,
                "cacheable": false,
                "query_block": {
                  "select_id": 2,
                  "cost_info": {
                    "query_cost": "0.35"
                  } /* cost_info */,
                  "table": {
                    "table_name": "i",
                    "access_type": "ref",
                    "key": "order_id",
                    "rows_examined_per_scan": 2,
                    "filtered": "100.00",
                    "cost_info": {
                      "read_cost": "0.25",
                      "eval_cost": "0.10"
                    } /* cost_info */
                  } /* table */
                } /* query_block */
              }
            ] /* attached_subqueries */
          } /* table */
        },
        {
          "table": {
            "table_name": "c",
            "access_type": "eq_ref",
            "key": "PRIMARY",
            "rows_examined_per_scan": 1,
            "rows_produced_per_join": 500,
            "filtered": "100.00",
            "cost_info": {
              "read_cost": "450.00",
              "eval_cost": "50.00",
              "prefix_cost": "1005.25"
            } /* cost_info */
          } /* table */
        }
      ] /* nested_loop */
    } /* ordering_operation */
  } /* query_block */
}
"""

V2 = {
    "query": "/* select#1 */ select ...",
    "query_plan": {
        "inputs": [
            {"operation": "Table scan on o", "table_name": "orders", "alias": "o", "schema_name": "shop", "access_type": "table",
             "estimated_rows": 10000.0, "estimated_total_cost": 10.1, "actual_rows": 10000.0, "actual_loops": 1,
             "actual_first_row_ms": 0.1, "actual_last_row_ms": 4.0},
            {"heading": "Hash", "operation": "Table scan on c", "table_name": "customers", "alias": "c", "schema_name": "shop",
             "access_type": "table", "estimated_rows": 50.0, "estimated_total_cost": 5.1, "actual_rows": 50.0, "actual_loops": 1,
             "actual_first_row_ms": 0.1, "actual_last_row_ms": 1.0},
        ],
        "operation": "Inner hash join (o.customer_id = c.id)", "access_type": "join", "join_algorithm": "hash",
        "hash_condition": ["(o.customer_id = c.id)"], "estimated_rows": 5000.0, "estimated_total_cost": 501.0,
        "actual_rows": 5000.0, "actual_loops": 1, "actual_first_row_ms": 1.2, "actual_last_row_ms": 9.0,
    },
    "query_type": "select",
    "json_schema_version": "2.0",
}  # fmt: skip

TABLE = """\
+----+--------------------+------------+------------+--------+---------------+---------+---------+---------------+-------+----------+----------------------------------------------------+
| id | select_type        | table      | partitions | type   | possible_keys | key     | key_len | ref           | rows  | filtered | Extra                                              |
+----+--------------------+------------+------------+--------+---------------+---------+---------+---------------+-------+----------+----------------------------------------------------+
|  1 | PRIMARY            | <derived2> | NULL       | ALL    | NULL          | NULL    | NULL    | NULL          | 20000 |   100.00 | Using temporary; Using filesort                    |
|  1 | PRIMARY            | c          | NULL       | eq_ref | PRIMARY       | PRIMARY | 4       | d.customer_id |     1 |   100.00 | Using where                                        |
|  4 | DEPENDENT SUBQUERY | i          | NULL       | ref    | order_id      | key|x   | 5       | shop.c.id     |     2 |   100.00 | Using index                                        |
|  2 | DERIVED            | o          | NULL       | ALL    | NULL          | NULL    | NULL    | NULL          | 20000 |    50.00 | Using where                                        |
|  3 | UNION              | p          | NULL       | ALL    | NULL          | NULL    | NULL    | NULL          |   100 |   100.00 | NULL                                               |
| NULL | UNION RESULT     | <union2,3> | NULL       | ALL    | NULL          | NULL    | NULL    | NULL          |  NULL |     NULL | Using temporary                                    |
+----+--------------------+------------+------------+--------+---------------+---------+---------+---------------+-------+----------+----------------------------------------------------+
6 rows in set, 1 warning (0.00 sec)

mysql> SHOW WARNINGS;
+-------+------+----------------------+
| Level | Code | Message              |
+-------+------+----------------------+
| Note  | 1003 | /* select#1 */ select 1 |
+-------+------+----------------------+
1 row in set (0.00 sec)
"""
