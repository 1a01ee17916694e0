"""Identical-twin face verification: AHAN (AAAI 2026) and its peers, tested and explained.

Importing `twinlib` is cheap: torch and everything heavier is imported by the submodule that needs it.
"""

from twinlib.version import __version__

__all__ = ["__version__"]
