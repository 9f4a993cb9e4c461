"""What follows from the projection: the class to take, the parameters to set, and the steps with their dates."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dbbuddy.capacity.alerts import AlertCode, alert_code
from dbbuddy.capacity.cost import month_day
from dbbuddy.capacity.plan import CapacityPlan
from dbbuddy.capacity.roadmap import KIND_NAMES, Roadmap
from dbbuddy.capacity.sentence import day
from dbbuddy.capacity.sizing.queueing import ceiling
from dbbuddy.capacity.study import Answer
from dbbuddy.ui import charts
from dbbuddy.ui.capacity import figures, session, workload
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.text import plain, show_warning

_EXCUSES = 10


def draw_sizing(opened: Opened, known: Answer) -> None:
    """The class to take, with its reasons, and the excuses of the others."""
    if not session.context().engine:
        workload.ask_for_engine("What to buy")
        return
    workload.draw(known)
    plan = workload.plan(known)
    if plan is None:
        return
    _target(plan)
    for warning in plan.warnings:
        show_warning(warning)
    _stairs(plan, opened)
    st.markdown("##### Why")
    for topic in dict.fromkeys(reason.topic for reason in plan.reasons):
        lines = [f"- {plain(one.line)} :gray[({plain(one.source)})]" for one in plan.reasons if one.topic == topic]
        st.markdown("\n".join([f"**{topic}**", "", *lines]))
    if plan.choice.rejected:
        with st.expander(f"Why not another ({len(plan.choice.rejected)} classes looked at)", icon=":material/block:"):
            rows = [
                {"Class": verdict.shape.name, "vCPU": verdict.shape.vcpu, "GiB": verdict.shape.ram_gib, "Why not": verdict.excuse}
                for verdict in plan.choice.rejected[:_EXCUSES]
            ]
            st.dataframe(rows, hide_index=True, height="content", alt="Classes that were not chosen, with the reason")


def draw_parameters(opened: Opened, known: Answer) -> None:
    """Current and proposed parameters, and the text to copy."""
    if not session.context().engine:
        workload.ask_for_engine("What to set")
        return
    st.text_area(
        "Your configuration, to compare (a file, SHOW ALL, SHOW VARIABLES, sp_configure or show parameter)",
        key=workload.CONFIGURATION,
        height=110,
        placeholder="shared_buffers = 128MB\nwork_mem = 4MB",
        persist_state="page",
    )
    plan = workload.plan(known)
    if plan is None:
        return
    made = plan.configuration
    st.markdown(f"**{plain(f'For {plan.target.name}: {plan.target.vcpu} vCPU, {plan.target.ram_gib:g} GiB')}**")
    if made.service_note:
        st.info(plain(made.service_note), icon=":material/cloud:")
    for warning in made.warnings:
        show_warning(warning)
    current = {row.name: row for row in made.differences}
    rows = [
        {
            "Parameter": one.name,
            "Current": (current[one.name].current or "not set") if one.name in current else "–",
            "Proposed": "set by the service" if one.service_note else one.shown,
            "Restart": "yes" if one.restart else "no",
            "Why": one.lowered or one.service_note or one.reason,
            "Formula": one.formula,
            "Risk": one.risk,
        }
        for one in sorted(made.parameters, key=lambda one: bool(one.service_note))
    ]
    st.dataframe(rows, hide_index=True, height="content", alt="Parameters, current and proposed")
    check = made.memory
    share = check.total / check.ram if check.ram else 0
    fits = "fits" if check.fits else "does not fit"
    st.caption(f"At worst all of this takes {check.total / 2**30:,.1f} GiB, {share:.0%} of the RAM: it {fits}.")
    st.markdown("**To copy**")
    st.code(made.text, language=made.text_kind, wrap_lines=True)


def draw_roadmap(opened: Opened, known: Answer) -> None:
    """Dated steps, and the alerts as code."""
    st.number_input(
        "Lead time in days, if yours is other than the usual one",
        value=None, min_value=0, max_value=3_650, key=workload.LEAD, placeholder="usual", width=330, persist_state="page",
    )  # fmt: skip
    plan = workload.plan(known)
    steps, codes = (plan.roadmap, plan.alert_code) if plan else _without_engine(known)
    if not steps.steps:
        told = (
            "No limit is reached within the horizon: no step is needed."
            if known.reached
            else "Give a limit above, and the steps stand here with their dates."
        )
        st.info(told, icon=":material/event_available:")
    else:
        first = steps.steps[0]
        begin = "now" if first.late or first.order_by <= session.today() else f"by {day(first.order_by)}"
        st.markdown(f"**{plain(f'Begin {begin}: {first.title}')}**")
        for place, step in enumerate(steps.steps):
            with st.container(border=True, key=f"capacity-step-{place}"):
                when = ":red[**today: the lead time has begun**]" if step.late else f"**by {day(step.order_by)}**"
                st.markdown(f"Decide {when} :gray-badge[{KIND_NAMES[step.kind]}] **{plain(step.title)}**  \n{plain(step.do)}")
                st.caption(
                    f"{plain(step.why)}. Takes {step.lead_days} days, done by {day(max(step.done_by, step.ready_on))}. "
                    f"At the latest when: {plain(step.trigger)}. Gain: {plain(step.buys)}."
                )
        st.caption("Order by: the last day to decide, so that the step is done before the early date (10 % sure) of its limit.")
    for code in codes:
        with st.expander(f"Alerts for {plain(code.system)}", icon=":material/notifications_active:"):
            st.code(code.text, language=code.kind, wrap_lines=True)
            if code.left_out:
                st.caption(f"Cannot be watched there: {', '.join(code.left_out)}.")


def roadmap_of(known: Answer) -> Roadmap:
    """The roadmap with the classes over the months where they are known."""
    plan = workload.plan(known)
    return plan.roadmap if plan else _without_engine(known)[0]


def _without_engine(known: Answer) -> tuple[Roadmap, tuple[AlertCode, ...]]:
    return known.plan, alert_code(known.plan.alerts, session.context())


def _target(plan: CapacityPlan) -> None:
    chosen, volume = plan.target, plan.volumes[0] if plan.volumes else None
    nodes = max(plan.workload.nodes, 1 + plan.replicas.standbys) + plan.replicas.read_replicas
    st.markdown(f"#### {plain(f'Take {nodes} × {chosen.name}')}")
    held = plan.choice.chosen.holds_months if plan.choice.chosen else 0
    with st.container(horizontal=True, gap="small"):
        st.metric("vCPU", chosen.vcpu, border=True)
        st.metric("RAM", f"{chosen.ram_gib:g} GiB", border=True)
        st.metric(
            "Holds for",
            "all of it" if held > plan.workload.horizon_months else f"{held} months",
            border=True,
            help="At least nine of ten drawn futures fit.",
        )
        if volume:
            size = "grows by itself" if volume.kind.elastic else f"{volume.size_gb:,} GB"
            st.metric(
                "Storage", size, border=True, help=f"{volume.kind.name}, {volume.iops:,} IOPS" if volume.iops else volume.kind.name
            )
        st.metric(
            "Pool",
            f"{plan.pool.per_instance} each",
            border=True,
            help="Connections of each application instance that can work at once.",
        )
    st.caption(
        f"{workload.shown_context()}. Source of the class: {plain(chosen.source)} ({chosen.confidence}, {chosen.verified_on})."
    )


def _stairs(plan: CapacityPlan, opened: Opened) -> None:
    """Busy cores against what the class may carry, month by month."""
    band = next((each for each in plan.demand if each.resource == "busy_cores"), None)
    load = plan.workload
    if band is None:
        return
    names = {stage.month: stage.shape for stage in plan.choice.stages}
    held = plan.choice.chosen.holds_months if plan.choice.chosen else 0
    shape, carried = plan.target, []
    for month in range(len(band.months)):
        if month >= held and names.get(month):
            shape = names[month] or shape
        share = ceiling(
            shape.vcpu, load.nodes, factor=load.response_factor, policy=load.policy_utilisation, shared=load.nodes_share_load
        )
        carried.append(shape.vcpu * share.utilisation)
    dates = [month_day(plan.made_on, month) for month in range(len(band.months))]
    low, mid, high = (np.array([getattr(month, part) for month in band.months]) for part in ("low", "mid", "high"))
    told = f"{mid[-1]:,.1f} busy cores at the end ({low[-1]:,.1f} to {high[-1]:,.1f}); {shape.name} may carry {carried[-1]:,.1f}"
    st.markdown(f"**{plain(told)}**")
    st.plotly_chart(
        figures.stairs(dates, low, mid, high, carried, "busy cores"),
        key=f"capacity-stairs-{opened.moment}",
        alt="Demand and capacity",
        config=charts.CONFIG,
    )
