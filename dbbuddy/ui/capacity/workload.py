"""The load that is sized for: what the projections say, and what only the user knows."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from dbbuddy.capacity.carried import Carried, carried
from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.metric import FACTS
from dbbuddy.capacity.plan import CapacityPlan, Options, capacity_plan
from dbbuddy.capacity.prices import Price
from dbbuddy.capacity.sentence import figure
from dbbuddy.capacity.sizing.workload import WORKLOAD_KINDS, Workload
from dbbuddy.capacity.study import Answer
from dbbuddy.ui import context_fields
from dbbuddy.ui.capacity import limits, session
from dbbuddy.ui.capacity.session import CONTEXT
from dbbuddy.ui.text import plain, show_error

PRICES = "capacity-prices"
CONFIGURATION = "capacity-configuration"
LEAD = "capacity-lead-days"
_MEMO = "capacity-plan"
_KINDS = {"web": "web", "oltp": "many short transactions", "dw": "warehouse", "desktop": "desktop", "mixed": "mixed"}
_FIELDS = (
    ("qps", "Queries a second, peak", "4000"),
    ("cpu_ms", "CPU ms of one", "1.2"),
    ("cores", "Cores today", "8"),
    ("cpu", "CPU % at the peak", "55"),
    ("working_set", "Working set, GB", "60"),
    ("ram", "RAM that is enough today, GiB", "64"),
    ("connections", "Connections", "200"),
    ("iops", "IOPS, peak", "6000"),
    ("throughput", "MB/s, peak", "150"),
    ("data", "Data, GB", "800"),
)


def draw(known: Answer) -> None:
    """The inputs for the workload; everything is optional."""
    told = carried(known.projections)
    with st.expander(
        "The load to size for", icon=":material/speed:", expanded=plan_key("qps") not in st.session_state, key="capacity-load"
    ):
        if told.storage_gb is not None:
            growth = told.storage_growth_gb_per_month
            more = f", {growth.text('GB', 1)} more a month" if growth else ""
            data = figure(told.storage_gb, "GB")
            st.caption(f"From the projection: {data} of data{more}. Empty fields are not sized, and the plan says so.")
        with st.container(horizontal=True, gap="small"):
            for name, label, example in _FIELDS:
                if name == "data" and told.storage_gb is not None:
                    continue
                st.number_input(
                    label, value=None, min_value=0.0, max_value=1e9, format="%.10g", placeholder=_example(name, told, example),
                    key=plan_key(name), width=170, persist_state="page",
                )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.selectbox(
                "Kind",
                WORKLOAD_KINDS,
                index=4,
                format_func=lambda kind: _KINDS[kind],
                key=plan_key("kind"),
                filter_mode=None,
                width=210,
                persist_state="page",
            )
            st.number_input("Nodes", 1, 16, 2, key=plan_key("nodes"), width=110, persist_state="page")
            st.number_input("Application instances", 1, 10_000, 1, key=plan_key("apps"), width=170, persist_state="page")
        if told.growth_per_year is None:
            st.slider("The load grows in a year by, %", 0, 200, (10, 50), 5, key=plan_key("growth"), persist_state="page")
        elif told.growth_of:
            st.caption(f"Load grows as {FACTS[told.growth_of].title.lower()} do: {told.growth_per_year.text('times a year', 2)}.")


def plan(known: Answer) -> CapacityPlan | None:
    """The whole plan for the system and the load; `None` where the engine is missing or a figure cannot be, which is said."""
    context = session.context()
    if not context.engine:
        return None
    try:
        workload = _workload(known, carried(known.projections))
        options = _options(known)
        key = (context, workload, repr(options), session.today())
        held = st.session_state.get(_MEMO)
        if held is None or held[0] != key:
            with st.spinner("Sizing"):
                held = st.session_state[_MEMO] = (key, capacity_plan(context, workload, session.today(), options))
    except ValidationError as error:
        show_error(error.errors()[0]["msg"].removeprefix("Value error, "))
        return None
    except ValueError as error:
        show_error(error)
        return None
    made: CapacityPlan = held[1]
    return made


def ask_for_engine(what: str) -> None:
    """Where the system is not known yet: its inputs."""
    st.info(f"{what} depends on the engine and where it runs. Choose at least the engine.", icon=":material/database:")
    context_fields.draw(f"{CONTEXT}-ask")
    chosen = context_fields.value(f"{CONTEXT}-ask")
    if chosen.engine:
        st.button(
            "Use this system", type="primary", key="capacity-use-system", on_click=context_fields.fill, args=(CONTEXT, chosen)
        )


def plan_key(name: str) -> str:
    """The key of an input of the workload."""
    return f"capacity-load-{name}"


def own_prices() -> list[Price]:
    """The prices that the user uploaded or typed in, the typed ones last, so that they win."""
    held: dict[str, list[Price]] = st.session_state.get(PRICES, {})
    return [*held.get("file", []), *held.get("typed", [])]


def _example(name: str, told: Carried, example: str) -> str:
    known = {"cpu": told.cpu_percent, "connections": told.connections, "iops": told.iops, "throughput": told.throughput_mb_s}.get(
        name
    )
    return f"{known:.6g} (projected)" if known is not None else example


def _workload(known: Answer, told: Carried) -> Workload:
    """Raises ValidationError where the figures contradict each other."""
    shape = limits.shape()
    cpu = _given("cpu") if _given("cpu") is not None else told.cpu_percent
    cores = _given("cores") or (shape.vcpu if shape else None)
    both = cpu is not None and cores is not None and not _given("qps")
    horizon = max((known.projections[0].dates[-1] - session.today()).days, 30)
    raw: dict[str, Any] = {
        "kind": st.session_state.get(plan_key("kind"), "mixed"),
        "queries_per_second": _given("qps") or None,
        "cpu_ms_per_query": _given("cpu_ms") or None,
        "cpu_percent_now": cpu if both else None,
        "cores_now": int(cores) if both and cores else None,
        "storage_gb": told.storage_gb if told.storage_gb is not None else _given("data") or 0.0,
        "storage_growth_gb_per_month": told.storage_growth_gb_per_month,
        "working_set_gb": _given("working_set") or None,
        "ram_gib_now": _given("ram") or (shape.ram_gib if shape and not _given("working_set") else None),
        "connections": int(_given("connections") or told.connections or 100),
        "iops": _given("iops") or told.iops or None,
        "throughput_mb_s": _given("throughput") or told.throughput_mb_s or None,
        "growth_per_year": told.growth_per_year or _stated_growth(),
        "horizon_months": min(max(round(horizon / 30.44), 1), 120),
        "nodes": st.session_state.get(plan_key("nodes"), 2),
    }
    return Workload.model_validate({name: value for name, value in raw.items() if value is not None})


def _stated_growth() -> Interval:
    low, high = st.session_state.get(plan_key("growth"), (10, 50))
    return Interval(1 + low / 100, 1 + (low + high) / 200, 1 + high / 100)


def _options(known: Answer) -> Options:
    shape = limits.shape()
    return Options(
        current_shape=shape.name if shape else None,
        configuration=st.session_state.get(CONFIGURATION) or "",
        app_instances=st.session_state.get(plan_key("apps"), 1),
        recovery=limits.recovery(),
        walls=tuple(each.dated() for each in known.reached),
        lead_days=st.session_state.get(LEAD),
        archivable_share=(st.session_state.get("capacity-archivable") or 0) / 100,
        backup_copies=float(st.session_state.get("capacity-backups") or 0),
        own_prices=tuple(own_prices()),
    )


def _given(name: str) -> float | None:
    value: float | None = st.session_state.get(plan_key(name))
    return value


def shown_context() -> str:
    """The system in a line."""
    return plain(session.context().label())
