"""The prompt: the checked answer, what led to it and the redacted texts, fenced, within a budget.

It is built from redacted texts only and redacts every part once more. Nothing else than a `Prompt` goes into the chain.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from string import Template

import re2

from dbbuddy.advice import Advice
from dbbuddy.context import ENGINE_NAMES, SystemContext, services
from dbbuddy.privacy.redact import Redacted, placeholders_in, redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.providers.catalogue import catalogue
from dbbuddy.providers.excerpt import MARK, excerpt
from dbbuddy.providers.protocol import Message
from dbbuddy.providers.words import Part, PartName, Words, words_of_prompts
from dbbuddy.rendering import to_markdown

CHARS_PER_TOKEN = 2

# What could pass for one of our marks, or for the control tokens of a chat template.
_MARK_LIKE = re2.compile(r"(?i)\[\[(\s*/?\s*(?:checked|data|end)\b)")
_CONTROL = re2.compile(r"(?i)<(\|[^|<>\n]{0,60}\|>|/?s>|(?:start|end)_of_turn>)|\[(/?INST\])|<(</?SYS>>)")


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier exchange of the conversation: what was asked, and the title or text of what was answered."""

    question: Redacted
    answer: Redacted


@dataclass(frozen=True, slots=True)
class Section:
    """More of a playbook than the checked answer shows."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """What a prompt is made of. The advice must have been made from redacted texts too. `earlier` stands oldest first."""

    advice: Advice
    question: Redacted
    earlier: tuple[Turn, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Prompt:
    """What is sent, and of which version. `cut`: something was left out for want of room. `budget` in characters.

    `taken_out`: the placeholders for what redaction took out of the user's texts. Those that stand in for examples of a
    playbook, such as the password of a `CREATE USER`, are not among them.
    """

    messages: tuple[Message, ...]
    version: str
    budget: int
    cut: bool
    _parts: _Parts = field(repr=False)

    @property
    def taken_out(self) -> tuple[str, ...]:
        return self._parts.taken_out

    @property
    def chars(self) -> int:
        return sum(len(message.content) for message in self.messages)

    def smaller(self) -> Prompt | None:
        """The same in half the room; None if that is too little for anything but the instructions."""
        half = self.chars // 2
        return _written(self._parts, half) if half >= len(self._parts.system) + _LEAST_MATERIAL else None


@dataclass(frozen=True)
class _Parts:
    """Everything in its redacted, escaped and uncut form."""

    system: str
    task: str
    texts: dict[PartName, str]
    turns: tuple[str, ...]
    quotes: tuple[str, ...]
    taken_out: tuple[str, ...]
    version: str


_LEAST_MATERIAL = 600
_LONGEST_QUESTION = 50_000
_LONGEST_TURN = 4_000
_MOST_TURNS = 60
_FENCE = "```\n"


def elaborates(advice: Advice) -> bool:
    """Whether there is anything for a model to add: not to what is out of scope."""
    return advice.status in words_of_prompts().tasks


def build_prompt(material: Material, *, budget_tokens: int | None = None) -> Prompt:
    """The prompt within a budget (by default that of `data/providers.yaml`), at 2 characters a token: 2.15 to 2.47 were
    measured on logs, plans, SQL and configurations.

    Raises:
        RedactionError: a part could not be redacted. Then nothing may be sent.
        ValueError: there is nothing to elaborate on: see `elaborates`.
    """
    words = words_of_prompts()
    advice = material.advice
    if not elaborates(advice):
        raise ValueError(f"nothing to elaborate on: the advice is {advice.status}")
    quotes = tuple(dict.fromkeys(item.quote for diagnosis in advice.diagnoses for item in diagnosis.evidence))
    bare = [diagnosis.model_copy(update={"evidence": ()}) for diagnosis in advice.diagnoses]
    checked = to_markdown(advice.model_copy(update={"diagnoses": tuple(bare), "sources": ()}))
    engine = ENGINE_NAMES[advice.context.engine] if advice.context.engine else "the user's database engine"
    texts: dict[PartName, str] = {
        "checked": checked,
        "sections": "\n\n".join(f"#### {section.title}\n\n{section.text}" for section in material.sections),
        "evidence": "\n".join(f"- {quote}" for quote in quotes),
        # Of megabytes only a part can be sent anyway; redacting all of them again would take seconds.
        "question": excerpt(material.question.text, _LONGEST_QUESTION, quotes),
    }
    turns = [
        f"User: {excerpt(turn.question.text, _LONGEST_TURN)}\nAnswered: {excerpt(turn.answer.text, _LONGEST_TURN)}"
        for turn in material.earlier[-_MOST_TURNS:]
    ]
    safe = _Safe(*texts.values(), *turns)
    safe_texts = {name: safe(text) for name, text in texts.items()}
    safe_turns = tuple(map(safe, turns))
    users = [checked, safe_texts["question"], safe_texts["evidence"], *safe_turns]
    parts = _Parts(
        system=Template(words.system).substitute(system=safe(_system_line(advice.context)), engine=engine),
        task=words.tasks[advice.status],
        texts=safe_texts,
        turns=safe_turns,
        quotes=tuple(map(safe, quotes)),
        taken_out=tuple(placeholders_in("\n".join(users))),
        version=words.version,
    )
    return _written(parts, (budget_tokens or catalogue().limits.prompt_tokens) * CHARS_PER_TOKEN)


class _Safe:
    """Makes texts safe to send: redacted once more, and unable to pass for a mark or a control token.

    Placeholders that stand in any of the texts keep their meaning: a new value never gets one of them.
    """

    def __init__(self, *texts: str) -> None:
        self._vault = Vault()
        for text in texts:
            for placeholder in placeholders_in(text):
                self._vault.keep_literal(placeholder)

    def __call__(self, text: str) -> str:
        """The safe text.

        Raises:
            RedactionError: it could not be redacted.
        """
        again = redact(text, self._vault).text
        return str(_CONTROL.sub(r"< \1\2\3", _MARK_LIKE.sub(r"[ [\1", again)))


def _system_line(context: SystemContext) -> str:
    service = services().get(context.service or "")
    facts = [
        f"{ENGINE_NAMES[context.engine] if context.engine else 'an engine not stated'}",
        f"version {context.version}" if context.version else "version not stated",
        f"as {service.name}" if service else "",
        f"environment: {context.environment}" if context.environment else "",
    ]
    return ", ".join(filter(None, facts))


def _written(parts: _Parts, budget: int) -> Prompt:
    """The messages within `budget` characters, or the instructions alone where it is smaller than they are."""
    words = words_of_prompts()
    nonce = secrets.token_hex(8)
    names = [name for name in words.parts if (parts.turns if name == "earlier" else parts.texts[name])]
    frames = {name: _framed(words.parts[name], "", nonce) for name in names}
    fixed = len(parts.system) + len(words.question) + len(parts.task) + sum(len(frame) + 2 for frame in frames.values())
    needs = {name: _need(parts, name) for name in names}
    rooms = _rooms(needs, max(budget - fixed, 0), words)
    texts = {name: _cut(parts, name, rooms[name]) for name in names}
    body = "\n\n".join(_framed(words.parts[name], texts[name], nonce) for name in names if texts[name])
    question = Template(words.question).substitute(task=parts.task, parts=body)
    cut = any(rooms[name] < needs[name] for name in names)
    return Prompt((Message("system", parts.system), Message("user", question)), parts.version, budget, cut, parts)


def _framed(part: Part, text: str, nonce: str) -> str:
    return f"## {part.title}\n[[{part.mark} {nonce}]]\n{text}\n[[END {nonce}]]"


def _need(parts: _Parts, name: PartName) -> int:
    return sum(len(turn) + 2 for turn in parts.turns) if name == "earlier" else len(parts.texts[name])


def _rooms(needs: dict[PartName, int], room: int, words: Words) -> dict[PartName, int]:
    """How many characters each part gets: what it needs up to its share, and then what others leave."""
    rooms = {name: min(need, int(words.parts[name].share * room)) for name, need in needs.items()}
    left = room - sum(rooms.values())
    for name in words.generous:
        more = min(needs.get(name, 0) - rooms.get(name, 0), left)
        if more > 0:
            rooms[name] += more
            left -= more
    return rooms


def _cut(parts: _Parts, name: PartName, room: int) -> str:
    if name == "earlier":
        return _latest(parts.turns, room)
    if name == "question":
        return excerpt(parts.texts[name], room, parts.quotes)
    return _start(parts.texts[name], room)


def _start(text: str, room: int) -> str:
    """The first lines: what is checked stands in the order of its importance."""
    if len(text) <= room:
        return text
    lines = text.split("\n")
    left = room - len(MARK.format(count=len(lines))) - len(_FENCE)
    kept: list[str] = []
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    mark = MARK.format(count=len(lines) - len(kept))
    # A fence that was cut open is closed, so that what follows does not stand in it.
    fence = _FENCE if sum(line.startswith("```") for line in kept) % 2 else ""
    return "\n".join([*kept, fence + mark]) if room >= len(mark) else ""


def _latest(turns: tuple[str, ...], room: int) -> str:
    """The last messages that fit; of the very last one a part, if need be."""
    if sum(len(turn) + 2 for turn in turns) <= room:
        return "\n\n".join(turns)
    mark = words_of_prompts().cut_turns.format(count=len(turns))
    left = room - len(mark) - 1
    kept: list[str] = []
    for turn in reversed(turns):
        if len(turn) + 2 > left:
            break
        left -= len(turn) + 2
        kept.insert(0, turn)
    if not kept and turns:
        last = excerpt(turns[-1], max(left, 0))
        kept = [last] if last else []
    dropped = len(turns) - len(kept)
    if dropped:
        kept.insert(0, words_of_prompts().cut_turns.format(count=dropped))
    return "\n\n".join(kept) if room >= len(mark) else ""
