"""Where one action of an ALTER TABLE ends and the next begins."""

from __future__ import annotations

from itertools import accumulate

from dbbuddy.sqlreview.ddl.cursor import Cursor, key, words

VERBS = words(
    "ADD DROP ALTER MODIFY CHANGE RENAME SET RESET ENABLE DISABLE VALIDATE ATTACH DETACH OWNER CLUSTER INHERIT NO REPLICA "
    "FORCE CONVERT ALGORITHM LOCK ENGINE ORDER PARTITION TRUNCATE EXCHANGE REORGANIZE COALESCE REBUILD SWITCH CHECK NOCHECK "
    "MOVE SHRINK SPLIT MERGE COMMENT DEFAULT CHARACTER CHARSET COLLATE AUTO_INCREMENT ROW_FORMAT KEY_BLOCK_SIZE DISCARD "
    "IMPORT REMOVE STATS_PERSISTENT WITH WITHOUT ANALYZE OPTIMIZE REPAIR COMPRESS NOCOMPRESS LOGGING NOLOGGING CACHE NOCACHE "
    "PARALLEL NOPARALLEL READ ONLINE WAIT NOWAIT OF"
)


def parts_of(cursor: Cursor) -> list[Cursor]:
    """One cursor an action. A part without a verb continues the one before: SQL Server's `ADD a int, b int`."""
    if cursor.engine == "oracle":
        return _oracle_parts(cursor)
    groups: list[list[Cursor]] = []
    for part in cursor.split():
        if groups and not _opens_action(part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return [_joined(cursor, group) for group in groups]


def _joined(cursor: Cursor, group: list[Cursor]) -> Cursor:
    joined = cursor.sub([token for part in group for token in part.tokens])
    sizes = [len(part.tokens) for part in group]
    joined.joints = list(accumulate(sizes))[:-1]
    return joined


def _opens_action(part: Cursor) -> bool:
    if part.engine == "sqlserver":
        return part.word in ("ADD", "DROP", "ALTER")
    return part.word in VERBS


def _oracle_parts(cursor: Cursor) -> list[Cursor]:
    """Oracle's actions stand one behind the other without commas."""
    tokens = cursor.tokens[cursor.at :]
    cuts, depth = [0], 0
    for at, token in enumerate(tokens):
        symbol = key(token)
        before = key(tokens[at - 1]) if at else ""
        if (depth == 0 and at and symbol in ("ADD", "MODIFY", "RENAME") and before not in ("PRIMARY", ".")) or (
            depth == 0 and at and symbol == "DROP" and before not in ("ON",)
        ):
            cuts.append(at)
        depth += (symbol == "(") - (symbol == ")")
    return [cursor.sub(tokens[a:b]) for a, b in zip(cuts, [*cuts[1:], len(tokens)], strict=True) if tokens[a:b]]
