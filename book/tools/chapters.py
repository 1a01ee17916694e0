"""Which pages the book has, in order: the one reader of `_toc.yml`."""

from pathlib import Path

import yaml


def pages(toc: Path) -> list[str]:
    """Names of all pages in reading order, the root first."""
    tree = yaml.safe_load(toc.read_text(encoding="utf-8"))
    return [tree["root"], *_files(tree)]


def notebooks(toc: Path, sources: Path) -> list[str]:
    """Names of the pages that are notebooks in `sources`, in reading order."""
    return [name for name in pages(toc) if (sources / f"{name}.ipynb").is_file()]


def _files(node: dict) -> list[str]:
    found = [node["file"]] if "file" in node else []
    for child in [*node.get("parts", []), *node.get("chapters", []), *node.get("sections", [])]:
        found += _files(child)
    return found
