"""The inputs for where a database runs. They cascade: a choice fills what follows from it and clears what contradicts it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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

FIELDS = ("deployment", "cloud", "engine", "service", "version", "environment")


def service_options(context: SystemContext) -> list[str]:
    """Services that fit the engine, the cloud and the deployment so far."""
    return [
        service.id
        for service in services().values()
        if context.engine in (None, service.engine)
        and (context.cloud is None or service.cloud == context.cloud)
        and (context.deployment is None or (service.cloud is not None) == (context.deployment == "cloud"))
    ]


def fill(key: str, context: SystemContext) -> None:
    """Put a context into the inputs. Only before they are drawn."""
    for name in FIELDS:
        st.session_state[f"{key}-{name}"] = getattr(context, name)


def filled(key: str) -> bool:
    """Do these inputs hold something yet, if only "not known"?"""
    return f"{key}-engine" in st.session_state


def value(key: str) -> SystemContext:
    """What the inputs say."""
    found = {name: st.session_state.get(f"{key}-{name}") for name in FIELDS}
    found["version"] = re.sub(r"[^\w.+ -]", "", found["version"] or "").strip() or None
    return SystemContext.of(**found)


def draw(key: str) -> SystemContext:
    """The inputs, in the order in which they narrow each other down; returns what they say."""
    with st.container(horizontal=True):
        _pills("Deployment", DEPLOYMENTS, DEPLOYMENT_NAMES, key, "deployment")
        if st.session_state.get(f"{key}-deployment") != "on_premises":
            _pills("Cloud", CLOUDS, CLOUD_NAMES, key, "cloud")
    _pills("Engine", ENGINES, ENGINE_NAMES, key, "engine")
    with st.container(horizontal=True, wrap=False):
        _service(key)
        st.text_input("Version", placeholder="e.g. 16.4", max_chars=30, key=f"{key}-version", width=110)
    _pills("Environment", ENVIRONMENTS, {}, key, "environment")
    return value(key)


def _service(key: str) -> None:
    st.selectbox(
        "Service",
        service_options(_without_service(key)),
        index=None,
        format_func=lambda service_id: services()[service_id].name,
        placeholder="not known",
        key=f"{key}-service",
        on_change=_follow,
        args=(key, "service"),
        filter_mode=None,
    )


def _pills(label: str, options: Sequence[Any], names: Mapping[Any, str], key: str, field: str) -> None:
    st.pills(
        label,
        options,
        format_func=lambda option: names.get(option, option.capitalize()),
        key=f"{key}-{field}",
        on_change=_follow,
        args=(key, field),
        wrap=True,
    )


def _follow(key: str, field: str) -> None:
    """After a choice: set what it implies, clear what it rules out."""
    chosen = st.session_state[f"{key}-{field}"]
    service = services().get(chosen) if field == "service" else None
    if service:
        _set(key, engine=service.engine, cloud=service.cloud, deployment="cloud" if service.cloud else "on_premises")
    elif field == "engine":
        _set(key, version=None)
    elif field == "cloud" and chosen:
        _set(key, deployment="cloud")
    elif field == "deployment" and chosen == "on_premises":
        _set(key, cloud=None)
    if st.session_state.get(f"{key}-service") not in service_options(_without_service(key)):
        _set(key, service=None)


def _without_service(key: str) -> SystemContext:
    state = st.session_state
    return SystemContext(
        deployment=state.get(f"{key}-deployment"), cloud=state.get(f"{key}-cloud"), engine=state.get(f"{key}-engine")
    )


def _set(key: str, **values: str | None) -> None:
    for field, chosen in values.items():
        st.session_state[f"{key}-{field}"] = chosen
