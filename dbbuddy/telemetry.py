"""What the operator watches: counters and histograms of this process, without any text of a user's.

`serving.probes` writes them out in the OpenMetrics format. Buckets of the latency histogram stand at the targets: an answer of
the rules within 0.8 s, any first content within 5 s.
"""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from dbbuddy.advice import Advice

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.0, 5.0, 10.0, 30.0)

_answers = Counter("dbbuddy_answers", "Answers given by the rules", ["channel", "status", "category", "engine"])
_answer_seconds = Histogram("dbbuddy_answer_seconds", "Time to an answer of the rules", ["channel"], buckets=_SECONDS)
_refusals = Counter("dbbuddy_refusals", "Requests that were not answered", ["channel", "reason"])
_models = Counter("dbbuddy_model_answers", "Elaborations by a language model", ["provider", "outcome"])
_model_seconds = Histogram("dbbuddy_model_first_content_seconds", "Time to a model's first content", ["provider"], buckets=_SECONDS)
_unsaved = Counter("dbbuddy_unsaved", "Writes that the store did not confirm", ["what"])


def answered(channel: str, advice: Advice, seconds: float) -> None:
    """Count an answer. `channel` is where it was asked: `chat`, `api` or `mcp`."""
    _answers.labels(channel, advice.status, advice.category or "none", advice.context.engine or "unknown").inc()
    _answer_seconds.labels(channel).observe(seconds)


def refused(channel: str, reason: str) -> None:
    """Count a request that was turned away: `quota`, `rate`, `token`, `input` or `busy`."""
    _refusals.labels(channel, reason).inc()


def elaborated(provider: str, outcome: str, first_content_seconds: float | None) -> None:
    """Count a model's elaboration; `outcome` as the chain reports it."""
    _models.labels(provider, outcome).inc()
    if first_content_seconds is not None:
        _model_seconds.labels(provider).observe(first_content_seconds)


def unsaved(what: str) -> None:
    """Count a write that was not confirmed: `exchange`, `feedback`, `elaboration`."""
    _unsaved.labels(what).inc()
