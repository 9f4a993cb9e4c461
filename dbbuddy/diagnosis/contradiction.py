"""A text whose error codes are another engine's than the one that was set: asked about, never overruled in silence."""

from __future__ import annotations

from dbbuddy.advice import Question
from dbbuddy.context import ENGINE_NAMES, ENGINES, Engine
from dbbuddy.intake.codes import Code
from dbbuddy.intake.read import Reading

# Writings of a code that no other engine shares.
_TELLING: tuple[frozenset[Engine], ...] = (
    frozenset({"oracle"}),
    frozenset({"sqlserver"}),
    frozenset({"mysql", "mariadb"}),
)


def contradicting(reading: Reading) -> Question | None:
    """The question which engine it is, if the codes of the text can only be another engine's than the context's."""
    engine = reading.context.engine
    telling = [code for code in reading.codes if code.engines in _TELLING]
    if engine is None or not telling or any(engine in code.engines for code in reading.codes):
        return None
    if reading.engine_scores.get(engine):
        return None
    other = _name(telling[0])
    return Question(
        text=f"Which engine is it: {ENGINE_NAMES[engine]}, as set, or {other}?",
        why=f"{telling[0].value} is an error code of {other}. "
        f"Correct the engine, or paste what {ENGINE_NAMES[engine]} itself reports.",
    )


def _name(code: Code) -> str:
    return " or ".join(ENGINE_NAMES[engine] for engine in ENGINES if engine in code.engines)
