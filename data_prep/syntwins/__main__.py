"""The renderer by itself: `python -m syntwins list`, `estimate NAME`, `render NAME --out FOLDER`."""

import argparse
import sys
from pathlib import Path

from syntwins import PURPOSES, SETS, find_set, synthesise
from syntwins.sets.cost import expected_cost
from twinlib.errors import InputError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 if it succeeded, 2 for input that the user can mend.

    Args:
        arguments: instead of the process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m syntwins", description="Rendered families of identical twins.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the named sets: what each is for, its size, the time it takes")
    estimate = commands.add_parser("estimate", help="how many images a set has and how long they take")
    render = commands.add_parser("render", help="render a set")
    for command in (estimate, render):
        command.add_argument("name", help="a named set, e.g. smoke")
    render.add_argument("--out", type=Path, help="folder to write into (default: the set's name)")
    render.add_argument("--workers", type=int, help="processes (default: all cores)")
    given = parser.parse_args(arguments)
    try:
        if given.command == "list":
            for name, config in SETS.items():
                print(f"{name:34} {PURPOSES[name]}\n{'':34} {expected_cost(config)}")
        elif given.command == "estimate":
            print(f"{given.name}: {expected_cost(find_set(given.name))}")
        else:
            print(synthesise(given.name, given.out or Path(given.name), given.workers))
    except InputError as error:
        print(f"syntwins {given.command}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
