import pytest

from book.tools.offline import main, remote_assets

LOCAL = """<html><head><link rel="stylesheet" href="_static/a.css"><link rel="canonical" href="https://example.org/">
<script src="vendor/x.js"></script></head><body><a href="https://example.org">click</a>
<img src="data:image/png;base64,AA">
<p style="background: url(_static/b.png)">see https://example.org/x.js</p></body></html>"""


def test_local_page_is_clean(tmp_path):
    (tmp_path / "a.html").write_text(LOCAL)
    (tmp_path / "a.css").write_text("@font-face { src: url('fonts/a.woff2') }")
    assert main(tmp_path) == 0


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<script src="//cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="http://cdn.example/x.css">',
        '<link rel="preconnect" href="https://cdn.example">',
        '<img src="https://cdn.example/x.png">',
        '<img srcset="a.png 1x, https://cdn.example/x.png 2x">',
        '<iframe src="https://cdn.example/"></iframe>',
        '<p style="background: url(https://cdn.example/x.png)"></p>',
        "<style>@import 'https://cdn.example/x.css';</style>",
        '<object data="https://cdn.example/x.svg"></object>',
    ],
)
def test_remote_asset_is_found(tmp_path, tag):
    (tmp_path / "a.html").write_text(LOCAL.replace("</body>", tag + "</body>"))
    assert len(list(remote_assets(tmp_path))) == 1
    assert main(tmp_path) == 1


def test_remote_font_in_a_style_sheet_is_found(tmp_path):
    (tmp_path / "a.css").write_text("@font-face { src: url('https://cdn.example/a.woff2') }")
    assert list(remote_assets(tmp_path)) == ["a.css: https://cdn.example/a.woff2"]
