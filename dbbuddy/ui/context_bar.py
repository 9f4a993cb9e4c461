"""The chips that show what is known of the user's system; each can be corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dbbuddy.context import (
    CLOUD_NAMES,
    CLOUDS,
    DEPLOYMENT_NAMES,
    DEPLOYMENTS,
    ENGINE_NAMES,
    ENGINES,
    ENVIRONMENTS,
    SystemContext,
    services,
)

_NOT_KNOWN = "not known"


def service_options(context: SystemContext) -> list[str]:
    """Services that fit the engine, the cloud and the deployment so far."""
    return [
        service.id
        for service in services().values()
        if context.engine in (None, service.engine)
        and (context.cloud is None or service.cloud == context.cloud)
        and (context.deployment is None or (service.cloud is not None) == (context.deployment == "cloud"))
    ]


def choose(context: SystemContext, key: str) -> SystemContext:
    """Cascading inputs for every part of the context, filled with what is known; returns what they say."""
    left, right = st.columns(2)
    with left:
        deployment = _select("Deployment", list(DEPLOYMENTS), context.deployment, DEPLOYMENT_NAMES, f"{key}-deployment")
    with right:
        clouds = list(CLOUDS) if deployment != "on_premises" else []
        cloud = _select("Cloud", clouds, context.cloud, CLOUD_NAMES, f"{key}-cloud")
    left, right = st.columns(2)
    with left:
        engine = _select("Engine", list(ENGINES), context.engine, ENGINE_NAMES, f"{key}-engine")
    so_far = SystemContext(deployment=deployment, cloud=cloud, engine=engine)
    with right:
        names = {service_id: services()[service_id].name for service_id in service_options(so_far)}
        service = _select("Service", list(names), context.service, names, f"{key}-service-{engine}-{cloud}-{deployment}")
    left, right = st.columns(2)
    with left:
        version = st.text_input("Version", value=context.version or "", placeholder="e.g. 16.4", max_chars=30, key=f"{key}-version")
    with right:
        environment = _select("Environment", list(ENVIRONMENTS), context.environment, {}, f"{key}-environment")
    return SystemContext.of(
        engine=engine, version=version.strip() or None, service=service, deployment=deployment, cloud=cloud, environment=environment
    )


def draw(context: SystemContext) -> SystemContext | None:
    """The chips; returns the corrected context once the user applies a correction."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="context-bar"):
        for text, icon in _chips(context):
            st.badge(text, icon=icon, color="gray" if text.endswith("?") else "blue")
        with st.popover("Correct", icon=":material/edit:", type="tertiary", key="context-editor"):
            with st.container(key="context-form"):
                changed = choose(context, f"context-{context.label()}")
            if st.button("Apply", type="primary", key="context-apply", disabled=changed == context):
                return changed
    return None


def _chips(context: SystemContext) -> list[tuple[str, str]]:
    service = services().get(context.service or "")
    engine = service.name if service else ENGINE_NAMES[context.engine] if context.engine else "Engine?"
    chips = [(engine, ":material/database:"), (context.version or "Version?", ":material/tag:")]
    if not service:
        where = (
            CLOUD_NAMES[context.cloud]
            if context.cloud
            else DEPLOYMENT_NAMES[context.deployment]
            if context.deployment
            else "Where?"
        )
        chips.append((where, ":material/cloud:"))
    return [*chips, ((context.environment or "Environment?").capitalize(), ":material/layers:")]


def _select(label: str, options: list[Any], value: str | None, names: Mapping[Any, str], key: str) -> Any:
    return st.selectbox(
        label,
        [None, *options],
        index=options.index(value) + 1 if value in options else 0,
        format_func=lambda option: _NOT_KNOWN if option is None else names.get(option, option.capitalize()),
        key=key,
        disabled=not options,
    )
