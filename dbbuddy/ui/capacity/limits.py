"""What may not be exceeded: typed in, or known of the system."""

from __future__ import annotations

import streamlit as st

from dbbuddy.capacity.catalogue import Shape, StorageType, shape_named, shapes_for, storage_for
from dbbuddy.capacity.limit import LEVELS, Level, Limit
from dbbuddy.capacity.limits import Volume, limits_for
from dbbuddy.capacity.metric import FACTS
from dbbuddy.capacity.recovery import Recovery, recovery_limits
from dbbuddy.capacity.sentence import figure
from dbbuddy.ui import context_fields
from dbbuddy.ui.capacity import session
from dbbuddy.ui.capacity.session import CONTEXT, Opened
from dbbuddy.ui.text import plain, show_warning

_LABELS: dict[Level, str] = {"warning": "Warning at", "critical": "Critical at", "full": "Full at"}
_RECOVERY = (
    ("backup_mb_s", "Backup, MB/s"),
    ("backup_window_hours", "Backup window, hours"),
    ("restore_mb_s", "Restore, MB/s"),
    ("rto_hours", "RTO, hours"),
)


def draw(opened: Opened, index: int) -> None:
    """The inputs for the limits of this series and of the system."""
    history = opened.histories[index]
    count = len(of(opened, index))
    told = "none yet" if not count else "1 limit" if count == 1 else f"{count} limits"
    with st.expander(
        f"Limits: {told}",
        icon=":material/production_quantity_limits:",
        expanded=count == 0 and opened.moment != session.NUMBERS,
        key=f"capacity-limits-{opened.place(index)}",
    ):
        typed, system = st.columns(2, gap="large")
        with typed:
            st.markdown(f"**Yours**, in {plain(history.unit) or 'the unit of the values'}")
            with st.container(horizontal=True, gap="small"):
                for level in LEVELS:
                    key = session.limit_key(opened, index, level)
                    if key != "full":
                        st.number_input(_LABELS[level], value=None, format="%.10g", key=key, width=130, persist_state="page")
            if opened.moment == session.NUMBERS:
                st.caption("The full mark is above, beside the two numbers.")
            if history.metric == "storage":
                _recovery()
            _known(opened, index)
        with system:
            st.markdown("**The system**")
            context_fields.draw(CONTEXT)
            _machine()


def of(opened: Opened, index: int) -> tuple[Limit, ...]:
    """All limits of a series: those typed in and those of the system that are switched on, none twice."""
    found = {(limit.value, limit.level): limit for limit in (*session.typed_limits(opened, index), *of_system(opened, index))}
    return tuple(found.values())


def of_system(opened: Opened, index: int, *, chosen_only: bool = True) -> list[Limit]:
    """What the engine, the service, the class and the volume allow this metric."""
    history, context = opened.histories[index], session.context()
    known = []
    if context.engine:
        known = [limit for limit in limits_for(context, shape(), volume()) if limit.metric == history.metric]
    known += [limit for limit in _of_recovery() if history.metric == "storage"]
    named = {(limit.name, limit.level) for limit in known}
    known += [limit for limit in opened.given.get(index, ()) if (limit.name, limit.level) not in named]
    return [limit for limit in known if not chosen_only or st.session_state.get(_switch(limit), True)]


def shape() -> Shape | None:
    """The class that the system has today."""
    name = st.session_state.get("capacity-shape")
    return shape_named(name) if name else None


def volume() -> Volume | None:
    """The volume that the system has today."""
    name, size = st.session_state.get("capacity-volume"), st.session_state.get("capacity-volume-gb")
    kind = next((kind for kind in storage_for(session.context()) if kind.id == name), None)
    if kind is None or not size or size <= 0:
        return None
    iops, rate = st.session_state.get("capacity-volume-iops"), st.session_state.get("capacity-volume-rate")
    return Volume(kind, size, iops or None, rate or None)


def _machine() -> None:
    """Class and volume of today, of those that the catalogue knows."""
    context = session.context()
    if not context.engine:
        st.caption("Choose an engine, and what it allows is added: size, connections, IOPS, log rate, transaction ids.")
        return
    names = [one.name for one in shapes_for(context)]
    if st.session_state.get("capacity-shape") not in names:
        st.session_state["capacity-shape"] = None
    st.selectbox("Class today", names, index=None, key="capacity-shape", placeholder="not known", persist_state="page")
    kinds: dict[str, StorageType] = {kind.id: kind for kind in storage_for(context) if not kind.elastic and not kind.tied_to_class}
    if not kinds:
        return
    if st.session_state.get("capacity-volume") not in kinds:
        st.session_state["capacity-volume"] = None
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Volume",
            list(kinds),
            index=None,
            format_func=lambda name: kinds[name].name,
            key="capacity-volume",
            placeholder="not known",
            persist_state="page",
            width=210,
        )
        if chosen:
            for label, key in (
                ("Size, GB", "capacity-volume-gb"),
                ("IOPS", "capacity-volume-iops"),
                ("MB/s", "capacity-volume-rate"),
            ):
                st.number_input(
                    label, value=None, min_value=0.0, max_value=1e9, format="%.10g", key=key, width=110, persist_state="page"
                )


def _recovery() -> None:
    with st.popover("Backup window and RTO", icon=":material/backup:", key="capacity-recovery"):
        st.caption("A size above which the backup leaves its window, or the restore misses the RTO, is a limit too.")
        for name, label in _RECOVERY:
            st.number_input(
                label, value=None, min_value=0.0, max_value=1e9, format="%.10g", key=f"capacity-{name}", persist_state="page"
            )


def _of_recovery() -> tuple[Limit, ...]:
    given = recovery()
    return recovery_limits(given) if given else ()


def recovery() -> Recovery | None:
    """What backups and restores must hold, if anything was said."""
    backup, window, restore, rto = (st.session_state.get(f"capacity-{name}") or None for name, _ in _RECOVERY)
    if not any((backup, window, restore, rto)):
        return None
    return Recovery(backup, window, restore, rto)


def _known(opened: Opened, index: int) -> None:
    """The limits of the system with their source, each to be switched off."""
    known = of_system(opened, index, chosen_only=False)
    for limit in known:
        st.checkbox(
            plain(f"{limit.name}: {figure(limit.value, limit.unit)} ({limit.level})"),
            value=True,
            key=_switch(limit),
            help=plain(limit.source),
            persist_state="page",
        )
    if session.context().engine and not known:
        show_warning(
            f"The catalogue knows no limit of {FACTS[opened.histories[index].metric].title.lower()} for this system. Type yours."
        )


def _switch(limit: Limit) -> str:
    return f"capacity-use-{limit.metric}-{limit.name}-{limit.level}"
