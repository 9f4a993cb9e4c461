"""bytebase's rules, and ours that find the same.

What an organisation decides for itself is `NOT_OURS`: naming, comments, required columns, what may be used at all.
`SCHEMA` is the database that its tests run on, as its cases speak of it: which columns are indexed decides its rule on functions.
"""

from __future__ import annotations

from dbbuddy.severity import Severity

# Rules over queries and existing DDL.
REVIEW: dict[str, tuple[str, ...]] = {
    "column_auto_increment_initial_value": ("my.auto-increment-start",),
    "column_auto_increment_must_integer": ("my.auto-increment-type",),
    "column_auto_increment_must_unsigned": ("my.auto-increment-signed", "my.auto-increment-type"),
    "column_current_time_count_limit": ("my.on-update-twice",),
    "column_disallow_set_charset": ("my.column-charset",),
    "column_maximum_character_length": ("ddl.char-n",),
    "column_maximum_varchar_length": ("ddl.varchar-long",),
    "column_no_null": ("ddl.nullable-column",),
    "column_require_default": ("ddl.no-default",),
    "column_set_default_for_not_null": ("ddl.no-default",),
    "engine_mysql_use_innodb": ("my.engine",),
    "index_key_number_limit": ("idx.too-wide", "ddl.pk-too-wide"),
    "index_no_duplicate_column": ("idx.column-twice",),
    "index_pk_type_limit": ("ddl.text-pk", "ddl.random-uuid-clustered"),
    "index_primary_key_type_allowlist": ("ddl.text-pk", "ddl.random-uuid-clustered"),
    "index_total_number_limit": ("idx.too-many",),
    "index_type_no_blob": ("idx.lob-key",),
    "statement_disallow_limit": ("dml.limit-without-order",),
    "statement_disallow_order_by": ("dml.order-by", "dml.limit-without-order"),
    "statement_disallow_truncate": ("dml.truncate",),
    "statement_disallow_cross_db_queries": ("join.cross-database",),
    "statement_insert_disallow_order_by_rand": ("sort.random",),
    "statement_insert_must_specify_column": ("dml.insert-no-columns",),
    "statement_insert_row_limit": ("dml.bulk-values",),
    "statement_select_no_select_all": ("proj.select-star",),
    "statement_where_disallow_functions_and_calculations": ("pred.func-on-column", "pred.arith-on-column", "pred.date-func-range"),
    "statement_where_maximum_logical_operator_count": ("pred.huge-in-list",),
    "statement_where_no_equal_null": ("pred.null-comparison",),
    "statement_where_no_leading_wildcard_like": ("pred.leading-wildcard",),
    "statement_where_require_select": ("proj.no-where",),
    "statement_where_require_update_delete": ("dml.no-where",),
    "system_charset_allowlist": ("my.utf8mb3", "my.column-charset", "my.charset-convert"),
    "system_collation_allowlist": ("my.collation", "my.column-charset", "my.utf8mb3"),
    "table_disallow_trigger": ("ddl.trigger",),
    "table_no_duplicate_index": ("idx.duplicate", "idx.redundant-prefix"),
    "table_no_foreign_key": ("ddl.foreign-key",),
    "table_require_pk": ("ddl.no-pk", "migration.drop-primary-key"),
}

# Rules over changes of a schema.
MIGRATION: dict[str, tuple[str, ...]] = {
    "builtin_prior_backup_check": ("txn.ddl-mixed-dml",),
    "column_default_disallow_volatile": ("pg.volatile-default",),
    "column_disallow_change_type": (
        "pg.type-change",
        "my.alter-copies-table",
        "my.alter-rebuilds-table",
        "my.modify-loses-attributes",
    ),
    "column_disallow_changing_order": ("my.column-order",),
    "column_disallow_drop_in_index": ("my.drop-indexed-column",),
    "database_drop_empty_database": ("migration.drop-database",),
    "index_create_concurrently": ("pg.index-not-concurrent",),
    "schema_backward_compatibility": (
        "migration.drop-column",
        "migration.drop-table",
        "migration.rename-column",
        "migration.rename-table",
        "migration.drop-database",
        "pg.type-change",
        "my.alter-copies-table",
        "my.modify-loses-attributes",
        "idx.unique-check",
        "pg.check-not-valid",
        "pg.fk-not-valid",
        "pg.unique-constraint",
        "pg.primary-key-constraint",
        "pg.set-not-null",
        "ms.alter-column-rewrites",
        "ms.constraint-scan",
        "ms.key-not-online",
        "ms.nocheck-untrusted",
    ),
    "statement_add_foreign_key_not_valid": ("pg.fk-not-valid",),
    "statement_disallow_add_column_with_default": ("pg.volatile-default", "pg.default-rewrites-before-11"),
    "statement_disallow_add_not_null": ("pg.set-not-null",),
    "statement_disallow_mix_in_ddl": ("txn.ddl-mixed-dml",),
    "statement_disallow_mix_in_dml": ("txn.ddl-mixed-dml",),
    "statement_disallow_on_del_cascade": ("migration.on-delete-cascade",),
    "statement_disallow_rm_tbl_cascade": ("migration.drop-cascade", "migration.truncate-cascade"),
    "statement_merge_alter_table": ("migration.several-alters",),
    "statement_non_transactional": ("pg.not-in-transaction", "pg.concurrently-in-transaction"),
    "statement_require_algorithm_option": ("my.no-algorithm",),
    "statement_require_lock_option": ("my.no-algorithm",),
    "table_disallow_partition": (),
    "table_disallow_set_charset": ("my.charset-convert", "my.default-charset-only"),
}

