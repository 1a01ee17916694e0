import json
import re

import pytest

from twinlib.errors import InputError
from twinlib.figures.alive import mounted


def test_data_come_back_and_cannot_break_out():
    evil = {"words": "</script><b>", "share": 0.1}
    text = mounted.element("studio", "one", "A & B", "<p>first</p>", evil)
    assert json.loads(re.search(r'data-al="data">(.*?)</script>', text, re.DOTALL)[1]) == evil
    assert "</script><b>" not in text
    assert 'aria-label="A &amp; B"' in text
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//|@import|url\(", text)


def test_no_number_that_json_has_not():
    with pytest.raises(ValueError, match="JSON"):
        mounted.element("studio", "one", "label", "", {"threshold": float("inf")})


def test_a_script_that_grew_is_refused(monkeypatch):
    monkeypatch.setattr(mounted, "SCRIPT_BYTES", 100)
    with pytest.raises(InputError, match="Shorten"):
        mounted.element("studio", "one", "label", "", {})


def test_a_document_is_one_page():
    text = mounted.document("Title", "<p>one</p>", "<p>two</p>")
    assert text.count("<h1>") == 1
    assert "<p>one</p><p>two</p>" in text
