import subprocess
import sys

import pytest

from twinlib import environment as where


@pytest.mark.parametrize(
    "text", ["/etc/x", "python /opt/run.py", "--out=/var/x", "~/data", "C:\\data", "D:/data", '["/a/b"]', "a, /b/c"]
)
def test_paths_of_a_machine_are_found(text):
    assert where.absolute_paths({"a": [{"b": text}]}) == [("a[0].b", text)]
    assert where.absolute_paths({"a": {text: 1}}) == [("a", text)]


@pytest.mark.parametrize(
    "text", ["https://a.org/b", "1/2", "a / b", "results/runs/x", "Intel(R) Xeon(R) @ 2.10GHz", "s: 3"]
)
def test_other_text_is_none(text):
    assert where.absolute_paths({"a": text, "b": [text, 1, None, 2.5]}) == []


def test_environment_is_plain_and_names_no_folder():
    found = where.environment()
    assert found["packages"]["numpy"] == __import__("numpy").__version__
    assert found["python"].count(".") == 2
    assert where.absolute_paths(found) == []


def test_importing_does_not_load_torch():
    code = "import sys; from twinlib import environment; environment.environment(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_command_line_drops_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("TWINLIB_ROOT", str(tmp_path))
    argv = [
        "/opt/bin/twinlib",
        "run",
        "smoke",
        f"--out={tmp_path}/a/b",
        "/somewhere/else.yaml",
        "--set",
        "train.lr=1e-3",
    ]
    monkeypatch.setattr(sys, "argv", argv)
    assert where.command_line() == "twinlib run smoke --out=a/b else.yaml --set train.lr=1e-3"
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert where.absolute_paths(where.command_line()) == []


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_commit_counts_changes_of_code_only(monkeypatch, tmp_path):
    package = tmp_path / "twinlib"
    package.mkdir()
    (package / "a.py").write_text("1\n")
    monkeypatch.setattr(where.paths, "package_dir", lambda: package)
    assert where.commit() == (None, None)  # outside git
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "a")
    revision, dirty = where.commit()
    assert len(revision) == 40
    assert dirty is False
    (tmp_path / "results").mkdir()
    (tmp_path / "results/x").write_text("1")
    assert where.commit() == (revision, False)
    (package / "b.py").write_text("2\n")
    assert where.commit() == (revision, True)
    inner = tmp_path / "vendor" / "twinlib"  # installed inside somebody's repository
    inner.mkdir(parents=True)
    monkeypatch.setattr(where.paths, "package_dir", lambda: inner)
    assert where.commit() == (None, None)


def test_peak_memory_grows_with_what_is_held():
    """In a process of its own: this one may have held more before."""
    code = (
        "from twinlib import environment as where; before = where.peak_memory_mb(); "
        "block = b'x' * (300 * 2**20); print(where.peak_memory_mb() - before)"
    )
    grown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(grown) == pytest.approx(300, abs=10)


def test_the_module_form_of_the_command_reads_like_the_command(monkeypatch):
    monkeypatch.setattr("sys.argv", ["somewhere/twinlib/cli/main.py", "run", "vit"])
    assert where.command_line() == "twinlib run vit"
