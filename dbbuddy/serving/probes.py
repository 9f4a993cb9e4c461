"""What load balancers and monitoring ask: is the process alive, can it serve, how is it doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import REGISTRY
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dbbuddy.store.store import Store

_BREAKER_STATES = {"closed": 0, "half-open": 1, "open": 2}


@dataclass(frozen=True)
class ModelState:
    """A language-model provider in a word: whether it may be asked, and its circuit breaker."""

    name: str
    state: str
    breaker: str


def probes(store: Callable[[], Store | None], playbooks: Callable[[], int], models: Callable[[], list[ModelState]]) -> list[Route]:
    """The routes `/healthz`, `/readyz` and `/metrics`."""

    def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def ready(request: Request) -> Response:
        """503 only if questions cannot be answered: a store that is not there, or no model, loses none."""
        opened = store()
        loaded = playbooks()
        told = {
            "playbooks": loaded,
            "store": opened.health().state if opened else "unavailable",
            "models": {status.name: status.state for status in models()},
        }
        return JSONResponse(told, 200 if loaded else 503)

    def metrics(request: Request) -> Response:
        text: bytes = generate_latest(REGISTRY)  # type: ignore[no-untyped-call]
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    REGISTRY.register(_State(store, models))
    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


class _State(Collector):
    """What is read at the moment of asking: the writer's queue, the breakers."""

    def __init__(self, store: Callable[[], Store | None], models: Callable[[], list[ModelState]]) -> None:
        self._store = store
        self._models = models

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: asking the store while the process starts would open it."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        opened = self._store()
        health = opened.health() if opened else None
        yield GaugeMetricFamily("dbbuddy_store_up", "1 if writes are confirmed", value=float(bool(health and health.state == "ok")))
        yield GaugeMetricFamily(
            "dbbuddy_writer_waiting", "Units that wait to be written", value=float(health.waiting if health else 0)
        )
        breakers = GaugeMetricFamily("dbbuddy_breaker_state", "0 closed, 1 half-open, 2 open", labels=["provider"])
        for status in self._models():
            breakers.add_metric([status.name], _BREAKER_STATES.get(status.breaker, 2))
        yield breakers
