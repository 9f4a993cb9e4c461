"""A small playbook to change and break in tests."""

from __future__ import annotations

from pathlib import Path

from dbbuddy.diagnosis.playbook import Playbook, parse_playbook

SAMPLE = """---
slug: full-disk
title: The disk is full
category: troubleshooting
engines: [postgresql, mysql]
summary: No space is left for {{table}}.
symptoms:
  - no space left on device
  - the disk is full and writes stop
  - cannot extend file
signals:
  codes:
    - {engine: postgresql, code: 53100}
  phrases:
    - {match: 'no space left', weight: 8}
asks:
  - question: Which file system is full?
    why: Log and data have other remedies.
    unless: 'log (disk|volume)'
    sql: {postgresql: 'SELECT pg_size_pretty(pg_database_size(current_database()));'}
branches:
  - {id: already-bigger, when: ['already (grew|enlarged)']}
sources:
  - {title: PostgreSQL manual, section: Disk Full Failure, engines: [postgresql]}
  - {title: General handbook, section: Disks}
---

## Situation
Writes stop.

## Root cause
The volume of {{table}} has no free block.

[postgresql] WAL was kept for a slot.

[mysql] Binary logs were kept.

1. First look at the logs.
2. [rds] Then at `FreeStorageSpace`.

## Confirm
```sql postgresql
SELECT 1 AS pg;
```

```sql mysql
SELECT 1 AS my;
```

## Fix now
### Free some space
Risk: low. Something is deleted.
Rollback: restore {{table}}.

```sh any
df -h
```

### [self_managed] Edit the file
```ini postgresql self_managed
max_wal_size = 1GB
```

### [managed] Change the parameter group

## Next
### Watch it
A threshold of 80 %.

## Later
### Grow by plan
Twice a year.

## Verify
- [postgresql] `pg_wal` shrinks.
- [mysql] The log list shrinks.

## Expected
- 20 % free.

## Do not
- Do not delete log files by hand.

## Branch: already-bigger
It fills again, so find what grows.

### Find the growth
```sql postgresql needs=pg_ext
SELECT 2 AS growth FROM {{table}};
```
"""

PATH = Path("full-disk.md")


def sample(*changes: tuple[str, str]) -> Playbook:
    """The sample with some text replaced."""
    return parse_playbook(sample_text(*changes), PATH)


def sample_text(*changes: tuple[str, str]) -> str:
    text = SAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text
