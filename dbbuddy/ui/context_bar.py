"""The chips that show what is known of the user's system. They open the form that corrects it."""

from __future__ import annotations

import streamlit as st

from dbbuddy.context import CLOUD_NAMES, DEPLOYMENT_NAMES, ENGINE_NAMES, SystemContext, services
from dbbuddy.ui import context_fields
from dbbuddy.ui.text import plain


def draw(context: SystemContext, place: str) -> SystemContext | None:
    """The chips; returns the corrected context once the user applies a correction.

    `place` tells one moment of a conversation from another: the form starts anew in each.
    """
    label = " ".join(f":{'blue' if known else 'gray'}-badge[{text}]" for text, known in _chips(context))
    with st.popover(f"{label} :material/edit:", type="tertiary", key="context-editor", wrap=True):
        st.caption("Your system, as read from your text. Answers are for what stands here.")
        key = f"context-{place}-{context.label()}"
        if not context_fields.filled(key):
            context_fields.fill(key, context)
        changed = context_fields.draw(key)
        if changed.service == context.service and changed.deployment == context.deployment:
            changed = changed.model_copy(update={"hosting": context.hosting})
        if st.button("Apply", type="primary", key="context-apply", width="stretch", disabled=changed == context):
            return changed
    return None


def _chips(context: SystemContext) -> list[tuple[str, bool]]:
    """Text of each chip, and whether it is known."""
    service = services().get(context.service or "")
    engine = service.name if service else ENGINE_NAMES[context.engine] if context.engine else None
    chips = [(":material/database:", engine, "Engine?"), (":material/tag:", context.version, "Version?")]
    if not service:
        cloud = CLOUD_NAMES[context.cloud] if context.cloud else None
        chips.append((":material/cloud:", cloud or (context.deployment and DEPLOYMENT_NAMES[context.deployment]), "Where?"))
    chips.append((":material/layers:", context.environment and context.environment.capitalize(), "Environment?"))
    return [(f"{icon} {plain(text or unknown)}", bool(text)) for icon, text, unknown in chips]
