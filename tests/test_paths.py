from pathlib import Path

from twinlib import paths


def test_root_is_found_from_below(monkeypatch, tmp_path):
    monkeypatch.delenv("TWINLIB_ROOT", raising=False)
    (tmp_path / "_toc.yml").touch()
    (tmp_path / "book/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "book/deep")
    assert paths.project_root() == tmp_path


def test_environment_wins_over_place(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_ROOT", str(tmp_path / "a"))
    monkeypatch.setenv("TWINLIB_BUILD", str(tmp_path / "b"))
    monkeypatch.setenv("TWINLIB_RESULTS", str(tmp_path / "c"))
    assert (paths.project_root(), paths.data_dir(), paths.results_dir()) == (
        tmp_path / "a", tmp_path / "b/data", tmp_path / "c")  # fmt: skip


def test_without_a_clone_the_working_directory_serves(monkeypatch, tmp_path):
    monkeypatch.delenv("TWINLIB_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    if not any((folder / "_toc.yml").exists() for folder in tmp_path.parents):
        assert paths.project_root() == tmp_path
    assert (paths.package_dir() / "experiments").is_dir()
    assert isinstance(paths.package_dir(), Path)
