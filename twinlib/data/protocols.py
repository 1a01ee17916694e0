"""Protocols as stored pair lists: which two images are compared, and whether they show one person.

A list is drawn once by seed, with the same number of genuine and impostor pairs a family (at most 24 each), inside a
split. What is drawn inside a family depends on the seed, the protocol and the family's name alone.
"""

import zlib
from typing import Annotated

import numpy as np
import pandas as pd

from twinlib.arrays import groups, one_row_each, table_of
from twinlib.data.pairs import PAIR_COLUMNS, lfw_pairs, read_pairs, write_pairs
from twinlib.errors import InputError
from twinlib.ranges import Count, Within, within

__all__ = [
    "PAIR_COLUMNS",
    "assign_folds",
    "candidates",
    "general_pairs",
    "lfw_pairs",
    "read_pairs",
    "sibling_pairs",
    "triplets",
    "twin_pairs",
    "write_pairs",
]

PER_FAMILY = 24  # pairs of each kind a family: what one subject of 8 images can give
STRANGER_BINS = ("sex", "age_bin", "tone_bin")  # given up from the right where no stranger shares them all
KIND_OF = {"mz": "twin", "dz": "sibling", "sibling": "sibling"}  # relation of a family -> kind of its impostor pairs


def twin_pairs(manifest: pd.DataFrame, seed: int, per_family: int = PER_FAMILY) -> pd.DataFrame:
    """Protocol `twin`: two images of one subject against one image of each identical twin.

    Args:
        manifest: a row for each image with image, subject, family, split, relation and, if folded, fold.
        seed: the draw.
        per_family: most pairs of each kind a family.

    Returns:
        Pair list with `PAIR_COLUMNS`, every split; families that give no pair of one kind are left out.

    Raises:
        InputError: a column is missing, or no family of identical twins is there.
    """
    return draw(candidates(manifest, "twin"), "twin", seed, per_family)


def sibling_pairs(manifest: pd.DataFrame, seed: int, per_family: int = PER_FAMILY) -> pd.DataFrame:
    """Protocol `sibling`: as `twin_pairs`, over families of siblings and fraternal twins."""
    return draw(candidates(manifest, "sibling"), "sibling", seed, per_family)


def general_pairs(manifest: pd.DataFrame, seed: int, per_family: int = PER_FAMILY) -> pd.DataFrame:
    """Protocol `general`: two images of one subject against subjects of other families of the same split (and fold).

    A stranger shares sex, age bin and tone bin where the manifest knows them and somebody does; else the tone bin is
    given up, then the age bin, then sex. No two images are paired twice.

    Args:
        manifest: as for `twin_pairs`; columns sex, age_bin and tone_bin are used where present.
        seed: the draw.
        per_family: most pairs of each kind a family.

    Raises:
        InputError: a column is missing, or no family has a stranger in its split.
    """
    within(Count, per_family=per_family)
    genuine = candidates(manifest, None).query("same == 1")
    available, manifest, rows = genuine.groupby("family_a").size(), _checked(manifest), []
    for _, part in manifest.groupby(_place(manifest), sort=True):
        rows += _strangers(part, available.clip(upper=per_family).to_dict(), seed)
    if not rows:
        raise InputError("general pairs need two families in one split; found none. Use a larger data set.")
    return draw(pd.concat([genuine, pd.DataFrame(rows)], ignore_index=True), "general", seed, per_family)


def triplets(manifest: pd.DataFrame, seed: int, per_family: int = PER_FAMILY) -> pd.DataFrame:
    """Triplets for triplet accuracy: anchor, another image of the same subject, an image of the twin or sibling.

    Args:
        manifest: as for `twin_pairs`.
        seed: the draw.
        per_family: triplets a family.

    Returns:
        Columns triplet, anchor, positive, negative, kind, family, split.

    Raises:
        InputError: a column is missing, or no family has two subjects.
    """
    within(Count, per_family=per_family)
    manifest, rows = _checked(manifest), []
    for family, part in manifest[manifest.relation.isin(KIND_OF)].groupby("family", sort=True):
        rng = _rng(seed, "triplet", family)
        images = {subject: group.image.to_numpy() for subject, group in part.groupby("subject", sort=True)}
        anchors = [subject for subject, own in images.items() if len(own) > 1]
        place = KIND_OF[part.relation.iloc[0]], family, part.split.iloc[0]
        for _ in range(per_family if anchors and len(images) > 1 else 0):
            subject = _pick(rng, anchors)
            negative = _pick(rng, images[_pick(rng, [name for name in images if name != subject])])
            own = images[subject]
            first = rng.integers(len(own))
            second = (first + rng.integers(1, len(own))) % len(own)
            rows.append((own[first], own[second], negative, *place))
    if not rows:
        raise InputError("triplets need a family with a twin or sibling; found none. Use a data set with some.")
    table = pd.DataFrame(rows, columns=["anchor", "positive", "negative", "kind", "family", "split"]).drop_duplicates(
        ["anchor", "positive", "negative"], ignore_index=True
    )
    table.insert(0, "triplet", np.arange(len(table)))
    return table


def assign_folds(manifest: pd.DataFrame, folds: int, seed: int) -> pd.DataFrame:
    """A copy of the manifest with a column `fold` (1 … folds), whole families, sizes equal to within one family.

    Raises:
        InputError: folds out of [2, number of families], or a family that is missing.
    """
    families = np.sort(pd.unique(groups(manifest["family"], "manifest.family")))
    within(Annotated[int, Within(f"[2, {len(families)}]")], folds=folds)
    order = np.random.default_rng(seed).permutation(families.size)
    number = dict(zip(families[order], np.arange(families.size) % folds + 1, strict=True))
    return manifest.assign(fold=manifest.family.map(number))


