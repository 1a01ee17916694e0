import re
from pathlib import Path

import pandas as pd
import pytest

from twinlib.errors import InputError
from twinlib.records.published import generator_of

ROOT = Path(__file__).parents[2]
# Measured on no rendered face: costs, speeds, simulations, photographs.
NO_FACES = """ahan_costs ahan_speed allpairs coverage_difference generators hardpair_bias head_memory interval_coverage
lfw_alignment losses_speed near_duplicates peer_costs peers_smoke step_time""".split()


def test_every_measurement_on_rendered_faces_names_its_generator():
    listed = set(pd.read_csv(ROOT / "results/benchmarks/generators.csv")["file"])
    there = {file.stem for file in (ROOT / "results/benchmarks").glob("*.csv")}
    rendered = {name for name in there if name.startswith(("syntwins", "study", "topofr", "miao", "symface", "faam"))}
    assert rendered <= listed
    assert listed <= there
    assert not listed & set(NO_FACES)


def test_tables_of_one_version_have_it_and_others_are_refused():
    assert generator_of("topofr_curves", "topofr_batches") == 4
    with pytest.raises(InputError, match=r"versions \[3, 4\]"):
        generator_of("miao_curves", "symface_tau")
    with pytest.raises(InputError, match="does not list 'nothing'"):
        generator_of("nothing")


def test_no_page_types_a_generator_version():
    sources = [*(ROOT / "book").glob("*.ipynb"), *(ROOT / "book").glob("*.md")]
    typed = [page.name for page in sources if re.search(r"generator version \d", page.read_text())]
    assert typed == []
