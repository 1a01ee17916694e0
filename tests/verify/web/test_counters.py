import re

from twinlib.verify.web.counters import SECONDS, Counters


def told():
    counters = Counters()
    for seconds in (0.01, 0.05, 0.06, 99.0):
        counters.count("/verify", 200, seconds)
    counters.count("/verify", 422, 0.001)
    counters.count("other", 404, 0.001)
    return counters.text(3, 34)


def test_every_line_is_in_the_text_format():
    line = re.compile(r'(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.+eInf-]+)')
    lines = told().splitlines()
    assert [one for one in lines if not line.fullmatch(one)] == []
    assert told().endswith("\n")


def test_requests_are_counted_by_route_and_code():
    assert 'twinlib_requests_total{route="/verify",code="200"} 4' in told()
    assert 'twinlib_requests_total{route="/verify",code="422"} 1' in told()
    assert 'twinlib_requests_total{route="other",code="404"} 1' in told()
    assert "twinlib_held 3" in told()
    assert "twinlib_held_most 34" in told()


def test_the_histogram_counts_from_below():
    bins = re.findall(r'bucket\{route="/verify",le="([^"]+)"\} (\d+)', told())
    assert [end for end, _ in bins] == [*map(str, SECONDS), "+Inf"]
    counts = [int(count) for _, count in bins]
    assert counts[:2] == [3, 4]  # a bin holds its upper end
    assert counts[-2:] == [4, 5]
    assert 'twinlib_request_seconds_count{route="/verify"} 5' in told()
    assert 'twinlib_request_seconds_sum{route="/verify"} 99.121000' in told()
