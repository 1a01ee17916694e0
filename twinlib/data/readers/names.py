"""Find the file that a list means: lists name files as they lay on somebody else's machine."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from twinlib.errors import InputError


class Names:
    """Paths of a source, to be found by a whole or a partial name.

    A name means the path that is equal to it, or else the one that shares the most trailing parts with it: all parts
    of the shorter of the two, or at least folder and file. A name without a suffix fits any suffix.

    Args:
        paths: inside the source, with `/`.
    """

    def __init__(self, paths: Iterable[str]):
        self._paths = set(paths)
        self._by_stem: dict[str, list[str]] = {}
        for path in sorted(self._paths):
            self._by_stem.setdefault(PurePosixPath(path).stem, []).append(path)

    def find(self, name: str) -> str | None:
        """The path, or None if none fits or several fit equally well."""
        name = name.replace("\\", "/")
        if name in self._paths:
            return name
        wanted = _parts(name)
        stem = PurePosixPath(name).stem
        pool = [*self._by_stem.get(stem, ()), *(self._by_stem.get(wanted[-1], ()) if wanted[-1] != stem else ())]
        shared = {path: _common_end(wanted, _parts(path)) for path in pool}
        good = {path: n for path, n in shared.items() if n >= min(2, len(wanted), len(_parts(path)))}
        best = [path for path, n in good.items() if n == max(good.values())]
        return best[0] if len(best) == 1 else None

    def find_all(self, names: Sequence[str], where: str) -> dict[str, str]:
        """Name -> path for every name.

        Raises:
            InputError: names the first that is missing, or fits several files, and how many are.
        """
        found = {name: self.find(name) for name in dict.fromkeys(names)}
        if missing := [name for name, path in found.items() if path is None]:
            some = ", ".join(repr(name) for name in missing[:3])
            raise InputError(
                f"{where} names {some}, which is no one file of the images ({len(missing)} of {len(found)} names are "
                "not found). Name the folder or zip that holds them, or take their pairs out of the list."
            )
        return {name: path for name, path in found.items() if path is not None}


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".", "..")] or [""]


def _common_end(a: list[str], b: list[str]) -> int:
    """How many parts from the end are equal; the file itself may lack its suffix in `a`."""
    if a[-1] not in (b[-1], PurePosixPath(b[-1]).stem):
        return 0
    count = 1
    for left, right in zip(reversed(a[:-1]), reversed(b[:-1]), strict=False):
        if left != right:
            break
        count += 1
    return count
