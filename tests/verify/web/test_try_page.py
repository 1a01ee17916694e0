import html.parser

from twinlib.verify.web.try_page import PAGE


class Tags(html.parser.HTMLParser):
    """Every tag with its attributes."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))


def test_every_field_has_a_label_and_nothing_is_loaded():
    tags = Tags()
    tags.feed(PAGE)
    names = [tag for tag, _ in tags.seen]
    assert names.count("label") == names.count("input") == 2
    assert "script" not in names
    assert [a for _, a in tags.seen if "src" in a] == []
    assert {a["href"] for _, a in tags.seen if "href" in a} == {"data:,", "docs"}
    assert dict(tags.seen)["html"] == {"lang": "en"}
