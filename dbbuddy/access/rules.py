"""The access file: who has which role, and which teams there are. Who is not named in it may not enter."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from dbbuddy.access.errors import AccessFileError
from dbbuddy.identity import ROLES, Role

_MAX_BYTES = 5_000_000

Entry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Members(_Strict):
    """People by id or e-mail address, and groups by the name or id that the identity provider sends."""

    users: tuple[Entry, ...] = ()
    groups: tuple[Entry, ...] = ()

    @field_validator("users", "groups")
    @classmethod
    def _no_wildcard(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        if any("*" in entry for entry in entries):
            raise ValueError("a name cannot hold *; name a group that holds everybody instead")
        return entries

    def include(self, user_id: str, email: str, groups: frozenset[str]) -> bool:
        """Whether this person is one of them. Addresses are compared without regard to case, all else exactly."""
        if groups.intersection(self.groups) or user_id in self.users:
            return True
        return bool(email) and email.casefold() in {entry.casefold() for entry in self.users if "@" in entry}


class Roles(_Strict):
    """Who has each role."""

    developer: Members = Members()
    dba: Members = Members()
    manager: Members = Members()
    admin: Members = Members()


class Team(Members):
    """A team, how many developers in it could use the app, and since when they may."""

    name: Entry
    developers: int = Field(ge=0, le=1_000_000)
    since: date | None = None

    @model_validator(mode="after")
    def _has_members(self) -> Team:
        if not self.users and not self.groups:
            raise ValueError("a team needs users or groups, or nobody is in it")
        return self


class ClaimNames(_Strict):
    """In which claims of an identity token the provider writes what; a dotted path leads into an object."""

    email: Entry = "email"
    name: Entry = "name"
    groups: Entry = "groups"


class Access(_Strict):
    """The access file."""

    identify_by: Literal["sub", "email"] = "sub"
    claims: ClaimNames = ClaimNames()
    roles: Roles = Roles()
    teams: tuple[Team, ...] = ()

    @field_validator("teams")
    @classmethod
    def _each_once(cls, teams: tuple[Team, ...]) -> tuple[Team, ...]:
        names = [team.name.casefold() for team in teams]
        if len(set(names)) < len(names):
            raise ValueError("two teams have the same name")
        return teams

    def roles_of(self, user_id: str, email: str, groups: frozenset[str]) -> frozenset[Role]:
        """The roles of a person; empty for a stranger. Whoever has any role may also ask, as a developer does."""
        found: set[Role] = {role for role in ROLES if getattr(self.roles, role).include(user_id, email, groups)}
        return frozenset(found | {"developer"} if found else found)

    def team_of(self, user_id: str, email: str, groups: frozenset[str]) -> str:
        """The first team in the file that includes the person; empty if none does."""
        return next((team.name for team in self.teams if team.include(user_id, email, groups)), "")


def load_access(path: Path) -> Access:
    """Read and check an access file.

    Raises:
        AccessFileError: it cannot be read, or something in it is wrong.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise AccessFileError(path.name, f"it is larger than {_MAX_BYTES // 1_000_000} MB")
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except OSError as error:
        raise AccessFileError(path.name, f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AccessFileError(path.name, "it is not written in UTF-8") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise AccessFileError(path.name, _yaml_problem(error)) from error
    if not isinstance(content, dict):
        raise AccessFileError(path.name, "it is empty or no mapping; it begins with “roles:”")
    try:
        return Access.model_validate(content)
    except ValidationError as error:
        raise AccessFileError(path.name, *(_problem(details) for details in error.errors())) from error


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key given twice in one mapping: plain YAML silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key.value}” stands twice", key.start_mark)
            if isinstance(key.value, str):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or "this is no YAML"
    return f"line {mark.line + 1}: {reason}" if mark else str(reason)


def _problem(details: ErrorDetails) -> str:
    place = ".".join(str(part) for part in details["loc"]) or "the file"
    if details["type"] == "extra_forbidden":
        return f"{place} is not known here{_nearest(str(details['loc'][-1]), details['loc'][:-1])}"
    if details["type"] == "string_type":
        return f"{place} must be text: write it in quotes"
    return f"{place}: {details['msg'].removeprefix('Value error, ')}"


def _nearest(word: str, place: tuple[int | str, ...]) -> str:
    """The name that was meant, among those that are known there."""
    model: type[BaseModel] = Access
    if place:
        known = {"roles": Roles if len(place) == 1 else Members, "teams": Team, "claims": ClaimNames}
        model = known.get(str(place[0]), Access)
    near = difflib.get_close_matches(word, model.model_fields, n=1)
    return f"; did you mean {near[0]}?" if near else f"; it takes {', '.join(model.model_fields)}"
