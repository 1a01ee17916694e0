"""The two networks that ship with the package. Their licences and a NOTICE lie beside them."""

import hashlib
from typing import NamedTuple

from twinlib import paths
from twinlib.errors import InputError


class Shipped(NamedTuple):
    """A file of the package's `weights/`."""

    file: str
    sha256: str


YUNET = Shipped(
    "face_detection_yunet_2023mar_int8bq.onnx", "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
)
SFACE = Shipped("sface_2021dec_int8bq.onnx", "487a139eb85ccd5ff30aef7d0add7f12d2bb7abb90c5f08a7f481b452a660e00")


def shipped(network: Shipped) -> bytes:
    """Bytes of a network that ships, checked.

    Raises:
        InputError: the file is missing or is another one.
    """
    file = paths.package_dir() / "weights" / network.file
    remedy = "Install twinlib again."
    if not file.is_file():
        raise InputError(f"{file} does not exist. {remedy}")
    stored = file.read_bytes()
    if (found := hashlib.sha256(stored).hexdigest()) != network.sha256:
        raise InputError(f"{file} is damaged: its SHA-256 is {found[:12]}…, wanted {network.sha256[:12]}…. {remedy}")
    return stored
