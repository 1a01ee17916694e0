from pathlib import Path

from book.tools.reproduce import reproduce
from twinlib import config

ROOT = Path(__file__).parents[2]


def test_every_experiment_and_every_measurement_has_its_command():
    page = reproduce(ROOT / "_toc.yml")
    assert all(f"`twinlib run {name} --profile cpu --seed 0`" in page for name in config.experiments())
    scripts = sorted((ROOT / "benchmarks").glob("*.py"))
    assert scripts
    assert all(f"`python benchmarks/{script.name}`" in page for script in scripts)
    assert "`papermill book/01_data.ipynb out.ipynb -p profile smoke`" in page


def test_every_row_of_its_tables_is_whole():
    rows = [line for line in reproduce(ROOT / "_toc.yml").splitlines() if line.startswith("|")]
    assert all(len(line.replace("\\|", "").split("|")) in (4, 5, 6) for line in rows)
    assert not any(cell.strip() == "" for line in rows for cell in line.split("|")[1:-1])


def test_records_are_named_by_their_seeds(tmp_path, monkeypatch):
    from run_factory import make_run

    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path))
    make_run("vit", 0)
    make_run("vit", 3)
    line = next(line for line in reproduce(ROOT / "_toc.yml").splitlines() if line.startswith("| `vit` |"))
    assert "seeds 0, 3" in line
