"""The assumptions: shown with unit and source, edited by managers, with the history of who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dbbuddy.analytics.roi import assumptions as model
from dbbuddy.analytics.roi.assumptions import AssumptionError, Assumptions, defaults, differences
from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store import assumptions as kept
from dbbuddy.store.assumptions import Version
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.analytics.source import Source
from dbbuddy.ui.refusals import refusals_shown
from dbbuddy.ui.text import plain, show_error, show_warning

_TOLD = "roi-assumptions-told"
_SHOWN = 12


@dataclass(frozen=True)
class Current:
    """The assumptions that count, all versions (the newest first), and why the newest cannot be read, if it cannot."""

    assumptions: Assumptions
    versions: tuple[Version, ...]
    problem: str = ""


def current(source: Source) -> Current:
    """What counts now; the defaults if nobody changed anything.

    Raises:
        StoreError: the store cannot be read.
    """
    versions = kept.versions(source.store)
    if not versions:
        return Current(defaults(), ())
    try:
        return Current(model.read(versions[0].content), versions)
    except AssumptionError as error:
        return Current(defaults(), versions, str(error))


def draw(source: Source, user: User, now: Current) -> None:
    """The editor and the history."""
    st.markdown("##### Every result rests on these values")
    st.caption("A range is drawn as a triangle: low and high are the ends, likely is its top. Shares are in percent.")
    if now.problem:
        show_warning(now.problem)
    told = st.session_state.pop(_TOLD, None)
    if told:
        (st.success if told[0] else st.error)(plain(told[1]))
    if not source.own:
        st.info("These are the values for the sample data. Switch it off to change your own.", icon=":material/science:")
    base = now.versions[0].id if now.versions else None
    with st.form(f"roi-assumptions-{base}", border=False):
        ranges = _ranges(now.assumptions, locked=not source.own)
        fixed = _fixed(now.assumptions, locked=not source.own)
        if st.form_submit_button(
            "Save", icon=":material/save:", type="primary", disabled=not source.own, key="roi-assumptions-save"
        ):
            _save(source, user, now, {**ranges, **fixed}, base)
    _history(source, user, now, base)


def _ranges(assumptions: Assumptions, *, locked: bool) -> dict[str, dict[str, Any]]:
    names = list(assumptions.ranges)
    rows = [_shown(one.unit, {"low": one.low, "likely": one.likely, "high": one.high}) for one in assumptions.ranges.values()]
    frame = pd.DataFrame(
        {
            "What": [one.title for one in assumptions.ranges.values()],
            **{name: [row[name] for row in rows] for name in ("low", "likely", "high")},
            "Unit": [_unit(one.unit) for one in assumptions.ranges.values()],
            "Where it comes from": [one.source for one in assumptions.ranges.values()],
        }
    )
    columns = {
        name: st.column_config.NumberColumn(name.capitalize(), min_value=0.0, required=True, width=90)
        for name in ("low", "likely", "high")
    }
    edited = _editor(frame, columns, "roi-ranges", locked=locked)
    return {
        name: {
            **_meant(assumptions.ranges[name].unit, {part: row[part] for part in ("low", "likely", "high")}),
            "source": _text(row),
        }
        for name, row in zip(names, edited, strict=True)
    }


def _fixed(assumptions: Assumptions, *, locked: bool) -> dict[str, dict[str, Any]]:
    names = list(assumptions.fixed)
    frame = pd.DataFrame(
        {
            "What": [one.title for one in assumptions.fixed.values()],
            "value": [_shown(one.unit, {"value": one.value})["value"] for one in assumptions.fixed.values()],
            "Unit": [_unit(one.unit) for one in assumptions.fixed.values()],
            "Where it comes from": [one.source for one in assumptions.fixed.values()],
        }
    )
    columns = {"value": st.column_config.NumberColumn("Value", min_value=0.0, required=True, width=90)}
    edited = _editor(frame, columns, "roi-fixed", locked=locked)
    return {
        name: {**_meant(assumptions.fixed[name].unit, {"value": row["value"]}), "source": _text(row)}
        for name, row in zip(names, edited, strict=True)
    }


def _editor(frame: pd.DataFrame, columns: dict[str, Any], key: str, *, locked: bool) -> list[dict[str, Any]]:
    texts = {
        "What": st.column_config.TextColumn(width=330),
        "Unit": st.column_config.TextColumn(width=120),
        "Where it comes from": st.column_config.TextColumn(max_chars=400, width="large"),
    }
    edited = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        num_rows="fixed",
        height=36 * (len(frame) + 1) + 4,
        disabled=True if locked else ["What", "Unit"],
        column_config={**texts, **columns},
    )
    return [{str(name): value for name, value in row.items()} for row in edited.to_dict("records")]


def _is_share(unit: str) -> bool:
    return unit.startswith("share")


def _unit(unit: str) -> str:
    return unit.replace("share", "%") if _is_share(unit) else unit


def _shown(unit: str, values: dict[str, float]) -> dict[str, float]:
    return {name: round(100 * value, 6) if _is_share(unit) else value for name, value in values.items()}


def _meant(unit: str, values: dict[str, Any]) -> dict[str, Any]:
    """The numbers as they are kept; what is no number is left for the model to refuse."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        number = None if value is None or pd.isna(value) else float(value)
        found[name] = number / 100 if number is not None and _is_share(unit) else number
    return found


