import pytest

from twinlib.verify.web.counters import SECONDS, Counters

parser = pytest.importorskip("prometheus_client.parser")


def samples():
    counters = Counters(lambda: 3, lambda: 34)
    for seconds in (0.01, 0.05, 0.06, 99.0):
        counters.count("/verify", 200, seconds)
    counters.count("/verify", 422, 0.001)
    counters.count("other", 404, 0.001)
    text, kind = counters.text()
    assert kind.startswith("text/plain; version=")
    found = [one for family in parser.text_string_to_metric_families(text.decode()) for one in family.samples]
    order = ("route", "code", "le")
    return {(one.name, *(one.labels[k] for k in order if k in one.labels)): one.value for one in found}


def test_requests_are_counted_by_route_and_code():
    told = samples()
    assert told["twinlib_requests_total", "/verify", "200"] == 4
    assert told["twinlib_requests_total", "/verify", "422"] == 1
    assert told["twinlib_requests_total", "other", "404"] == 1
    assert (told["twinlib_held",], told["twinlib_held_most",]) == (3, 34)


def test_the_process_is_measured_and_the_time_of_birth_left_out():
    told = samples()
    assert told["process_resident_memory_bytes",] > 1e6
    assert not [name for name, *_ in told if name.startswith("twinlib") and name.endswith("_created")]


def test_the_histogram_counts_from_below():
    told = samples()
    bins = {end: value for (name, *rest), value in told.items() if name.endswith("_bucket")
            for route, end in [rest] if route == "/verify"}  # fmt: skip
    assert list(bins) == [*map(str, SECONDS), "+Inf"]
    counts = list(bins.values())
    assert counts[:2] == [3, 4]  # a bin holds its upper end
    assert counts[-2:] == [4, 5]
    assert told["twinlib_request_seconds_count", "/verify"] == 5
    assert told["twinlib_request_seconds_sum", "/verify"] == pytest.approx(99.121)


def test_two_services_in_a_process_count_by_themselves():
    one, other = (Counters(lambda: 0, lambda: 1) for _ in "ab")
    one.count("/verify", 200, 0.1)
    assert b'route="/verify"' in one.text()[0]
    assert b'route="/verify"' not in other.text()[0]
