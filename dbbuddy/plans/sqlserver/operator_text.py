"""One operator as SHOWPLAN_TEXT prints it: `Hash Match(Inner Join, HASH:([a].[x])=([b].[y]), RESIDUAL:(...))`."""

from __future__ import annotations

import re

from dbbuddy.plans.model import PlanNode

_SIGN = re.compile(r"[()\[']")
_SIGN_OR_QUOTED = re.compile(r"[()]|\[[^\]]*\]?|'[^']*'?")
_QUOTES = {"[": "]", "'": "'"}


Signs = list[tuple[str, int]]


def signs(text: str) -> Signs:
    """The parentheses of a text with their positions, those in names and literals left out."""
    found: Signs = []
    for match in _SIGN_OR_QUOTED.finditer(text):
        sign = match.group()
        if len(sign) == 1 and sign not in _QUOTES:
            found.append((sign, match.start()))
        elif len(sign) == 1 or sign[-1] != _QUOTES[sign[0]]:
            return _signs_with_unclosed(text)
    return found


def _signs_with_unclosed(text: str) -> Signs:
    """The same for a text with a bracket or quote that nothing closes: it stands for itself."""
    found: Signs = []
    unclosed: set[str] = set()
    skip_to = 0
    for match in _SIGN.finditer(text):
        position, sign = match.start(), match.group()
        if position < skip_to:
            continue
        if sign not in _QUOTES:
            found.append((sign, position))
        elif sign not in unclosed:
            end = text.find(_QUOTES[sign], position + 1)
            if end < 0:
                unclosed.add(sign)
            else:
                skip_to = end + 1
    return found


def open_parentheses(found: Signs) -> int:
    """How many parentheses are opened more than closed."""
    return sum(1 if sign == "(" else -1 for sign, _ in found)


def operator_end(text: str, found: Signs) -> int:
    """Where the operator ends: behind the parenthesis that closes its first one, or where the next column starts."""
    tab = text.find("\t")
    depth = 0
    for sign, position in found:
        if depth == 0 and 0 <= tab < position:
            return tab
        depth += 1 if sign == "(" else -1
        if depth == 0 and sign == ")":
            return position + 1
    return tab if depth == 0 and tab >= 0 else len(text)


def fill_from_text(node: PlanNode, text: str, found: Signs) -> None:
    """Give the node its type and what the parentheses (`found`) say: the clauses by name, the other words as `Flags`."""
    name, opened, inside = text.partition("(")
    node.type = name.strip() or "Operator"
    if not opened:
        return
    before, content = len(name) + 1, inside.rstrip().removesuffix(")")
    shifted = [(sign, position - before) for sign, position in found if before <= position < before + len(content)]
    clauses, words = _clauses(content, shifted)
    for label, content in clauses:
        if label == "OBJECT" and node.relation is None:
            _fill_object(node, content)
        node.details[label] = f"{node.details[label]}, {content}" if label in node.details else content
    if words and not words[0].isupper():
        node.details["LogicalOp"] = words.pop(0)
    if words:
        node.details["Flags"] = ", ".join(words)


def _clauses(inside: str, found: Signs) -> tuple[list[tuple[str, str]], list[str]]:
    """`LABEL:(content)` pairs, and the words that stand between them; `HASH:(a)=(b)` is one clause."""
    clauses: list[tuple[str, str]] = []
    words: list[str] = []
    depth = gap = start = groups = 0
    label = ""
    for sign, position in found:
        if sign == "(":
            if depth == 0:
                between = inside[gap:position]
                if label and between.strip() == "=":
                    groups += 1
                else:
                    _close(clauses, words, label, inside[start:gap], groups)
                    *before, last = (part.strip() for part in between.split(","))
                    words.extend(part for part in before if part)
                    label = last.removesuffix(":") if last.endswith(":") else ""
                    start = position if label else position - len(last)
                    groups = 1
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            gap = position + 1
    if depth:
        gap = len(inside)
    _close(clauses, words, label, inside[start:gap], groups)
    words.extend(part.strip() for part in inside[gap:].split(",") if part.strip())
    return clauses, words


def _close(clauses: list[tuple[str, str]], words: list[str], label: str, content: str, groups: int) -> None:
    content = content.strip()
    if label:
        whole = groups == 1 and content.startswith("(") and content.endswith(")")
        clauses.append((label, content[1:-1].strip() if whole else content))
    elif content:
        words.append(content)


def _fill_object(node: PlanNode, content: str) -> None:
    """`[db].[schema].[table].[index] AS [alias]`, as many parts as there are."""
    names, _, alias = content.partition("] AS [")
    if alias:
        node.alias = alias.removesuffix("]").replace("]]", "]")
        names += "]"
    parts = [
        part.strip().replace("]]", "]") for part in names.strip().removeprefix("[").removesuffix("]").split("].[") if part.strip()
    ]
    if len(parts) >= 4 and ("Index" in node.type or "Lookup" in node.type or len(parts) > 4):
        node.index = parts.pop()
    if parts:
        node.relation = parts[-1]
    if len(parts) > 1:
        node.schema = parts[-2]
    if len(parts) > 2:
        node.details["Database"] = parts[-3]
