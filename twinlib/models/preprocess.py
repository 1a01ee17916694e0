"""What a network wants done to an aligned crop before it sees it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.errors import InputError


@dataclass(frozen=True)
class Preprocess:
    """Size, columns, channel order and scale of a network's input: `(x − mean) / std` in bytes 0 … 255.

    The defaults are what the project's own networks are trained on. Other people's weights bring theirs.
    """

    size: int = 112  # side of the aligned crop, px
    columns: tuple[int, int] | None = None  # of the crop: first kept, first dropped; None keeps all
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)  # in the order of `channels`
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    channels: Literal["RGB", "BGR"] = "RGB"

    def __call__(self, crops: UInt8[np.ndarray, "N S S 3"]) -> Float[np.ndarray, "N 3 S W"]:
        """Aligned RGB crops as the network wants them, float32, channels first.

        Raises:
            InputError: if the crops have another size.
        """
        if crops.shape[1:] != (self.size, self.size, 3):
            found = " × ".join(map(str, crops.shape[1:]))
            raise InputError(f"this network takes RGB crops of {self.size} × {self.size} px; got {found}. Align anew.")
        x = crops if self.columns is None else crops[:, :, slice(*self.columns)]
        x = x if self.channels == "RGB" else x[..., ::-1]
        x = (x.astype(np.float32) - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2))
