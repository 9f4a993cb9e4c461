"""What a model gets to read of the playbooks beside the checked answer."""

from __future__ import annotations

from dbbuddy.advice import Advice
from dbbuddy.diagnosis.compose import branch_fixes
from dbbuddy.diagnosis.library import Library
from dbbuddy.diagnosis.selection import Reader
from dbbuddy.providers.prompt import Section


def sections_of(advice: Advice, library: Library) -> tuple[Section, ...]:
    """What the playbook of the first diagnosis says to facts that the user may still tell: its other branches, as they read
    for the user's engine and platform. Empty for an answer that no playbook gave.
    """
    if not advice.diagnoses or advice.diagnoses[0].slug not in library.playbooks:
        return ()
    playbook = library[advice.diagnoses[0].slug]
    reader = Reader(advice.context, {})
    sections = []
    for branch in playbook.body.branches:
        text, _, steps = branch_fixes(playbook, branch, reader)
        body = "\n".join(filter(None, [text, *(f"- {fix.what}" for fix in steps)]))
        if branch != advice.branch and body:
            sections.append(Section(f"{playbook.head.title}: if {branch.replace('-', ' ')}", body))
    return tuple(sections)
