"""Figures of a report as files beside it, for formats that cannot hold them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from specrob.artifacts.streams import write_bytes
from specrob.errors import OutputError
from specrob.reports.page import Page, Picture

SUFFIXES = {"image/svg+xml": ".svg", "image/png": ".png"}
LONGEST = 60  # letters of a name


def with_files(page: Page, output: str) -> Page:
    """Return the page with links to its figures, which are written into a folder beside it.

    Raises
    ------
    OutputError
        If they cannot be written.
    """
    folder = _figure_folder(Path(output))
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"expected a folder {folder} for the figures, found {error.strerror}; change `output`"
        ) from error
    return replace(page, pictures=list(_written(page, folder)))


def figure_folders(path: str) -> list[str]:
    """Return the folders of figures of the reports in Markdown below a folder.

    >>> figure_folders("no such folder")
    []
    """
    return [str(_figure_folder(page)) for page in Path(path).rglob("*.md")]


def _figure_folder(page: Path) -> Path:
    return page.with_name(f"{page.stem}_figures")


def _written(page: Page, folder: Path) -> Iterator[Picture]:
    for number, picture in enumerate(page.pictures, 1):
        words = re.sub(r"[^A-Za-z0-9]+", "-", picture.title).strip("-").lower()[:LONGEST]
        name = f"{number:02}-{words}{SUFFIXES[picture.media]}"
        write_bytes(picture.data, str(folder / name))
        yield replace(picture, link=f"{folder.name}/{name}")
