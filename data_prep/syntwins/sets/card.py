"""The data card of a rendered set in Croissant, the JSON-LD vocabulary by which data catalogues describe data sets."""

from pathlib import Path

from syntwins.sets.cardtext import COLUMNS, RESPONSIBLE
from twinlib import files
from twinlib.errors import InputError

VOCABULARY = "http://mlcommons.org/croissant/"
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": VOCABULARY,
    "rai": f"{VOCABULARY}RAI/",
    "dct": "http://purl.org/dc/terms/",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes",
            "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
            "repeated", "replace", "separator", "source", "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}  # fmt: skip
LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
KINDS = {"text": "sc:Text", "number": "sc:Float", "whole": "sc:Integer"}


def croissant(root: Path) -> dict[str, object]:
    """Describe a rendered set: its files with hashes, the columns of the manifest, how to use it responsibly.

    Args:
        root: folder of the set.

    Returns:
        JSON-LD that conforms to Croissant 1.0 with the fields of its responsible-AI vocabulary.

    Raises:
        InputError: if the folder holds no finished SynTwins set.
    """
    if not (root / "dataset.json").is_file():
        raise InputError(f"{root} holds no rendered set. Make one with `twinlib synth {root.name}`.")
    described = files.read_json(root / "dataset.json")
    if not isinstance(described, dict) or described.get("generator") != "syntwins":
        raise InputError(f"{root / 'dataset.json'} does not describe a SynTwins set; there is no card for others.")
    name, counts = f"syntwins-{described['name']}", described["counts"]
    images = sum(split["images"] for split in counts.values())
    subjects = sum(split["subjects"] for split in counts.values())
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [f"{VOCABULARY}1.0", f"{VOCABULARY}RAI/1.0"],
        "name": name,
        "description": (
            f"{images} rendered photographs of {subjects} people who do not exist, in families of identical twins, "
            f"fraternal twins and siblings. {described['note']}"
        ),
        "version": f"{described['generator_version']}.0.0",
        "license": LICENCE,
        "creator": {"@type": "sc:Organization", "name": "The twinlib authors"},
        "citeAs": "@software{twinlib, title={twinlib}, author={The twinlib authors}, year={2026}}",
        "keywords": ["identical twins", "face verification", "synthetic", "rendered"],
        "datePublished": "2026-11-22",
        "isLiveDataset": False,
        "distribution": _distribution(root),
        "recordSet": [_records()],
        **{f"rai:{key}": value for key, value in RESPONSIBLE.items()},
    }


def _distribution(root: Path) -> list[dict[str, object]]:
    """The files; their bytes follow from configuration and seed, so the hashes are part of the description."""
    formats = {"manifest.csv": "text/csv", "dataset.json": "application/json", "truth.npz": "application/zip"}
    entries: list[dict[str, object]] = [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "encodingFormat": kind,
            "contentSize": f"{(root / name).stat().st_size} B",
            "sha256": files.sha256(root / name),
        }
        for name, kind in formats.items()
    ]
    images = {"@type": "cr:FileSet", "@id": "images", "name": "images", "includes": "images/*/*.jpg"}
    return [*entries, images | {"encodingFormat": "image/jpeg"}]


def _records() -> dict[str, object]:
    """One record an image: the manifest's columns."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"images_table/{column}",
            "name": column,
            "description": meaning,
            "dataType": KINDS[kind],
            "source": {"fileObject": {"@id": "manifest.csv"}, "extract": {"column": column}},
        }
        for column, (kind, meaning) in COLUMNS.items()
    ]
    key = {"@id": "images_table/image"}
    return {"@type": "cr:RecordSet", "@id": "images_table", "name": "images_table", "key": key, "field": fields}
