"""The façade: what pages, command line and API call. Text in, `Advice` out; no network, no store, no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from dbbuddy.advice import Advice
from dbbuddy.context import ENGINE_NAMES, Category, Engine, SystemContext
from dbbuddy.diagnosis.arithmetic import INDEX_FOR_QUERY, calculate
from dbbuddy.diagnosis.browse import search
from dbbuddy.diagnosis.clarify import engine_question, general_questions
from dbbuddy.diagnosis.compose import Match, answer
from dbbuddy.diagnosis.contradiction import contradicting
from dbbuddy.diagnosis.dialogue import Turn, corrected_context, next_answer, nothing_new, repeats, tells_facts
from dbbuddy.diagnosis.explain import Explanation, explain
from dbbuddy.diagnosis.from_catalogue import engine_of_codes, from_catalogue, named_codes
from dbbuddy.diagnosis.library import Library, folders, load_library
from dbbuddy.diagnosis.matching import Matcher
from dbbuddy.diagnosis.plan_evidence import PlanEvidence, another_engine, from_plan, plan_evidence, with_plan
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.diagnosis.scope import declined
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.diagnosis.sql_evidence import from_sql, sql_evidence, with_sql
from dbbuddy.intake.kinds import KIND_NAMES
from dbbuddy.intake.read import Reading, read
from dbbuddy.intake.text import clean
from dbbuddy.settings import settings

# Below this chance of being right a text is asked about, not answered.
ANSWERS_FROM = 0.5
# A second cause with this share of the first one's score is named with it.
NEAR = 0.72


class Advisor:
    """Answers questions from a playbook library. Keeps nothing between calls."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._matcher = Matcher(library)

    def ask(self, text: str, context: SystemContext | None = None, category: Category | None = None) -> Advice:
        """Answer a first question.

        Raises:
            InputError: there is no readable text, or too much of it.
        """
        reading = self._read(text, context or SystemContext())
        return _with_codes(self._diagnose(reading, category, _plan_in(text, reading)), reading)

    def follow_up(self, turns: Sequence[Turn], text: str, context: SystemContext | None = None) -> Advice:
        """Answer the next message of a conversation. `context` overrides what the conversation knows.

        Raises:
            InputError: as in `ask`.
        """
        if not turns:
            return self.ask(text, context)
        given = context or corrected_context(turns[-1].advice.context, text)
        heard = [turn for turn in turns if turn.advice.status != "out_of_scope"]
        if not heard:
            return self.ask(text, given)
        new = self._read(text, given)
        plan = _plan_in(text, new)
        everything = self._read("\n\n".join([*(clean(turn.text).read for turn in heard), new.text]), given)
        advice = self._next(heard, new, everything, plan)
        if repeats(advice, heard) and tells_facts(new):
            advice = self._next(heard, new, everything, plan, same_cause=True)
        if repeats(advice, heard):
            advice = nothing_new(advice, heard, general_questions(everything))
        return _with_codes(advice, new)

    def _next(
        self, turns: list[Turn], new: Reading, everything: Reading, plan: PlanEvidence | None, *, same_cause: bool = False
    ) -> Advice:
        if (plan and plan.worst) or contradicting(new):
            return self._diagnose(everything if plan else new, None, plan)
        advice = next_answer(turns, new, everything, self._matcher, same_cause=same_cause)
        return self._with_arithmetic(advice, everything) if advice else self._diagnose(everything, None, plan)

    def explain(
        self, text: str, context: SystemContext | None = None, category: Category | None = None
    ) -> tuple[Reading, tuple[Explanation, ...]]:
        """How a first question is read, and why its best playbooks are the best.

        Raises:
            InputError: as in `ask`.
        """
        reading = self._read(text, context or SystemContext())
        return reading, explain(self._matcher, reading, category)

    def search(self, query: str, category: Category | None = None, engine: Engine | None = None) -> list[Playbook]:
        """Playbooks that hold the query or are near to it, best first; all of them without a query."""
        return search(self.library, self._matcher.lexical, query, category, engine)

    def _read(self, text: str, context: SystemContext) -> Reading:
        reading = read(text, context, self._matcher.known_codes)
        engine = None if reading.context.engine else engine_of_codes(reading)
        if engine:
            reading = read(text, context.updated(engine=engine), self._matcher.known_codes)
        return replace(reading, codes=(*reading.codes, *named_codes(reading)))

    def _diagnose(self, reading: Reading, category: Category | None, plan: PlanEvidence | None) -> Advice:
        conflict = contradicting(reading) or (another_engine(plan, reading.context) if plan else None)
        if conflict:
            return _ask_back(reading).model_copy(update={"questions": (conflict,)})
        if plan:
            reading = self._without_plan(reading, plan)
        sql = None if plan else sql_evidence(reading)
        matches = self._matcher.match(reading, plan.signals() if plan else sql.signals() if sql else {}, category)
        if plan and _speaks_of(matches[:1], plan):
            matches[0] = replace(matches[0], confidence=max(matches[0].confidence, plan.certainty))
        elif plan and (plan.worst or not matches or matches[0].confidence < ANSWERS_FROM):
            return from_plan(plan, reading)
        if sql and matches and sql.of(matches[0].playbook):
            matches[0] = replace(matches[0], confidence=max(matches[0].confidence, sql.certainty if sql.alone else 0.0))
        refusal = declined(reading, matches[0] if matches else None)
        if refusal:
            return Advice(status="out_of_scope", context=reading.context, situation=refusal)
        if sql and sql.is_answer(matches, ANSWERS_FROM):
            return from_sql(sql, reading)
        thin = not matches or matches[0].confidence < ANSWERS_FROM
        explained = from_catalogue(reading) if thin or not matches[0].evidence else None
        if explained or thin:
            return explained or _ask_back(reading)
        best = matches[0]
        reading = _with_engine_of(best, reading)
        engine = reading.context.engine
        near = tuple(
            m for m in matches[1:3] if m.score >= best.score * NEAR and (engine is None or engine in m.playbook.head.engines)
        )
        if plan:
            near = tuple(m for m in near if _speaks_of([m], plan))
        advice = answer(best, near, Reader(reading.context, reading.names), reading.text)
        if engine is None:
            advice = advice.model_copy(update={"questions": (engine_question(), *advice.questions[:1])})
        if reading.notes:
            advice = advice.model_copy(update={"notes": reading.notes})
        advice = self._with_arithmetic(advice, reading)
        if sql:
            return with_sql(advice, sql, best.playbook)
        return with_plan(advice, plan) if plan else advice

    def _without_plan(self, reading: Reading, plan: PlanEvidence) -> Reading:
        """The reading of what was said beside the plan; names, numbers and the engine stay those of the whole text."""
        context = reading.context if reading.context.engine else reading.context.updated(engine=plan.plan.engine)
        said = self._read(plan.prose, context) if plan.prose else replace(reading, text="", codes=())
        return replace(reading, text=said.text, codes=said.codes, context=context, names={**plan.names(), **reading.names})

    def _with_arithmetic(self, advice: Advice, reading: Reading) -> Advice:
        known = self.library.playbooks
        names = [name for d in advice.diagnoses[:1] if d.slug in known for name in known[d.slug].head.calculations]
        lines = calculate(names, reading.facts, reading.context)
        fixes = advice.fixes
        if INDEX_FOR_QUERY in names and "sql" in reading.kinds:
            from dbbuddy.diagnosis.index_fix import index_fix  # sqlglot takes 0.3 s to load, and few texts need it

            fixes = (*filter(None, [index_fix(reading)]), *fixes)
        return advice.model_copy(update={"calculations": lines, "fixes": fixes})


