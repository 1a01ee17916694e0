"""What the service counts, for Prometheus."""

from collections.abc import Callable

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # upper ends of the histogram's bins


class Counters:
    """Requests by route and status, how long they took, what is in the queue; processor time and memory of the process.

    Args:
        held: returns how many requests are being processed or waiting.
        most: returns how many are accepted.
    """

    def __init__(self, held: Callable[[], float], most: Callable[[], float]) -> None:
        import prometheus_client as prometheus

        prometheus.disable_created_metrics()  # a line with the time of birth for each count
        self._registry = own = prometheus.CollectorRegistry()  # or two services in a process would share counts
        prometheus.ProcessCollector(registry=own)
        by = ("route", "code")
        self._requests = prometheus.Counter("twinlib_requests", "Answered requests.", by, registry=own)
        self._seconds = prometheus.Histogram(
            "twinlib_request_seconds", "Time of a request.", by[:1], buckets=SECONDS, registry=own
        )
        for name, what, value in (
            ("twinlib_held", "Requests being processed or waiting.", held),
            ("twinlib_held_most", "Requests that are accepted at most.", most),
        ):
            prometheus.Gauge(name, what, registry=own).set_function(value)

    def count(self, route: str, status: int, seconds: float) -> None:
        """One answered request.

        Args:
            route: as declared, or one word for all others, so that callers cannot create new names.
            status: of the answer.
            seconds: that it took.
        """
        self._requests.labels(route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> tuple[bytes, str]:
        """All of it, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST
