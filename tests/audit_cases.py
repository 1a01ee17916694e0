"""A protocol of the audit without pictures: tables as the renderer writes them, for tests of the mathematics."""

import csv

import numpy as np

from twinlib.audit.protocol import CAUSES, protocol

FAMILIES = {"mz": 40, "sibling": 20, "single": 20}
COLUMNS = ["image", "path", "subject", "family", "split", "relation", "sex", "tone_bin", "age_bin", "yaw", "age_gap",
           "light_azimuth", "occluder"]  # fmt: skip


def manifest(folder, families, images, seed=0):
    """Write a set's manifest.csv."""
    rng, rows, number = np.random.default_rng(seed), [], 0
    for relation, count in families.items():
        for _ in range(count):
            sex, tone, age = "fm"[number % 2], "abc"[number % 3], "young"
            for member in "a" if relation == "single" else "ab":
                for image in range(images):
                    name = f"f{number}-{member}"
                    factors = [
                        rng.uniform(-30, 30),
                        rng.uniform(0, 12),
                        rng.uniform(-60, 60),
                        rng.choice(["none", "mask"]),
                    ]
                    row = [f"{name}-{image}", f"images/{name}/{image}.jpg", name, f"f{number}", "test", relation]
                    rows.append([*row, sex, tone, age, *factors])
            number += 1
    folder.mkdir(parents=True)
    with (folder / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder


def asked(folder, strangers=20_000, lookalikes=5_000):
    """A small protocol with every set."""
    roots = {"audit": manifest(folder / "audit", FAMILIES, 4)}
    roots |= {name: manifest(folder / name, {"mz": 10}, 4) for name in CAUSES}
    roots["audit-wide"] = manifest(folder / "audit-wide", {"mz": 20}, 6)
    return protocol(roots, {"protocol": 0}, strangers, lookalikes)


def random_embeddings(count, length=32, seed=0):
    """Unit vectors that know nothing."""
    e = np.random.default_rng(seed).normal(size=(count, length))
    return (e / np.linalg.norm(e, axis=1, keepdims=True)).astype(np.float32)


def oracle(images):
    """An axis for each subject."""
    names = images["set"] + images["subject"]
    codes = names.map({name: i for i, name in enumerate(names.unique())}).to_numpy()
    return np.eye(codes.max() + 1, dtype=np.float32)[codes]
