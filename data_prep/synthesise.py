"""Render a SynTwins set: `python data_prep/synthesise.py smoke`. The same as `twinlib synth`."""

import sys

from twinlib.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["synth", *sys.argv[1:]]))