def candidates(manifest: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    """All genuine pairs, and all impostor pairs within families, from which a protocol draws.

    Args:
        manifest: a row for each image.
        kind: "twin" or "sibling": families with such impostor pairs only; None: genuine pairs of every family.

    Raises:
        InputError: a column is missing or no family is of that kind.
    """
    manifest = _checked(manifest)
    wanted = manifest if kind is None else manifest[manifest.relation.map(KIND_OF) == kind]
    if wanted.empty:
        known = sorted(manifest.relation.unique())
        raise InputError(f"the manifest has no family with {kind} pairs; its relations are {known}. Use one with some.")
    tables = []
    for _, part in wanted.groupby("family", sort=True):
        image, subject = part.image.to_numpy(), pd.factorize(part.subject, sort=True)[0]
        a, b = np.triu_indices(len(part), 1)
        if kind is None:
            a, b = a[subject[a] == subject[b]], b[subject[a] == subject[b]]
        same = (subject[a] == subject[b]).astype(int)
        tables.append(_table(image[a], image[b], same, np.where(same == 1, "genuine", kind or ""), part))
    return pd.concat(tables, ignore_index=True)


def draw(pool: pd.DataFrame, protocol: str, seed: int, per_family: int) -> pd.DataFrame:
    """Draw the same number of genuine and impostor pairs a family (`family_a`) from a pool, in a fixed order.

    Args:
        pool: pairs without a column `pair`.
        protocol: name; part of the seed, so that two protocols draw differently.
        seed: the draw.
        per_family: most pairs of each kind a family.

    Raises:
        InputError: no family has both kinds.
    """
    within(Count, per_family=per_family)
    drawn = []
    for family, part in pool.groupby("family_a", sort=True):
        rng, same = _rng(seed, protocol, family), part.same.to_numpy()
        n = min(per_family, int(same.sum()), int((1 - same).sum()))
        for value in (1, 0):
            drawn.append(part.iloc[np.sort(rng.choice(np.flatnonzero(same == value), n, replace=False))])
    table = pd.concat(drawn, ignore_index=True) if drawn else pool
    if table.empty:
        raise InputError(f"protocol {protocol}: no family has both genuine and impostor pairs. Use more images.")
    return table.assign(pair=np.arange(len(table)))[PAIR_COLUMNS]


def _strangers(part, wanted, seed):
    """Impostor rows of one split: for each family, as many as it has genuine pairs to match."""
    people = part.groupby("subject", sort=True).first()
    images = {subject: group.image.to_numpy() for subject, group in part.groupby("subject", sort=True)}
    family_of, eligible = people.family.to_dict(), _eligible(people)
    rows, seen = [], set()
    for family, own in part.groupby("family", sort=True):
        rng, pool = _rng(seed, "stranger", family), list(zip(own.image, own.subject, strict=True))
        place = {"split": own.split.iloc[0], "fold": own.fold.iloc[0] if "fold" in own else 0}
        found, target = 0, wanted.get(family, 0)
        for _ in range(20 * target):  # a draw may repeat a pair; 20 tries a pair, then fewer pairs
            image_a, subject = _pick(rng, pool)
            if found == target or not len(eligible[subject]):
                break
            other = _pick(rng, eligible[subject])
            image_b = _pick(rng, images[other])
            if (key := frozenset((image_a, image_b))) in seen:
                continue
            seen.add(key)
            found += 1
            ends = {"image_a": image_a, "image_b": image_b, "family_a": family, "family_b": family_of[other]}
            rows.append({**ends, "same": 0, "kind": "stranger", **place})
    return rows


def _eligible(people):
    """Subject -> subjects of other families that share its known bins; bins are given up from the right."""
    names, family = people.index.to_numpy(), people.family.to_numpy()
    bins = [pd.factorize(people[name])[0] for name in STRANGER_BINS if name in people]  # -1: unknown
    found = {}
    for row, name in enumerate(names):
        known = [codes == codes[row] for codes in bins if codes[row] >= 0]
        masks = [np.logical_and.reduce([family != family[row], *known[:kept]]) for kept in range(len(known) + 1)]
        choices = [names[mask] for mask in masks]
        found[name] = next((choice for choice in reversed(choices) if len(choice)), choices[0])
    return found


def _pick(rng, things):
    """One of a sequence."""
    return things[rng.integers(len(things))]


def _table(image_a, image_b, same, kind, part):
    """Pairs within one family."""
    family, fold = part.family.iloc[0], part.fold.iloc[0] if "fold" in part else 0
    ends = {"image_a": image_a, "image_b": image_b, "same": same, "kind": kind}
    return pd.DataFrame({**ends, "family_a": family, "family_b": family, "split": part.split.iloc[0], "fold": fold})


def _place(manifest):
    """The columns inside which strangers are drawn."""
    return ["split", "fold"] if "fold" in manifest else ["split"]


def _checked(manifest):
    """The manifest in order of image, so that its row order decides nothing; refused without the columns needed."""
    manifest = table_of(manifest, ("image", "subject", "family", "split", "relation"), "the manifest")
    one_row_each(manifest["image"], "manifest.image")
    for name in ("subject", "family", "relation", *_place(manifest)):
        groups(manifest[name], f"manifest.{name}")
    return manifest.sort_values("image", ignore_index=True)


def _rng(seed, protocol, family):
    """Random numbers of one family in one protocol: other families do not move them."""
    return np.random.default_rng([seed, zlib.crc32(protocol.encode()), zlib.crc32(str(family).encode())])
