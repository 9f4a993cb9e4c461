"""One operator as SHOWPLAN_TEXT prints it: `Hash Match(Inner Join, HASH:([a].[x])=([b].[y]), RESIDUAL:(...))`."""

from __future__ import annotations

import re2

from dbbuddy.plans.model import PlanNode

_TOKEN = re2.compile(r"\[[^\]]*\]|'[^']*'|[(),]")
_PART = re2.compile(r"\[((?:[^\]]|\]\])*)\]|([^.\[\]\s]+)")
_ALIAS = re2.compile(r"(?i)\s+AS\s+\[((?:[^\]]|\]\])*)\]\s*$")


def open_parentheses(text: str) -> int:
    """How many parentheses the text opens more than it closes, names and literals left out."""
    depth = 0
    for token in _TOKEN.finditer(text):
        sign = token.group()
        depth += (sign == "(") - (sign == ")")
    return depth


def operator_end(text: str) -> int:
    """Where the operator ends: behind the parenthesis that closes its first one, or where the next column starts."""
    tab = text.find("\t")
    depth = 0
    for token in _TOKEN.finditer(text):
        if depth == 0 and 0 <= tab < token.start():
            return tab
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if depth == 0 and token.group() == ")":
            return int(token.end())
    return tab if depth == 0 and tab >= 0 else len(text)


def fill_from_text(node: PlanNode, text: str) -> None:
    """Give the node its type and what the parentheses say: the clauses by name, the other words as `Flags`."""
    name, opened, inside = text.partition("(")
    node.type = name.strip() or "Operator"
    if not opened:
        return
    inside = inside.rstrip()
    inside = inside.removesuffix(")")
    clauses, words = _clauses(inside)
    for label, content in clauses:
        if label == "OBJECT" and node.relation is None:
            _fill_object(node, content)
        node.details[label] = f"{node.details[label]}, {content}" if label in node.details else content
    if words and not words[0].isupper():
        node.details["LogicalOp"] = words.pop(0)
    if words:
        node.details["Flags"] = ", ".join(words)


def _clauses(inside: str) -> tuple[list[tuple[str, str]], list[str]]:
    """`LABEL:(content)` pairs, and the words that stand between them; `HASH:(a)=(b)` is one clause."""
    clauses: list[tuple[str, str]] = []
    words: list[str] = []
    depth = gap = start = 0
    label = ""
    for token in _TOKEN.finditer(inside):
        sign = token.group()
        if sign == "(":
            if depth == 0:
                between = inside[gap : token.start()]
                if not (label and between.strip() == "="):
                    _close(clauses, words, label, inside[start:gap])
                    *before, last = (part.strip() for part in between.split(","))
                    words.extend(part for part in before if part)
                    label = last.removesuffix(":") if last.endswith(":") else ""
                    start = token.start() if label else token.start() - len(last)
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            gap = token.end()
    if depth:
        gap = len(inside)
    _close(clauses, words, label, inside[start:gap])
    words.extend(part.strip() for part in inside[gap:].split(",") if part.strip())
    return clauses, words


def _close(clauses: list[tuple[str, str]], words: list[str], label: str, content: str) -> None:
    content = content.strip()
    if label:
        single = content.startswith("(") and operator_end(content) == len(content)
        clauses.append((label, content[1:-1].strip() if single and content.endswith(")") else content))
    elif content:
        words.append(content)


def _fill_object(node: PlanNode, content: str) -> None:
    """`[db].[schema].[table].[index] AS [alias]`, as many parts as there are."""
    alias = _ALIAS.search(content)
    if alias:
        node.alias = alias.group(1).replace("]]", "]")
        content = content[: alias.start()]
    parts = [(part.group(1) or part.group(2) or "").replace("]]", "]") for part in _PART.finditer(content)]
    if len(parts) >= 4 and ("Index" in node.type or "Lookup" in node.type or len(parts) > 4):
        node.index = parts.pop()
    if parts:
        node.relation = parts[-1]
    if len(parts) > 1:
        node.schema = parts[-2]
    if len(parts) > 2:
        node.details["Database"] = parts[-3]
