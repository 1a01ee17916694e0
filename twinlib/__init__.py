"""Identical-twin face verification: AHAN (AAAI 2026) and its peers, tested and explained.

Importing `twinlib` is cheap: torch and everything heavier is imported by the submodule that needs it.
"""

from typing import TYPE_CHECKING

from twinlib.version import __version__

if TYPE_CHECKING:
    from twinlib.verify.verifier import TwinVerifier

__all__ = ["TwinVerifier", "__version__"]


def __getattr__(name: str) -> object:
    """Load the verifier when needed; torch comes when a trained network is."""
    if name == "TwinVerifier":
        from twinlib.verify.verifier import TwinVerifier

        return TwinVerifier
    raise AttributeError(f"module 'twinlib' has no attribute {name!r}")
