import io
import re
import struct
import sys
import zlib

import bad_files
import numpy as np
import pytest
from PIL import Image

from twinlib.errors import InputError
from twinlib.faces.images import fault, read_image


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (24, 36, 3), dtype=np.uint8)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})])
def test_lossless_files_keep_their_pixels(pixels, kind, options, tmp_path):
    data = encoded(Image.fromarray(pixels), kind, **options)
    path = tmp_path / "a name with spaces, ü and 顔.img"
    path.write_bytes(data)
    for source in (data, path, str(path), Image.open(path), pixels):
        np.testing.assert_array_equal(read_image(source), pixels)


def test_result_is_a_copy(pixels):
    read_image(pixels)[:] = 0
    assert pixels.any()


# What a viewer must do to show the stored pixels upright, by the EXIF table (0th row, 0th column of the stored image).
UPRIGHT = {
    1: lambda p: p,
    2: np.fliplr,
    3: lambda p: np.rot90(p, 2),
    4: np.flipud,
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: np.rot90(p, 2).transpose(1, 0, 2),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_is_applied(pixels, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(pixels), "PNG", exif=exif)
    np.testing.assert_array_equal(read_image(data), UPRIGHT[orientation](pixels))


def test_grey_is_repeated_in_three_channels(pixels):
    grey = pixels[..., 0]
    for source in (encoded(Image.fromarray(grey), "PNG"), grey, grey[..., None]):
        np.testing.assert_array_equal(read_image(source), np.stack([grey] * 3, axis=-1))


def test_transparency_is_laid_on_white(pixels):
    alpha = np.broadcast_to(np.linspace(0, 255, 36).astype(np.uint8), (24, 36))
    rgba = np.dstack([pixels, alpha])
    a = alpha[..., None] / 255
    expected = a * pixels + (1 - a) * 255
    for source in (encoded(Image.fromarray(rgba), "PNG"), rgba):
        np.testing.assert_allclose(read_image(source), expected, atol=1.01)
    grey_alpha = read_image(encoded(Image.merge("LA", [Image.fromarray(c) for c in (rgba[..., 0], alpha)]), "PNG"))
    np.testing.assert_allclose(grey_alpha, np.broadcast_to(expected[..., :1], (24, 36, 3)), atol=1.01)


def test_palette_with_a_transparent_entry():
    image = Image.new("P", (4, 2), 1)
    image.putpalette([9, 9, 9, 200, 100, 50])
    image.putpixel((0, 0), 0)
    result = read_image(encoded(image, "PNG", transparency=0))
    assert result[0, 0].tolist() == [255, 255, 255]
    assert (result.reshape(-1, 3)[1:] == [200, 100, 50]).all()


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_other_colour_spaces(mode):
    colour = np.full((16, 16, 3), (200, 40, 90), np.uint8)
    data = encoded(Image.fromarray(colour).convert(mode), "JPEG", quality=100)
    np.testing.assert_allclose(read_image(data), colour, atol=3)


def test_sixteen_bits_keep_black_white_and_steps():
    values = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    for kind in ("PNG", "TIFF"):
        result = read_image(encoded(Image.fromarray(values), kind))
        np.testing.assert_array_equal(result[..., 1], np.arange(256).reshape(16, 16))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_frame_of_an_animation(kind):
    frames = [Image.new("RGB", (32, 32), colour) for colour in ((250, 0, 0), (0, 250, 0), (0, 0, 250))]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert read_image(data).mean((0, 1)).argmax() == 0


def bomb() -> bytes:
    """A PNG of 60,000 × 60,000 px in a few bytes: only the header tells."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def large_png() -> bytes:
    return encoded(Image.new("L", (10_000, 9_500)), "PNG")  # 95 megapixels: Pillow warns only


@pytest.mark.parametrize(
    ("data", "reason", "remedy"),
    [
        (b"", "empty", "Copy"),
        (b"no picture at all", "not an image", "Convert"),
        (b"\xff\xd8\xff\xe0 a JPEG in name only", "not an image|damaged", "Convert|Copy"),
        (bomb(), "too large", "smaller"),
        (large_png(), "too large", "smaller"),
        (encoded(Image.new("L", (40_000, 2)), "PNG"), "40000 × 2 px, .* 32000 px a side", "smaller"),
        (encoded(Image.fromarray(np.full((4, 4), 0.5, np.float32)), "TIFF"), "floating-point", "8 bits"),
        (encoded(Image.fromarray(np.full((4, 4), 1 << 20, np.int32)), "TIFF"), "32-bit", "8 bits"),
    ],
)
def test_bad_files_are_refused_with_name_reason_and_remedy(data, reason, remedy, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"(?s)photo.jpg.*({reason}).*({remedy})"):
        read_image(path)
    with pytest.raises(InputError, match=f"(?s)^member 7.*({reason}).*({remedy})"):
        read_image(data, "member 7")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_truncated_files_are_refused(pixels, kind, tmp_path):
    data = encoded(Image.fromarray(pixels), kind)
    (tmp_path / "half").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="half"):
        read_image(tmp_path / "half")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_damaged_bytes_never_raise_anything_else(pixels, kind):
    good = np.frombuffer(encoded(Image.fromarray(pixels), kind), np.uint8)
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(150):
        bad = good.copy()
        bad[rng.integers(len(bad), size=8)] = rng.integers(256, size=8)
        try:
            assert read_image(bad.tobytes()).dtype == np.uint8
        except InputError:
            refused += 1
    assert refused > 0


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_image(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="not a file"):
        read_image(tmp_path)


def test_pixel_limit_can_be_set(pixels):
    data = encoded(Image.fromarray(pixels), "PNG")
    assert read_image(data, max_pixels=24 * 36).shape == (24, 36, 3)
    for source in (data, pixels, Image.fromarray(pixels)):
        with pytest.raises(InputError, match="36 × 24 px, the limit"):
            read_image(source, max_pixels=24 * 36 - 1)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.full((4, 4, 3), np.nan), "NaN"),
        (np.zeros((4, 4, 3)), r"float64.*astype\(np.uint8\)"),
        (np.zeros((4, 4, 3), np.uint16), "uint16"),
        (np.zeros((3, 8, 9), np.uint8), "channels first"),
        (np.zeros((4, 4, 2), np.uint8), "shape"),
        (np.zeros((2, 4, 4, 3), np.uint8), "one image at a time"),
        (np.zeros((0, 4, 3), np.uint8), "shape"),
    ],
)
def test_wrong_arrays_are_refused(array, reason):
    with pytest.raises(InputError, match=reason):
        read_image(array)


def test_heic_is_read_with_its_extra_and_else_names_it(pixels, monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    heif.from_bytes("RGB", (36, 24), pixels.tobytes()).save(buffer, quality=100, chroma=444)
    assert np.abs(read_image(buffer.getvalue()).astype(int) - pixels).mean() < 3
    assert fault(buffer.getvalue(), "a.heic") == ""
    assert re.search("truncated|not an image", fault(buffer.getvalue()[:400], "a.heic"))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # not installed
    with pytest.raises(InputError, match=r"a\.heic is a HEIC photograph.*pip install 'twinlib\[heic\]'"):
        read_image(buffer.getvalue(), "a.heic")


def test_a_fault_is_what_reading_refuses(tmp_path):
    bad, good = bad_files.bad(tmp_path / "bad"), bad_files.good(tmp_path / "good")
    for name in bad:
        if (file := tmp_path / "bad" / name).is_file() and not file.is_symlink():
            assert re.search(bad[name], fault(file.read_bytes(), name)), name
    assert {fault((tmp_path / "good" / name).read_bytes(), name) for name in good} == {""}
