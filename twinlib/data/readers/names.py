"""Find the file that a list means: lists name files as they lay on somebody else's machine."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath

from twinlib.data.text.filenames import loose, parts, plain
from twinlib.errors import InputError

Spelling = Callable[[str], str]


class Names:
    """Paths of a source, to be found by a whole or a partial name.

    A name means the path that is equal to it, or else the one that shares the most trailing parts with it: all parts
    of the shorter of the two, or at least folder and file. A name without a suffix fits any suffix. Backslashes, drive
    letters and the normal form of accents make no difference; capitals and the spelling of an ending (`.JPEG`, `.jpg`)
    none where nothing fits exactly.

    Args:
        paths: inside the source, with `/`.
    """

    def __init__(self, paths: Iterable[str]):
        self._paths = dict.fromkeys(paths)
        self._places: dict[Spelling, _Places] = {}

    def find(self, name: str) -> str | None:
        """The path, or None if none fits or several fit equally well."""
        fitting = self.fitting(name)
        return fitting[0] if len(fitting) == 1 else None

    def fitting(self, name: str) -> list[str]:
        """The paths that a name may mean equally well."""
        if name in self._paths:
            return [name]
        for spelling in (plain, loose):
            if spelling not in self._places:
                self._places[spelling] = _Places(self._paths, spelling)
            if found := self._places[spelling].fitting(spelling(name)):
                return found
        return []

    def find_all(self, names: Sequence[str], where: str) -> dict[str, str]:
        """Name -> path for every name.

        Raises:
            InputError: names the first that is missing, or fits several files, and how many are.
        """
        found = {name: self.find(name) for name in dict.fromkeys(names)}
        if missing := [name for name, path in found.items() if path is None]:
            some = ", ".join(repr(name) for name in missing[:3])
            several = next(((name, paths) for name in missing if len(paths := self.fitting(name)) > 1), None)
            example = f"; {several[0]!r} may be {' or '.join(several[1][:3])}" if several else ""
            raise InputError(
                f"{where} names {some}, which is no one file of the images ({len(missing)} of {len(found)} names are "
                f"not found{example}). Name the folder or zip that holds them, or take their pairs out of the list."
            )
        return {name: path for name, path in found.items() if path is not None}


class _Places:
    """Paths in one spelling, by their last part without its suffix.

    Args:
        paths: inside the source.
        spelling: what makes two names equal.
    """

    def __init__(self, paths: Iterable[str], spelling: Spelling):
        self._whole: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[tuple[list[str], str]]] = {}
        for path in sorted(paths):
            spelled = spelling(path)
            self._whole.setdefault(spelled, []).append(path)
            self._by_stem.setdefault(PurePosixPath(spelled).stem, []).append((parts(spelled), path))

    def fitting(self, name: str) -> list[str]:
        if name in self._whole:
            return self._whole[name]
        wanted, stem = parts(name), PurePosixPath(name).stem
        pool = [*self._by_stem.get(stem, ()), *(self._by_stem.get(wanted[-1], ()) if wanted[-1] != stem else ())]
        shared = [(_common_end(wanted, pieces), len(pieces), path) for pieces, path in pool]
        good = [(n, path) for n, length, path in shared if n >= min(2, len(wanted), length)]
        return [path for n, path in good if n == max(good)[0]]


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
