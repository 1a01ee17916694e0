"""What the service counts, in the text format of Prometheus."""

from bisect import bisect_left
from collections import Counter
from threading import Lock

TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # upper ends of the histogram's bins


class Counters:
    """Requests by route and status, how long they took, what is in the queue."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._bins: dict[str, list[int]] = {}
        self._sums: Counter[str] = Counter()

    def count(self, route: str, status: int, seconds: float) -> None:
        """One answered request.

        Args:
            route: as it is declared, or a word for all others, so that callers cannot make new names.
            status: of the answer.
            seconds: that it took.
        """
        with self._lock:
            self._requests[route, status] += 1
            self._bins.setdefault(route, [0] * (len(SECONDS) + 1))[bisect_left(SECONDS, seconds)] += 1
            self._sums[route] += seconds  # type: ignore[assignment]

    def text(self, held: int, most: int) -> str:
        """All of it.

        Args:
            held: requests that are worked on or wait.
            most: of them that are taken.
        """
        with self._lock:
            requests, bins, sums = dict(self._requests), {k: list(v) for k, v in self._bins.items()}, dict(self._sums)
        lines = ["# HELP twinlib_requests_total Answered requests.", "# TYPE twinlib_requests_total counter"]
        for (route, status), count in sorted(requests.items()):
            lines.append(f'twinlib_requests_total{{route="{route}",code="{status}"}} {count}')
        lines += ["# HELP twinlib_request_seconds Time of a request.", "# TYPE twinlib_request_seconds histogram"]
        for route, counts in sorted(bins.items()):
            below = 0
            for end, count in zip((*map(str, SECONDS), "+Inf"), counts, strict=True):
                below += count
                lines.append(f'twinlib_request_seconds_bucket{{route="{route}",le="{end}"}} {below}')
            lines.append(f'twinlib_request_seconds_sum{{route="{route}"}} {sums[route]:.6f}')
            lines.append(f'twinlib_request_seconds_count{{route="{route}"}} {below}')
        for name, what, value in (
            ("twinlib_held", "Requests that are worked on or wait.", held),
            ("twinlib_held_most", "Requests that are taken at most.", most),
        ):
            lines += [f"# HELP {name} {what}", f"# TYPE {name} gauge", f"{name} {value}"]
        return "\n".join(lines) + "\n"
