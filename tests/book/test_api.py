import re
import subprocess
import sys
from pathlib import Path

from book.tools import api

ROOT = Path(__file__).parents[2]


def test_a_name_leads_to_the_line_that_defines_it(tmp_path):
    shown = api.page(ROOT)
    [place] = re.findall(r'href="([^"]+)"><code>arcface_logits</code>', shown)
    page, _, anchor = place.removeprefix("_static/source/").partition("#")
    api.write_sources(ROOT, tmp_path)
    line = int(anchor.removeprefix("L-"))
    assert (ROOT / "twinlib/losses/arcface.py").read_text().splitlines()[line - 1].startswith("def arcface_logits(")
    assert f'<span id="{anchor}">' in (tmp_path / page).read_text()
    assert "Scaled logits with an additive angular margin" in shown


def test_every_public_name_stands_once_and_private_ones_do_not():
    names = [name for module, file in api.modules(ROOT).items() for name in api.public(file, module)]
    places = [(one.module, one.name) for one in names]
    assert len(places) == len(set(places)) > 500
    assert not any(name.startswith("_") for _, name in places)
    assert all(one.said for one in names)


def test_nothing_is_imported_to_build_it():
    code = "import sys, pathlib; from book.tools import api; api.page(pathlib.Path('.')); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
