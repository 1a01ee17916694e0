import io
import pickle

import numpy as np
import pytest

from twinlib.data.packed.stand_ins import STAND_INS, Array, DType
from twinlib.errors import InputError


class Reader(pickle.Unpickler):
    def find_class(self, module, name):
        return STAND_INS[module, name]


def unpickled(value, protocol):
    return Reader(io.BytesIO(pickle.dumps(value, protocol=protocol)), encoding="bytes").load()


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_become_their_bytes_in_every_protocol(protocol):
    array = np.arange(6, dtype=np.uint8)
    assert unpickled(array[:, None], protocol).data == array.tobytes()
    assert list(unpickled(np.array([True, False]), protocol).data) == [1, 0]
    assert list(unpickled(np.bool_(True), protocol).data) == [1]
    assert unpickled(np.array([b"a", b"bc"], object), protocol).data == [b"a", b"bc"]
    assert unpickled(b"\xff\x00", protocol) == b"\xff\x00"


def test_other_arrays_and_false_shapes_are_refused():
    with pytest.raises(InputError, match=r"array of f8; wanted uint8, bool or objects"):
        unpickled(np.zeros(2), 4)
    for shape, data in (((10**12,), b"ab"), ((3,), b"ab"), ((2,), [1, 2])):
        with pytest.raises(InputError, match="data of another size"):
            Array().fill(shape, DType("u1"), data)
    with pytest.raises(InputError, match="array of str"):
        Array().fill((1,), "u1", b"a")
