"""A small writer of `.rec` and `.idx`, after the description of the format and independent of the reader."""

import struct
from pathlib import Path

MAGIC = struct.pack("<I", 0xCED7230A)


def packed(label: float | list[float], image: bytes, key: int = 0) -> bytes:
    """Header, further labels and image, as mxnet's `recordio.pack` has them."""
    if isinstance(label, list):
        return struct.pack("<IfQQ", len(label), 0.0, key, 0) + struct.pack(f"<{len(label)}f", *label) + image
    return struct.pack("<IfQQ", 0, label, key, 0) + image


def record(data: bytes) -> bytes:
    """One record; cut wherever the magic word stands in the data at a multiple of four bytes."""
    found, begin = b"", 0
    for at in range(0, len(data) - len(data) % 4, 4):
        if data[at : at + 4] == MAGIC:
            part = data[begin:at]
            found += MAGIC + struct.pack("<I", (1 if begin == 0 else 2) << 29 | len(part)) + part
            begin = at + 4
    part = data[begin:]
    found += MAGIC + struct.pack("<I", (3 if begin else 0) << 29 | len(part)) + part
    return found + bytes(-len(found) % 4)


def write_records(path: Path, entries: list[tuple[int, bytes]]) -> list[int]:
    """Write entries of key and data; where each record begins."""
    stored, places = b"", []
    for _, data in entries:
        places.append(len(stored))
        stored += record(data)
    path.write_bytes(stored)
    lines = [f"{key}\t{place}\n" for (key, _), place in zip(entries, places, strict=True)]
    path.with_suffix(".idx").write_text("".join(lines))
    return places


def write_training_set(path: Path, images: list[bytes], people: list[int]) -> None:
    """As insightface's `train.rec`: record 0 says where images end, tables of people follow the images."""
    end, known = len(images) + 1, sorted(set(people))
    entries = [(0, packed([float(end), float(end + len(known))], b""))]
    pairs = zip(images, people, strict=True)
    entries += [(i, packed([float(who), 0.0], image, i)) for i, (image, who) in enumerate(pairs, 1)]
    for number, who in enumerate(known):
        rows = [i for i, other in enumerate(people, 1) if other == who]
        entries.append((end + number, packed([float(rows[0]), float(rows[-1] + 1)], b"")))
    write_records(path, entries)