def _text(row: dict[str, Any]) -> str:
    source = row["Where it comes from"]
    return "" if source is None or pd.isna(source) else str(source)


def _save(source: Source, user: User, now: Current, values: dict[str, dict[str, Any]], base: str | None) -> None:
    try:
        changed = now.assumptions.changed(values)
        if changed == now.assumptions:
            st.session_state[_TOLD] = (True, "Nothing was changed.")
        else:
            with refusals_shown():
                kept.save(source.store, user, changed.stored(), base)
                st.session_state[_TOLD] = (True, "Saved. All results use the new values.")
    except (AssumptionError, StoreError) as error:
        show_error(error)
        return
    st.rerun()


def _history(source: Source, user: User, now: Current, base: str | None) -> None:
    if not now.versions:
        st.caption("Nobody has changed anything yet; these are the defaults.")
        return
    with st.expander(f"History: {len(now.versions)} versions", icon=":material/history:", key="roi-assumptions-history"):
        readable = [(version, _read(version)) for version in now.versions]
        older = [*(found for _, found in readable[1:]), defaults()]
        for number, ((version, found), before) in enumerate(zip(readable, older, strict=True)):
            if number == _SHOWN:
                st.caption(f"{len(readable) - _SHOWN} older versions are kept, too.")
                break
            _entry(source, user, version, found, before, base, number)
        if now.assumptions != defaults() and source.own:
            st.button(
                "Back to the defaults",
                icon=":material/restart_alt:",
                key="roi-assumptions-defaults",
                on_click=_revert,
                args=(source, user, defaults().stored(), base),
            )


def _entry(
    source: Source,
    user: User,
    version: Version,
    found: Assumptions | None,
    before: Assumptions | None,
    base: str | None,
    number: int,
) -> None:
    zone = settings().time_zone
    moment = version.made_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    st.markdown(f"**{moment:%Y-%m-%d %H:%M}** · {plain(version.made_by)}{' · counts now' if number == 0 else ''}")
    if found is None:
        st.caption("This version cannot be read any more.")
        return
    changes = differences(before, found) if before else ()
    st.caption("  \n".join(plain(line) for line in changes) or "As the version before.")
    if number and source.own:
        st.button(
            "Use this version again",
            icon=":material/undo:",
            key=f"roi-revert-{version.id}",
            on_click=_revert,
            args=(source, user, version.content, base),
        )


def _read(version: Version) -> Assumptions | None:
    try:
        return model.read(version.content)
    except AssumptionError:
        return None


def _revert(source: Source, user: User, content: str, base: str | None) -> None:
    try:
        kept.save(source.store, user, content, base)
        st.session_state[_TOLD] = (True, "That version counts again. It stands as a new one in the history.")
    except StoreError as error:
        st.session_state[_TOLD] = (False, str(error))
