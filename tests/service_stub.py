"""A verifier for tests of the service, which knows bytes alone."""

import numpy as np

from twinlib.errors import InputError
from twinlib.verify.answer import Embedded


class Stub:
    """Same bytes, same person; the word `bad` is no image."""

    def verify(self, a, b, threshold=None, names=("a", "b")):
        if b"bad" in (a, b):
            raise InputError(f"{names[b'bad' == b]} is not an image.")
        return {"verified": a == b, "threshold": threshold, "sizes": [len(a), len(b)]}

    def embedded(self, named):
        for name, stored in named:
            if stored == b"bad":
                raise InputError(f"{name} is not an image.")
        return [Embedded(np.array([len(stored), 1.0]), None, "") for _, stored in named]
