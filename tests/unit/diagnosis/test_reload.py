"""Playbook files that change while the app runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dbbuddy.diagnosis.library import BUILT_IN, Library, folders, load_library
from dbbuddy.diagnosis.reload import Reloading, fingerprint
from tests.unit.diagnosis.playbooks import playbook_text, write


def slugs(library: Library) -> list[str]:
    return sorted(library.playbooks)


def reloading(folder: Path) -> Reloading[Library]:
    """Looks at the files at every call."""
    return Reloading((folder,), lambda library: library, every=0)


def now(live: Reloading[Library]) -> Library:
    """What is in use once the files have been looked at and a build is done."""
    live.current()
    live.wait(10)
    return live.current()


class TestFingerprint:
    def test_changes_with_every_kind_of_change(self, tmp_path: Path) -> None:
        path = write(tmp_path, "one")
        seen = [fingerprint([tmp_path])]
        write(tmp_path, "two")
        seen.append(fingerprint([tmp_path]))
        os.utime(path, ns=(1, 1))
        seen.append(fingerprint([tmp_path]))
        path.unlink()
        seen.append(fingerprint([tmp_path]))
        assert len(set(seen)) == 4

    def test_stays_without_a_change(self, tmp_path: Path) -> None:
        write(tmp_path, "one")
        assert fingerprint([tmp_path]) == fingerprint([tmp_path])

    def test_readme_and_hidden_files_are_no_playbooks(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        for name in ("README.md", ".draft.md", ".git/one.md", "notes.txt"):
            (tmp_path / name).write_text("x")
        assert fingerprint([tmp_path]) == frozenset()
        assert load_library([tmp_path]).problems == ()

    def test_a_folder_that_does_not_exist_is_empty(self, tmp_path: Path) -> None:
        assert fingerprint([tmp_path / "none"]) == frozenset()


class TestReloading:
    def test_takes_in_what_is_added_changed_and_removed(self, tmp_path: Path) -> None:
        live = reloading(tmp_path)
        assert slugs(now(live)) == []
        path = write(tmp_path, "one", title="First")
        assert slugs(now(live)) == ["one"]
        write(tmp_path, "one", title="Another title")
        assert now(live)["one"].head.title == "Another title"
        path.unlink()
        assert slugs(now(live)) == []

    def test_builds_nothing_without_a_change(self, tmp_path: Path) -> None:
        write(tmp_path, "one")
        live = reloading(tmp_path)
        assert now(live) is now(live)

    def test_does_not_look_more_often_than_told(self, tmp_path: Path) -> None:
        live = Reloading((tmp_path,), lambda library: library, every=1000)
        live.current()
        write(tmp_path, "one")
        assert slugs(now(live)) == []

    def test_the_old_one_serves_while_the_new_one_is_built(self, tmp_path: Path) -> None:
        may_finish = threading.Event()
        builds: list[Library] = []

        def build(library: Library) -> Library:
            builds.append(library)
            if len(builds) > 1:
                assert may_finish.wait(10)
            return library

        live = Reloading((tmp_path,), build, every=0)
        old = live.current()
        write(tmp_path, "one")
        assert [live.current() for _ in range(20)] == [old] * 20
        may_finish.set()
        live.wait(10)
        assert slugs(live.current()) == ["one"]
        assert len(builds) == 2

    def test_many_first_callers_wait_for_one_build(self, tmp_path: Path) -> None:
        builds: list[Library] = []
        live = Reloading((tmp_path,), lambda library: builds.append(library) or library, every=0)
        callers = [threading.Thread(target=live.current) for _ in range(8)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(10)
        assert len(builds) == 1

    def test_a_build_that_fails_leaves_the_old_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(threading, "excepthook", lambda _: None)
        built: list[Library] = []

        def build(library: Library) -> Library:
            if len(built) == 1 and "one" in library.playbooks and "two" not in library.playbooks:
                raise RuntimeError("as if out of memory")
            built.append(library)
            return library

        live = Reloading((tmp_path,), build, every=0)
        live.current()
        write(tmp_path, "one")
        assert slugs(now(live)) == []
        write(tmp_path, "two")
        assert slugs(now(live)) == ["one", "two"]


DAMAGE: dict[str, Callable[[str], str]] = {
    "no head": lambda text: "just words",
    "broken YAML": lambda text: text.replace("engines: [postgresql, mysql]", "engines: [postgresql"),
    "a date that is none": lambda text: text.replace("title: ", "title: 2026-13-45 #"),
    "unknown engine": lambda text: text.replace("engines: [postgresql, mysql]", "engines: [postgres]"),
    "unknown section": lambda text: text + "\n## Afterthoughts\nx\n",
    "missing section": lambda text: text.replace("## Expected", "## Situation"),
    "fence without an engine": lambda text: text.replace("```sql mysql", "```sql"),
    "open fence": lambda text: text.replace("KILL {{pid}};\n```", "KILL {{pid}};"),
    "unknown placeholder": lambda text: text.replace("KILL {{pid}}", "KILL {{process}}"),
    "unknown placeholder in a title": lambda text: text.replace("### End the session", "### End the {{session}}"),
    "unknown placeholder in a question": lambda text: text.replace("Which step", "Which {{step}}"),
    "branch without section": lambda text: text.replace("## Branch: already-restarted", "## Branch: restarted"),
    "broken pattern": lambda text: text.replace("already restarted'", "already (restarted'"),
    "pattern that fires on everything": lambda text: text.replace("'connection refused'", "'(connection refused)?'"),
    "no rollback": lambda text: text.replace("Rollback: start the job again.\n", ""),
    "too long": lambda text: text + "x" * 1_000_000,
}


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
    def test_is_left_out_and_named(self, damage: Callable[[str], str], tmp_path: Path) -> None:
        write(tmp_path, "good")
        damaged = damage(playbook_text("bad"))
        assert damaged != playbook_text("bad")
        (tmp_path / "bad.md").write_text(damaged, encoding="utf-8")
        library = load_library([tmp_path])
        assert slugs(library) == ["good"]
        assert [problem.startswith("bad.md: ") for problem in library.problems] == [True]

    def test_binary_file(self, tmp_path: Path) -> None:
        (tmp_path / "bad.md").write_bytes(bytes(range(256)) * 100)
        assert load_library([tmp_path]).problems == ("bad.md: is not UTF-8 text",)

    def test_a_file_that_becomes_damaged_goes_and_comes_back(self, tmp_path: Path) -> None:
        path = write(tmp_path, "one")
        live = reloading(tmp_path)
        assert slugs(now(live)) == ["one"]
        path.write_text("---\nhalf saved", encoding="utf-8")
        assert slugs(now(live)) == []
        assert now(live).problems
        write(tmp_path, "one")
        assert slugs(now(live)) == ["one"]
        assert now(live).problems == ()


class TestOwnFolder:
    def test_adds_and_overrides_by_slug(self, tmp_path: Path) -> None:
        write(tmp_path, "house-rule")
        write(tmp_path, "mysql-deadlock", title="Our own way with deadlocks")
        library = load_library(folders(tmp_path))
        assert library["mysql-deadlock"].head.title == "Our own way with deadlocks"
        assert sorted(library.own()) == ["house-rule", "mysql-deadlock"]
        assert len(library.playbooks) == len(load_library().playbooks) + 1

    def test_a_damaged_override_leaves_the_built_in_one(self, tmp_path: Path) -> None:
        (tmp_path / "mysql-deadlock.md").write_text(playbook_text("mysql-deadlock") + "\n## Nonsense\n", encoding="utf-8")
        library = load_library(folders(tmp_path))
        assert library["mysql-deadlock"].path.is_relative_to(BUILT_IN)
        assert len(library.problems) == 1

    def test_windows_line_ends_and_byte_order_mark(self, tmp_path: Path) -> None:
        text = "\ufeff" + playbook_text("one").replace("\n", "\r\n")
        (tmp_path / "one.md").write_bytes(text.encode())
        assert slugs(load_library([tmp_path])) == ["one"]

    def test_the_same_slug_twice(self, tmp_path: Path) -> None:
        (tmp_path / "again").mkdir()
        write(tmp_path, "one")
        write(tmp_path / "again", "one")
        assert "taken" in load_library([tmp_path]).problems[0]

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        library = load_library([tmp_path / "none"])
        assert library.problems == (f"the playbook folder {tmp_path / 'none'} does not exist",)
