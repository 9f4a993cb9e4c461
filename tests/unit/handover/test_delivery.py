"""Tickets reach their receiver: refused, overloaded, slow or killed in between, none is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from dbbuddy.handover.courier import Courier
from dbbuddy.handover.post import AddressError, check_address, post
from dbbuddy.store import outbox
from dbbuddy.store.handovers import handed_over, record_handover, send_again
from dbbuddy.store.history import record_exchange
from dbbuddy.store.outbox import Delivery
from dbbuddy.store.store import Store, utc_now
from tests.fakes.receiver import Answer, Receiver, receiver
from tests.unit.store.exchanges import USER, exchange

PAYLOAD = '{"text": "kanarienvogel"}'
ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as known:
        yield known


def hand_over(store: Store, ticket_id: str = "t1") -> None:
    record_exchange(store, USER, exchange(id="e", conversation_id="c"))
    record_handover(store, USER, "e", ticket_id, "{}", ("generic", PAYLOAD))


def delivery(store: Store) -> Delivery:
    found = handed_over(store, USER, "e")
    assert found is not None
    assert found.delivery is not None
    return found.delivery


def courier(store: Store, url: str, seconds: float = 5.0) -> Courier:
    return Courier(store, partial(post, url, seconds=seconds))


def test_a_ticket_is_posted_once_and_its_text_is_then_not_kept(store: Store, hook: Receiver) -> None:
    hand_over(store)
    carrier = courier(store, hook.url)
    assert delivery(store).state == "waiting"
    assert carrier.run_once(utc_now()) == 1
    assert carrier.run_once(utc_now() + timedelta(days=1)) == 0
    ((headers, body),) = hook.received
    assert json.loads(body) == json.loads(PAYLOAD)
    assert headers["idempotency-key"] == "t1"
    assert headers["content-type"].startswith("application/json")
    assert delivery(store).state == "delivered"
    assert store.read("SELECT payload FROM outbox") == [("",)]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(500), "It answered 500."),
        (Answer(429, {"Retry-After": "1800"}), "It answered 429."),
        (Answer(503, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}), "It answered 503."),
        (Answer(503, {"Retry-After": "soon"}), "It answered 503."),
        (Answer(cut=True), "It could not be reached (RemoteProtocolError)."),
        (Answer(seconds=60), "It did not answer"),
    ],
)
def test_what_may_work_later_is_tried_later(duckdb_url: str, hook: Receiver, answer: Answer, problem: str) -> None:
    store = Store(duckdb_url)
    hand_over(store)
    hook.answers = [answer]
    carrier = courier(store, hook.url, seconds=0.4 if answer.seconds else 5.0)
    now = utc_now()
    carrier.run_once(now)
    told = delivery(store)
    assert told.state == "waiting"
    assert told.problem.startswith(problem)
    wait = told.next_try_at - now
    if answer.status == 429:
        assert timedelta(minutes=29) < wait < timedelta(minutes=31), "as the receiver asked"
    else:
        assert timedelta(seconds=10) < wait <= timedelta(days=1, minutes=1)
    assert carrier.run_once(now + timedelta(seconds=5)) == 0, "not before its time"
    assert carrier.run_once(told.next_try_at) == 1
    assert delivery(store).state == "delivered"
    assert {headers["idempotency-key"] for headers, _ in hook.received} == {"t1"}
    store.close()


def test_a_receiver_that_is_down_is_asked_less_and_less_often_and_given_up_in_the_end(store: Store) -> None:
    hand_over(store)
    carrier = courier(store, "http://127.0.0.1:9/hook")
    waits, now = [], utc_now()
    for _ in range(12):
        assert carrier.run_once(now) == 1
        told = delivery(store)
        waits.append(round((told.next_try_at - utc_now()).total_seconds()))
        now = told.next_try_at
    assert waits[:5] == pytest.approx([15, 30, 60, 120, 240], abs=2)
    assert waits[-1] == pytest.approx(3600, abs=2)
    store.execute(("UPDATE outbox SET created_at = $1", (utc_now() - timedelta(days=4),)))
    carrier.run_once(now)
    assert delivery(store).state == "failed"
    assert carrier.run_once(now + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    ("answer", "problem"),
    [(Answer(404), "refused the ticket with 404"), (Answer(302, {"Location": "http://127.0.0.1:9/"}), "a redirect")],
)
def test_what_is_hopeless_is_not_repeated_until_its_sender_says_so(
    store: Store, hook: Receiver, answer: Answer, problem: str
) -> None:
    hand_over(store)
    hook.answers = [answer]
    carrier = courier(store, hook.url)
    carrier.run_once(utc_now())
    assert delivery(store).state == "failed"
    assert problem in delivery(store).problem
    assert carrier.run_once(utc_now() + timedelta(days=1)) == 0
    send_again(store, USER, "t1")
    assert carrier.run_once(utc_now()) == 1
    assert delivery(store).state == "delivered"


def test_two_replicas_do_not_post_the_same_ticket(postgresql_url: str, hook: Receiver) -> None:
    stores = [Store(postgresql_url), Store(postgresql_url)]
    hand_over(stores[0])
    now = utc_now()
    first = outbox.claim(stores[0], "a", now)
    assert len(first) == 1
    assert outbox.claim(stores[1], "b", now) == []
    assert len(outbox.claim(stores[1], "b", now + outbox.CLAIM)) == 1, "if the first one died"
    for store in stores:
        store.close()


def test_nothing_is_lost_when_the_process_is_killed_before_it_posts(duckdb_url: str, hook: Receiver) -> None:
    """The child acknowledges three tickets, claims them, and is killed with kill -9 before it posts."""
    child = textwrap.dedent(
        f"""
        import os, signal
        from dbbuddy.store import outbox
        from dbbuddy.store.store import Store, utc_now
        from dbbuddy.store.handovers import record_handover
        from dbbuddy.store.history import record_exchange
        from tests.unit.store.exchanges import USER, exchange
        store = Store({duckdb_url!r})
        record_exchange(store, USER, exchange(id="e", conversation_id="c"))
        for n in range(3):
            record_handover(store, USER, "e", f"t{{n}}", "{{}}", ("generic", {PAYLOAD!r}))
            print(n, flush=True)
        outbox.claim(store, "child", utc_now())
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", child], cwd=ROOT, capture_output=True, text=True, env={**os.environ}, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split() == ["0", "1", "2"]
    store = Store(duckdb_url)
    carrier = courier(store, hook.url)
    assert carrier.run_once(utc_now() + outbox.CLAIM) == 3
    assert sorted(headers["idempotency-key"] for headers, _ in hook.received) == ["t0", "t1", "t2"]
    store.close()


def test_the_thread_posts_by_itself(duckdb_url: str, hook: Receiver) -> None:
    store = Store(duckdb_url)
    carrier = Courier(store, partial(post, hook.url), look_seconds=60)
    carrier.start()
    hand_over(store)
    arrived = False
    for _ in range(500):
        carrier.wake()
        hook.released.wait(0.02)
        arrived = bool(hook.received) and delivery(store).state == "delivered"
        if arrived:
            break
    assert arrived
    carrier.stop()
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://host/x",
        "http://example.org/hook",
        "file:///etc/passwd",
        "https://",
        "//host",
        "http://localhost.evil.example/",
        "http://[",
    ],
)
def test_only_encrypted_addresses_are_posted_to(url: str) -> None:
    with pytest.raises(AddressError):
        check_address(url)
    assert not post(url, PAYLOAD, "t").taken
    assert not post(url, PAYLOAD, "t").again


def test_the_authorization_goes_along(hook: Receiver) -> None:
    assert post(hook.url, PAYLOAD, "t", "Basic abc").taken
    assert hook.received[0][0]["authorization"] == "Basic abc"
