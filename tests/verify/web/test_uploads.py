import base64

import pytest

from twinlib.errors import InputError
from twinlib.verify.web.uploads import MAX_BODY, MAX_IMAGE, decoded, sized

STORED = bytes(range(248, 256)) * 5


def test_the_bytes_come_back_from_every_spelling():
    for coded in (base64.b64encode(STORED), base64.urlsafe_b64encode(STORED), base64.encodebytes(STORED)):
        for text in (coded.decode(), coded.decode().rstrip("=\n"), "data:image/png;base64," + coded.decode()):
            assert decoded(text, "x") == STORED


@pytest.mark.parametrize("text", ["", "a", "ä", "data:,x", "data:image/png;base64", "====", "AA=A"])
def test_anything_else_is_refused_by_the_name_of_its_field(text):
    with pytest.raises(InputError, match=r"^image_b: wanted"):
        decoded(text, "image_b")


def test_sizes_have_both_ends():
    assert sized(b"x", "a") == b"x"
    with pytest.raises(InputError, match="found 0"):
        sized(b"", "a")
    with pytest.raises(InputError, match=f"wanted 1 to {MAX_IMAGE} bytes"):
        sized(bytes(MAX_IMAGE + 1), "a")
    assert MAX_BODY > 2 * MAX_IMAGE * 4 / 3  # two images in base64
