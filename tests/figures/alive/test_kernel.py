import pytest

from twinlib.errors import InputError
from twinlib.figures.alive import kernel, mounted


@pytest.fixture
def widget(monkeypatch):
    def answer(question):
        if question == "bad":
            raise InputError("not this")
        return {"said": question}

    made = kernel.mounted(mounted.part("studio.js"), mounted.shell("studio", "A & B", "<p>first</p>"), {"a": 1}, answer)
    made.sent = []
    monkeypatch.setattr(type(made), "send", lambda self, content: self.sent.append(content), raising=False)
    return made


def test_the_script_is_the_pages(widget):
    assert mounted.part("studio.js").strip() in widget._esm
    assert widget.inner.startswith('<section class="al al-studio" aria-label="A &amp; B">')
    assert widget.data == {"a": 1}


def test_questions_are_answered_or_refused(widget):
    widget._asked(None, {"number": 4, "question": "x"}, None)
    widget._asked(None, {"number": 5, "question": "bad"}, None)
    assert widget.sent == [{"number": 4, "answer": {"said": "x"}}, {"number": 5, "refused": "not this"}]
