"""An elaboration while it is being made: on a thread of its own, so that no click on the page ends it.

Pages look at `now` whenever they draw. The reader's tab may close meanwhile; the text is kept all the same.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from dbbuddy.elaboration.sanitise import LONGEST
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError
from dbbuddy.providers.chain import Chain
from dbbuddy.providers.events import Attempt, Event, Finished, Restarted, Started, Text, Unavailable
from dbbuddy.providers.prompt import Prompt
from dbbuddy.store.elaborations import Elaboration, Tried
from dbbuddy.store.store import new_id, utc_now

Keep = Callable[[Elaboration], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Now:
    """How far it is. `text` is raw: check it before it is drawn. `failed` names providers that broke off in the middle."""

    text: str = ""
    title: str = ""
    failed: tuple[str, ...] = ()
    done: Elaboration | None = None


class Live:
    """One elaboration on its way. `start` once; `stop` and `now` at any time, from any thread."""

    def __init__(self, chain: Chain, prompt: Prompt, exchange_id: str, vault: Vault, keep: Keep) -> None:
        """`keep` is called at the end, on the thread; it must not raise."""
        self._chain = chain
        self._prompt = prompt
        self._exchange_id = exchange_id
        self._vault = vault
        self._keep = keep
        self._asked_at = utc_now()
        self._stopped = threading.Event()
        self._now = Now()
        self._thread = threading.Thread(target=self._run, name="elaboration", daemon=True)

    @property
    def now(self) -> Now:
        """The state; one assignment replaces it as a whole."""
        return self._now

    def start(self, *, sensitive: bool, production: bool) -> None:
        """Begin. The arguments are those of `Chain.elaborate`."""
        self._events = self._chain.elaborate(self._prompt, sensitive=sensitive, production=production, cancelled=self._stopped)
        self._thread.start()

    def stop(self) -> None:
        """End it; what is there is kept."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, for so long at most; true if it is over."""
        self._thread.join(seconds)
        return self._now.done is not None

    def _run(self) -> None:
        done = None
        try:
            for event in self._events:
                done = self._take(event) or done
        except Exception:
            # The last frame of a thread: without this the reader would wait for ever. The text of the user is in no message.
            _log.exception("an elaboration failed")
        kept = self._redacted(done or self._elaboration("failed", self._now.text))
        try:
            self._keep(kept)
        finally:
            self._now = replace(self._now, text="", done=kept)

    def _take(self, event: Event) -> Elaboration | None:
        match event:
            case Started():
                self._now = replace(self._now, title=event.title, text="")
            case Text():
                self._now = replace(self._now, text=self._now.text + event.piece)
                if len(self._now.text) > 2 * LONGEST:
                    self.stop()
            case Restarted():
                self._now = replace(self._now, text="", failed=(*self._now.failed, self._now.title))
            case Finished():
                return self._finished(event)
            case Unavailable():
                return replace(self._elaboration("unavailable", ""), attempts=_tried(event.attempts), total_ms=event.total_ms)
        return None

    def _finished(self, event: Finished) -> Elaboration:
        usage = event.usage
        return replace(
            self._elaboration(event.outcome, event.text),
            provider=event.provider or "",
            model=event.model,
            prompt_version=event.prompt_version,
            attempts=_tried(event.attempts),
            first_token_ms=event.first_token_ms,
            total_ms=event.total_ms,
            prompt_tokens=usage.prompt_tokens if usage else None,
            completion_tokens=usage.answer_tokens if usage else None,
            cost_usd=usage.cost if usage and usage.currency == "USD" else None,
        )

    def _elaboration(self, outcome: str, text: str) -> Elaboration:
        return Elaboration(new_id(), self._exchange_id, self._asked_at, "", "", self._prompt.version, outcome, text)

    def _redacted(self, elaboration: Elaboration) -> Elaboration:
        """What a model makes up may look like a secret, or be one that it read elsewhere."""
        try:
            return replace(elaboration, text=redact(elaboration.text[: 2 * LONGEST], self._vault, ours=True).text)
        except RedactionError:
            return replace(elaboration, text="", outcome="withheld")


def _tried(attempts: tuple[Attempt, ...]) -> tuple[Tried, ...]:
    """Every provider that is configured; the others are no news."""
    return tuple(
        Tried(each.provider, each.title, each.model, each.result, each.detail, each.ms)
        for each in attempts
        if each.result != "not_configured"
    )
