import hmac

import pytest

from twinlib.verify.web.counters import Counters
from twinlib.verify.web.guard import Guard


def guard(token):
    return Guard(token, Counters(lambda: 0.0, lambda: 1.0))


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER  secret "])
def test_the_token_is_taken_as_clients_write_it(header):
    assert guard("secret").allowed(header)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer Secret", "Basic secret", "secret", "Bearer secret2", "Bearer sécret"]
)
def test_anything_else_is_not(header):
    assert not guard("secret").allowed(header)


def test_a_token_in_any_letters_is_compared_by_its_bytes():
    assert guard("sécret ж").allowed("Bearer sécret ж".encode().decode("latin-1"))


def test_tokens_are_compared_in_constant_time(monkeypatch):
    asked = []
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: asked.append((a, b)) or a == b)
    guard("secret").allowed("Basic x")
    assert asked == [(b"x", b"secret")]
