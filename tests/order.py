"""The order in which files of tests start: long ones first, so that both processes end at about one time."""

from pathlib import Path

TESTS = Path(__file__).parent
# Seconds in CI, two processes on two cores, of the files that took over twenty; the first one waits for the smoke book.
SECONDS = {
    "book/test_accessibility.py": 330,
    "book/test_full.py": 216,
    "models/test_processors.py": 198,
    "book/test_browser.py": 150,
    "book/test_alone.py": 104,
    "train/test_full_recipes.py": 98,
    "benchmarks/test_gpu.py": 92,
    "cli/test_cluster.py": 87,
    "verify/recognise/test_pair.py": 75,
    "frozen/test_frozen.py": 45,
    "book/test_pdf.py": 39,
    "study/test_work.py": 35,
    "audit/test_conduct.py": 32,
    "models/test_onnx.py": 31,
    "train/test_processes.py": 30,
    "book/test_private.py": 30,
    "parts/test_cluster.py": 28,
}
OTHER_SLOW = 10


def seconds(file: Path, slow: bool) -> float:
    """What a file takes; a guess for those with tests marked slow that the table does not hold, 0 for the rest."""
    return SECONDS.get(file.relative_to(TESTS).as_posix(), OTHER_SLOW if slow else 0)
