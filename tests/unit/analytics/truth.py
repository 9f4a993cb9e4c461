"""The metrics computed a second time from the raw rows, in plain Python and pandas, without any of the app's own SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.sample.logs import Logs

Row = dict[str, Any]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def rows_of(frame: pd.DataFrame) -> list[Row]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(k): v.to_pydatetime() if isinstance(v, pd.Timestamp) else v for k, v in row.items()}
        for row in plain.to_dict("records")
    ]


@dataclass
class Episode:
    user: str
    day: date
    last_day: date
    slice: tuple[str, ...]
    sessions: int
    messages: int
    outcome: str
    told: bool
    tenth: int | None
    minutes_saved: int | None
    ends: tuple[datetime, ...] = ()


@dataclass
class Visit:
    """What one person asked in one conversation within one session."""

    session: int
    session_start: datetime
    exchanges: list[Row] = field(default_factory=list)

    @property
    def naming(self) -> Row:
        diagnosed = [e for e in self.exchanges if e["status"] == "answered" and e["diagnosis"]]
        return (diagnosed or self.exchanges)[-1]

    @property
    def problem(self) -> str:
        named = self.naming
        if named["status"] == "answered" and named["diagnosis"]:
            return str(named["diagnosis"])
        return f"{named['category'] or ''}/{named['engine'] or ''}"

    @property
    def start(self) -> datetime:
        return self.exchanges[0]["asked_at"]

    @property
    def end(self) -> datetime:
        return self.exchanges[-1]["asked_at"]


class Truth:
    """Everything that happened, and the questions that the dashboards answer about it."""

    def __init__(self, logs: Logs) -> None:
        self.exchanges = rows_of(logs.exchanges)
        self.visits = rows_of(logs.visits)
        self.elaborations = rows_of(logs.elaborations)
        self.feedback: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(rows_of(logs.feedback), key=lambda row: row["given_at"]):
            self.feedback[row["exchange_id"]].append(row)
        self.handed: dict[str, datetime] = {row["exchange_id"]: row["created_at"] for row in rows_of(logs.handovers)}
        self.by_id = {row["id"]: row for row in self.exchanges}
        self.day_team: dict[tuple[str, date], str] = {}
        for row in sorted(self.exchanges, key=lambda row: (row["asked_at"], row["id"])):
            self.day_team[row["user_id"], row["day"]] = row["team"] or ""
        self.first_day: dict[str, date] = {}
        for row in self.exchanges:
            self.first_day[row["user_id"]] = min(row["day"], self.first_day.get(row["user_id"], row["day"]))
        self.episodes = [episode for user in sorted(self.first_day) for episode in self._episodes(user)]

    # The filter

    def asked(self, chosen: Filter, first: date | None = None, last: date | None = None) -> list[Row]:
        first, last = first or chosen.period.first, last or chosen.period.last
        return [
            row
            for row in self.exchanges
            if first <= row["day"] <= last and passes(chosen, (self.day_team[row["user_id"], row["day"]], *dims(row)))
        ]

    # Adoption

    def days(self, chosen: Filter) -> dict[date, tuple[int, int]]:
        people: dict[date, set[str]] = defaultdict(set)
        messages: Counter[date] = Counter()
        for row in self.asked(chosen):
            people[row["day"]].add(row["user_id"])
            messages[row["day"]] += 1
        return {day: (len(found), messages[day]) for day, found in people.items()}

    def people_by(self, chosen: Filter, start: Any, first: date, last: date) -> dict[date, set[str]]:
        """People by the week or month that a day begins with `start(day)`."""
        found: dict[date, set[str]] = defaultdict(set)
        for row in self.asked(chosen, first, last):
            found[start(row["day"])].add(row["user_id"])
        return found

    def funnel(self, chosen: Filter) -> tuple[int, ...]:
        period = chosen.period
        opened = {v["user_id"]: v for v in self.visits if period.first <= v["day"] <= period.last}
        seen = {
            v["user_id"]
            for v in self.visits
            if period.first <= v["day"] <= period.last
            and (not chosen.teams or self.day_team.get((v["user_id"], v["day"]), v["team"]) in chosen.teams)
        }
        assert opened or not seen
        rows = self.asked(chosen)
        recent = max(period.first, period.last - timedelta(days=27))
        answered = [row for row in rows if row["status"] == "answered"]
        rated = [row for row in answered if any(f["stars"] or f["outcome"] for f in self.feedback[row["id"]])]
        return (
            len(seen | {row["user_id"] for row in rows}),
            len({row["user_id"] for row in rows}),
            len({row["user_id"] for row in rows if row["day"] >= recent}),
            len({row["user_id"] for row in answered}),
            len({row["user_id"] for row in rated}),
            len({row["user_id"] for row in answered if self.outcome(row["id"]) == "solved"}),
        )

    def active_days(self, chosen: Filter) -> Counter[int]:
        recent = max(chosen.period.first, chosen.period.last - timedelta(days=27))
        days: dict[str, set[date]] = defaultdict(set)
        for row in self.asked(chosen, recent):
            days[row["user_id"]].add(row["day"])
        return Counter(len(found) for found in days.values())

    # Quality

    def newest(self, exchange: str, name: str) -> Any:
        return next((f[name] for f in reversed(self.feedback[exchange]) if f[name] is not None), None)

    def outcome(self, exchange: str) -> Any:
        return self.newest(exchange, "outcome")

    def counts(self, chosen: Filter) -> dict[date, list[int]]:
        found: dict[date, list[int]] = defaultdict(lambda: [0] * 12)
        for row in self.asked(chosen):
            stars, outcome, answered = self.newest(row["id"], "stars"), self.outcome(row["id"]), row["status"] == "answered"
            week = found[monday(row["day"])]
            week[0] += 1
            week[1] += answered
            week[2] += row["status"] == "needs_details"
            week[3] += row["status"] == "out_of_scope"
            week[4] += answered and (stars is not None or outcome is not None)
            if stars is not None:
                week[4 + int(stars)] += 1
            week[10] += answered and outcome == "solved"
            week[11] += outcome == "not_solved"
        return found

    def chosen_episodes(self, chosen: Filter) -> list[Episode]:
        period = chosen.period
        return [e for e in self.episodes if period.first <= e.day <= period.last and passes(chosen, e.slice)]

    def _episodes(self, user: str) -> list[Episode]:
        mine = sorted((row for row in self.exchanges if row["user_id"] == user), key=lambda row: (row["asked_at"], row["id"]))
        visits: dict[tuple[int, str], Visit] = {}
        session, last, began = -1, datetime.min, datetime.min
        for row in mine:
            if row["asked_at"] - last >= timedelta(minutes=30):
                session, began = session + 1, row["asked_at"]
            last = row["asked_at"]
            visits.setdefault((session, row["conversation_id"]), Visit(session, began)).exchanges.append(row)
        problems: dict[str, list[Visit]] = defaultdict(list)
        for visit in sorted(visits.values(), key=lambda visit: (visit.start, visit.end)):
            problems[visit.problem].append(visit)
        found = []
        for some in problems.values():
            group = [some[0]]
            for visit in some[1:]:
                if visit.start - max(before.end for before in group) > timedelta(days=7):
                    found.append(self._episode(user, group))
                    group = []
                group.append(visit)
            found.append(self._episode(user, group))
        return found

    def _episode(self, user: str, visits: list[Visit]) -> Episode:
        final = max(visits, key=lambda visit: (visit.end, visit.start))
        rows = [row for visit in visits for row in visit.exchanges]
        outcome, told = self._judge(visits, final, rows)
        confidence = final.naming["confidence"]
        minutes = [f["minutes_saved"] for row in rows for f in self.feedback[row["id"]] if f["minutes_saved"] is not None]
        answered = any(row["status"] == "answered" for row in rows)
        return Episode(
            user=user,
            day=min(row["day"] for row in rows),
            last_day=max(row["day"] for row in rows),
            slice=(final.naming["team"] or "", *dims(final.naming)),
            sessions=len({visit.session for visit in visits}),
            messages=len(rows),
            outcome=outcome,
            told=told,
            tenth=min(int(confidence * 10), 9) if confidence is not None and answered else None,
            minutes_saved=max(minutes, default=None),
            ends=tuple(visit.end for visit in visits),
        )

    def _judge(self, visits: list[Visit], final: Visit, rows: list[Row]) -> tuple[str, bool]:
        said = sorted((f for row in rows for f in self.feedback[row["id"]]), key=lambda f: f["given_at"])
        if any(row["id"] in self.handed for row in rows) or any(f["outcome"] == "handed_over" for f in said):
            return "handed_over", True
        if all(row["status"] == "out_of_scope" for row in rows):
            return "declined", False
        began = max(visit.session_start for visit in visits)
        said = [f for f in said if f["given_at"] >= began]
        words = [f["outcome"] for f in said if f["outcome"] in ("solved", "not_solved")]
        if words:
            return ("confirmed", True) if words[-1] == "solved" else ("unresolved", True)
        stars = [f["stars"] for f in said if f["stars"] is not None]
        if stars and stars[-1] >= 4:
            return "confirmed", True
        if stars and stars[-1] <= 2:
            return "unresolved", True
        if len({visit.session for visit in visits}) > 1:
            return "unresolved", False
        return ("assumed", False) if final.exchanges[-1]["status"] == "answered" else ("unresolved", False)

    # Speed

    def times(self, chosen: Filter) -> dict[tuple[str, str], list[float]]:
        period = chosen.period
        found: dict[tuple[str, str], list[float]] = defaultdict(list)
        for row in self.exchanges:
            if period.first <= row["day"] <= period.last and passes(chosen, (row["team"] or "", *dims(row))):
                found["answer", row["provider"]].append(row["latency_ms"])
        for row in self.chosen_elaborations(chosen):
            for part, name in (("first", "first_token_ms"), ("whole", "total_ms")):
                found[part, row["provider"]].append(float("inf") if row[name] is None else row[name])
        return found

    def chosen_elaborations(self, chosen: Filter) -> list[Row]:
        found = []
        for row in self.elaborations:
            asked = self.by_id[row["exchange_id"]]
            slice_ = (asked["team"] or "", *dims(asked)[:3], row["provider"])
            if chosen.period.first <= row["day"] <= chosen.period.last and passes(chosen, slice_):
                found.append(row)
        return found


def dims(row: Row) -> tuple[str, ...]:
    return row["category"] or "", row["engine"] or "", row["environment"] or "", row["provider"]


def passes(chosen: Filter, slice_: tuple[str, ...]) -> bool:
    allowed = (chosen.teams, chosen.categories, chosen.engines, chosen.environments, chosen.providers)
    return all(not some or value in some for some, value in zip(allowed, slice_, strict=True))
