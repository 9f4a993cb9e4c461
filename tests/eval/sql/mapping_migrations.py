"""Which of our rules stand for a rule of squawk and of eugene; and the labels that are not ours, each with the reason."""

from __future__ import annotations

SQUAWK: dict[str, tuple[str, ...]] = {
    "adding-field-with-default": ("pg.volatile-default", "pg.default-rewrites-before-11", "pg.add-stored-generated"),
    "adding-foreign-key-constraint": ("pg.fk-not-valid",),
    "adding-not-nullable-field": ("pg.set-not-null",),
    "adding-primary-key-constraint": ("pg.primary-key-constraint", "pg.add-serial"),
    "adding-required-field": ("pg.add-required-column",),
    "adding-serial-primary-key-field": ("pg.primary-key-constraint", "pg.add-serial"),
    "ban-alter-domain-with-add-constraint": ("pg.domain-add-constraint",),
    "ban-char-field": ("ddl.char-n",),
    "ban-concurrent-index-creation-in-transaction": ("pg.concurrently-in-transaction",),
    "ban-create-domain-with-constraint": ("pg.domain-with-constraint",),
    "ban-drop-column": ("migration.drop-column",),
    "ban-drop-database": ("migration.drop-database",),
    "ban-drop-not-null": ("migration.drop-not-null",),
    "ban-drop-table": ("migration.drop-table",),
    "ban-duplicate-column-assignments": ("dml.duplicate-assignment",),
    "ban-truncate-cascade": ("migration.truncate-cascade",),
    "ban-uncommitted-transaction": ("txn.begin-no-commit",),
    "changing-column-type": ("pg.type-change",),
    "constraint-missing-not-valid": ("pg.fk-not-valid", "pg.check-not-valid", "pg.validate-in-same-transaction"),
    "disallowed-unique-constraint": ("pg.unique-constraint",),
    "identifier-too-long": ("pg.identifier-too-long",),
    "prefer-bigint-over-int": ("ddl.int-pk",),
    "prefer-bigint-over-smallint": ("ddl.int-pk", "ddl.small-int"),
    "prefer-identity": ("pg.serial",),
    "prefer-repack": ("pg.vacuum-full",),
    "prefer-robust-stmts": ("pg.not-rerunnable",),
    "prefer-text-field": ("pg.varchar-n",),
    "prefer-timestamp-tz": ("pg.timestamp-no-tz",),
    "renaming-column": ("migration.rename-column",),
    "renaming-table": ("migration.rename-table",),
    "require-concurrent-index-creation": ("pg.index-not-concurrent",),
    "require-concurrent-index-deletion": ("pg.drop-index-not-concurrent",),
    "require-concurrent-partition-detach": ("pg.detach-not-concurrent",),
    "require-concurrent-reindex": ("pg.reindex-not-concurrent",),
    "require-concurrent-refresh-materialized-view": ("pg.refresh-not-concurrent",),
    "require-enum-value-ordering": ("pg.enum-value-order",),
    "require-lock-timeout": ("pg.no-lock-timeout",),
    "require-statement-timeout": ("pg.no-lock-timeout",),
    "require-timeout-settings": ("pg.no-lock-timeout",),
    "transaction-nesting": ("pg.nested-transaction", "pg.transaction-not-open"),
}

EUGENE: dict[str, tuple[str, ...]] = {
    "E1": ("pg.check-not-valid", "pg.fk-not-valid"),
    "E2": ("pg.set-not-null",),
    "E3": ("pg.json-column",),
    "E4": ("pg.work-under-exclusive-lock",),
    "E5": ("pg.type-change",),
    "E6": ("pg.index-not-concurrent",),
    "E7": ("pg.unique-constraint",),
    "E8": ("pg.exclusion-constraint",),
    "E9": ("pg.no-lock-timeout",),
    "E10": ("pg.work-under-exclusive-lock",),
    "E11": ("pg.add-serial", "pg.add-stored-generated"),
    "E15": ("migration.fk-unindexed",),
    "W12": ("migration.several-alters",),
    "W13": ("pg.create-enum",),
    "W14": ("pg.pk-using-index-nullable",),
}

# Policies of one team that say nothing about the statement's safety; we have no rule for them.
NOT_OURS: dict[str, str] = {"require-table-schema": "whether names carry a schema is a convention; search_path may be meant"}

# Labels we do not follow, with the reason.
DISAGREE: dict[str, str] = {
    "require-timeout-settings": "COMMENT ON takes SHARE UPDATE EXCLUSIVE, behind which no reader or writer waits",
    "prefer-bigint-over-smallint": "one rule of ours covers every key that is smaller than bigint",
    "column_default_disallow_volatile": "now() is stable: PostgreSQL evaluates it once and rewrites nothing",
    "statement_disallow_add_column_with_default": "a constant default rewrites nothing since version 11",
    "statement_require_algorithm_option": "the table was created two lines before, is empty and used by nobody",
    "statement_require_lock_option": "the table was created two lines before, is empty and used by nobody",
    "statement_non_transactional": "CONCURRENTLY outside of a transaction is as it should be",
}
