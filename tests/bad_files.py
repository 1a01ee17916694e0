"""A folder of everything that is wrong with photographs in the wild, drawn on the spot."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, width: int = 96, height: int = 120) -> Image.Image:
    """A smooth random picture: no face, but edges and shades."""
    rough = np.random.default_rng(seed).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of gigapixels in a few bytes: only the header tells."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def turned(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def bad(folder: Path) -> dict[str, str]:
    """Write files that cannot be used; name -> what the reason must say."""
    folder.mkdir(parents=True, exist_ok=True)
    said: dict[str, str] = {}

    def put(name: str, data: bytes, reason: str) -> None:
        (folder / name).write_bytes(data)
        said[name] = reason

    for i, kind in enumerate(["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"]):
        data = encoded(picture(i), kind)
        for share in (0.03, 0.3, 0.5, 0.7, 0.9):
            put(f"cut {share} {kind.lower()}.{kind.lower()}", data[: int(len(data) * share)], "truncated|not an image")
    for ending in ("jpg", "png", "webp", "tiff", "gif", "bmp", "heic"):
        put(f"empty.{ending}", b"", "empty")
        put(f"text.{ending}", b"<html>404 not found</html>", "not an image")
    for name in ("sp ace", "顔", "ünï ", "مثال", "emoji😀", "quote'\"", "comma,semi;", "new\nline"):
        put(f"{name}.jpg", encoded(picture(9), "JPEG")[:300], "truncated|not an image")
    put("bomb.png", bomb(), "too large")
    put("bomb flat.png", bomb(200_000, 2_000), "too large")
    put("twenty thousand.png", bomb(20_000, 20_000), "too large")
    put("strip.png", encoded(Image.new("L", (40_000, 2)), "PNG"), "too large")
    put("float.tiff", encoded(Image.fromarray(np.full((4, 4), 0.5, np.float32)), "TIFF"), "floating-point")
    put("deep.tiff", encoded(Image.fromarray(np.full((4, 4), 1 << 20, np.int32)), "TIFF"), "32-bit")
    put("zeros.jpg", bytes(4000), "not an image")
    put("noise.png", np.random.default_rng(0).bytes(4000), "not an image")
    outside = folder.parent / "outside.png"
    picture(7).save(outside)
    (folder / "link out.png").symlink_to(outside)
    (folder / "dangling.png").symlink_to(folder / "gone.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "folder.jpg").mkdir()  # a folder with the name of a picture is entered, not read
    return said | {"link out.png": "link out", "dangling.png": "does not exist", "loop.png": "leads nowhere"}


def good(folder: Path) -> dict[str, str]:
    """Write unusual files that can be used; name -> what is said of them."""
    folder.mkdir(parents=True, exist_ok=True)
    rgb = picture(1)
    rgba = rgb.copy()
    rgba.putalpha(Image.linear_gradient("L").resize(rgb.size))
    deep = Image.fromarray(np.asarray(picture(2).convert("L")).astype(np.uint16) * 257)
    frames = [picture(i, 32, 32) for i in (3, 4)]
    files = {
        "plain.jpg": (encoded(rgb, "JPEG"), ""),
        "lying.jpg": (encoded(picture(5), "JPEG", exif=turned(6)), "turned by EXIF"),
        "grey.png": (encoded(picture(6).convert("L"), "PNG"), "grey"),
        "transparent.png": (encoded(rgba, "PNG"), "transparent"),
        "print.jpg": (encoded(picture(8).convert("CMYK"), "JPEG"), "CMYK"),
        "deep.png": (encoded(deep, "PNG"), "16 bits"),
        "moving.gif": (encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), "animated"),
        "moving.webp": (encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]), "animated"),
        "顔 mit Leerzeichen.webp": (encoded(picture(10), "WEBP"), ""),
        "large.jpg": (encoded(picture(11).resize((9_000, 5_000)), "JPEG", quality=30), ""),
    }
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    (folder / "link in.jpg").symlink_to(folder / "plain.jpg")
    return {name: odd for name, (_, odd) in files.items()} | {"link in.jpg": ""}
