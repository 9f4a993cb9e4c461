"""Account numbers of cloud customers."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_PATTERNS = tuple(
    Pattern(p)
    for p in (
        r"\barn:aws[\w-]{0,10}:[\w-]{1,40}:[\w-]{0,20}:(\d{12}):",
        r"\baws[ _-]?account(?:[ _-]?id)?[\"']?[ \t]{0,3}[:=#]?[ \t]{0,3}[\"']?(\d{12}|\d{4}-\d{4}-\d{4})\b",
        r"\baccount(?:[ _-]?(?:id|number))?[\"']?[ \t]{0,3}[:=#]?[ \t]{0,3}[\"']?(\d{12})\b",
        r"\b(\d{12})\.(?:dkr\.ecr|[a-z]{2}-[a-z]+-\d|s3|signin)\b",
        r"/subscriptions/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        r"\b(?:subscription|tenant)(?:[ _-]?id)?[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        r"\b(ocid1\.[a-z0-9]{2,40}\.oc\d\.[a-z0-9-]{0,30}\.[a-z0-9]{20,100})",
    )
)


def cloud_accounts(view: View) -> Iterator[Find]:
    """AWS account ids, Azure subscriptions and tenants, Oracle Cloud ids."""
    for pattern in _PATTERNS:
        for hit in pattern.each(view):
            yield Find(*hit.span(1), "ACCOUNT", Rank.VALIDATED)
