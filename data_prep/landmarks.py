"""Find, align and box the face of every image of a data set, a folder of photographs or a zip."""

import argparse
import sys
from pathlib import Path

from twinlib.errors import InputError
from twinlib.faces.find import find_faces


def main() -> int:
    """Run the landmark step; exit code 2 for input that the user can mend."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="name or folder of a data set, a folder of photographs, or a zip")
    parser.add_argument("--out", type=Path, help="where to write (default: aligned/ in the data set)")
    parser.add_argument("--size", type=int, default=112, help="side of the crops, px")
    parser.add_argument("--workers", type=int, help="processes (default: one a core)")
    parser.add_argument("--limit", type=int, help="take only the first so many images")
    choice = parser.parse_args()
    try:
        summary = find_faces(choice.source, choice.out, choice.size, choice.workers, choice.limit)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(summary)
    print(f"written to {summary.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