def _with_codes(advice: Advice, reading: Reading) -> Advice:
    return advice.model_copy(update={"codes": tuple(dict.fromkeys(code.value for code in reading.codes))})


def _with_engine_of(match: Match, reading: Reading) -> Reading:
    """If the engine is not known and the playbook is for one engine (or MySQL and MariaDB), it is that one."""
    engines = match.playbook.head.engines
    if reading.context.engine or (not set(engines) <= {"mysql", "mariadb"} and len(engines) > 1):
        return reading
    return replace(reading, context=reading.context.updated(engine=engines[0]))


def _plan_in(text: str, reading: Reading) -> PlanEvidence | None:
    return plan_evidence(text, reading.context.engine) if "plan" in reading.kinds else None


def _speaks_of(matches: Sequence[Match], plan: PlanEvidence) -> bool:
    """Whether the playbook is about one of the plan's findings."""
    return any(signal.id in plan.signals() for match in matches for signal in match.playbook.head.signals.findings)


def _ask_back(reading: Reading) -> Advice:
    """What was understood, and the questions that would decide."""
    kinds = " and ".join(KIND_NAMES[kind] for kind in reading.kinds[:2])
    engine = reading.context.engine
    about = f" about {ENGINE_NAMES[engine]}" if engine else ""
    situation = (
        f"Read as: {kinds}{about}. That is not enough to name a cause, and guessing would cost you time. "
        "Please share a bit more detail."
    )
    return Advice(
        status="needs_details",
        context=reading.context,
        situation=situation,
        questions=general_questions(reading),
        notes=reading.notes,
    )


@cache
def default_advisor() -> Advisor:
    """An advisor over the built-in playbooks and the operator's own, as they are at the first call."""
    return Advisor(load_library(folders(settings().playbook_folder)))
