"""The chips that show what is known of the user's system. They open the form that corrects it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dbbuddy.context import CLOUD_NAMES, DEPLOYMENT_NAMES, ENGINE_NAMES, SystemContext, services
from dbbuddy.ui import context_fields
from dbbuddy.ui.text import plain

_HELP = "Your system, as read from your text. Correct it here; answers are for what it says."


def draw(context: SystemContext, place: str, apply: Callable[[SystemContext], None]) -> None:
    """The chips; `apply` is called with the corrected context, before the page is drawn again.

    `place` tells one moment of a conversation from another: in each, the form is closed and says what is known.
    """
    key = f"context-{place}-{context.label()}"
    label = " ".join(f":{'blue' if known else 'gray'}-badge[{text}]" for text, known in _chips(context))
    with st.popover(label, icon=":material/edit:", type="tertiary", key=f"{key}-editor", wrap=True, help=_HELP):
        if not context_fields.filled(key):
            context_fields.fill(key, context)
        changed = context_fields.draw(key)
        if changed.service == context.service and changed.deployment == context.deployment:
            changed = changed.model_copy(update={"hosting": context.hosting})
        st.button(
            "Apply",
            type="primary",
            key="context-apply",
            width="stretch",
            disabled=changed == context,
            on_click=apply,
            args=(changed,),
        )


def _chips(context: SystemContext) -> list[tuple[str, bool]]:
    """Text of each chip, and whether it is known."""
    service = services().get(context.service or "")
    engine = service.name if service else ENGINE_NAMES[context.engine] if context.engine else None
    chips = [(":material/database:", engine, "Engine?"), (":material/tag:", context.version, "Version?")]
    if not service:
        cloud = CLOUD_NAMES[context.cloud] if context.cloud else None
        chips.append((":material/cloud:", cloud or (context.deployment and DEPLOYMENT_NAMES[context.deployment]), "Where?"))
    chips.append((":material/layers:", context.environment and context.environment.capitalize(), "Environment?"))
    return [(f"{icon} {plain(text)}" if text else unknown, bool(text)) for icon, text, unknown in chips]