NOT_OURS: dict[str, str] = {
    "column_comment": "comments",
    "column_required": "an organisation's own columns",
    "column_type_disallow_list": "an organisation's own list of types",
    "hello_world": "a test of their tests",
    "index_type_allow_list": "an organisation's own list",
    "naming": "naming",
    "statement_affected_row_limit": "needs the database",
    "statement_check_set_role_variable": "their product's own role",
    "statement_create_specify_schema": "naming",
    "statement_disallow_commit": "their product's own transactions",
    "statement_dml_dry_run": "needs the database",
    "statement_max_execution_time": "an organisation's own setting",
    "statement_object_owner_check": "needs the database",
    "system_comment_length": "comments",
    "system_function_disallow_create": "policy",
    "system_function_disallowed_list": "policy",
    "system_procedure_disallow_create": "policy",
    "system_view_disallow_create": "policy",
    "table_comment": "comments",
    "table_disallow_dml": "policy",
    "table_drop_naming_convention": "naming",
    "table_disallow_partition": "policy",
    "statement_disallow_mix_in_ddl": "their product's own kinds of change: the script alone does not say which it is",
    "statement_disallow_mix_in_dml": "their product's own kinds of change: the script alone does not say which it is",
    "builtin_prior_backup_check": "their product's own backup",
    "column_auto_increment_initial_value": "a value of the organisation's own",
}

THRESHOLDS: dict[str, dict[str, float]] = {
    "index_total_number_limit": {"idx.too-many": 5},
    "statement_insert_row_limit": {"dml.bulk-values": 5},
    "statement_where_maximum_logical_operator_count": {"pred.huge-in-list": 2},
}

# What counts as found, where a rule of ours tells more cases apart by severity: an index that is known to be lost is `high`.
LEVELS: dict[str, Severity] = {"statement_where_disallow_functions_and_calculations": "high"}

ENGINES = {"mysql": "mysql", "pg": "postgresql", "oracle": "oracle", "mssql": "sqlserver"}

SCHEMA: dict[str, str] = {
    "mysql": """
        CREATE TABLE tech_book (id int PRIMARY KEY, name varchar(255), creator varchar(255), INDEX idx_name (id, name));
        CREATE TABLE orders (order_id int PRIMARY KEY, customer_name varchar(255), amount int, note varchar(255), id int,
          INDEX (customer_name), INDEX (amount));
    """.replace("id int,\n          INDEX", "\n          INDEX"),
    "postgresql": """
        CREATE TABLE tech_book (id int, name varchar(255), creator varchar(255));
        CREATE INDEX idx_book ON tech_book (id, name); CREATE INDEX idx_creator ON tech_book (id);
        CREATE TABLE orders (order_id int PRIMARY KEY, customer_name varchar(255), amount int, note varchar(255));
        CREATE INDEX o1 ON orders (customer_name); CREATE INDEX o2 ON orders (amount);
        CREATE TABLE products (product_id int PRIMARY KEY, title varchar(255), price int);
        CREATE INDEX p1 ON products (title); CREATE INDEX p2 ON products (price);
        CREATE TABLE no_index_table (col_a int, col_b int); CREATE TABLE insert_target (id int, name text);
    """,
    "oracle": """
        CREATE TABLE tech_book (id NUMBER, name VARCHAR2(255), creator VARCHAR2(255));
        CREATE INDEX b1 ON tech_book (id, name);
        CREATE TABLE orders (order_id NUMBER PRIMARY KEY, customer_name VARCHAR2(255), amount NUMBER, note VARCHAR2(255));
        CREATE INDEX o1 ON orders (customer_name); CREATE INDEX o2 ON orders (amount);
        CREATE TABLE products (product_id NUMBER PRIMARY KEY, title VARCHAR2(255), price NUMBER);
        CREATE INDEX p2 ON products (price);
        CREATE TABLE no_index_table (col_a NUMBER, col_b VARCHAR2(20)); CREATE TABLE insert_target (id NUMBER, name VARCHAR2(255));
    """,
    "sqlserver": """
        CREATE TABLE pokes (c1 int, c10 int, foo int, bar int);
        CREATE INDEX k1 ON pokes (c1, c10); CREATE TABLE pokes2 (c1 int, foo int);
        CREATE TABLE sales.orders (order_id int, customer_id int); CREATE INDEX k2 ON sales.orders (customer_id);
    """,
}
