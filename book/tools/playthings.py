"""Draw the pictures of the twin studio and of the guessing game: `python -m book.tools.playthings studio PROFILE`.

What was drawn before is thrown away: the build calls this when renderer, networks or records changed.
"""

import shutil
import sys

from twinlib import paths
from twinlib.verify.studio import guesses, stored

MAKERS = {"studio": stored.ready, "guess": guesses.ready}


def main(name: str, profile: str) -> int:
    """Draw one of them anew; returns the exit code."""
    shutil.rmtree(paths.build_dir() / name, ignore_errors=True)
    made = MAKERS[name](profile)
    print(f"{name}: judged by {', '.join(network['words'] for network in made['networks'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
