"""What a data specification names: a member of the family SOURCES, a path, or white noise."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from specrob.artifacts.formats import BROKEN
from specrob.data.image_folder import ImageFolderSplit
from specrob.data.raw_split import RawSplit, ReadSplit
from specrob.errors import DataError, UsageError
from specrob.random import normals
from specrob.registry import SOURCES, suggest
from specrob.settings.images import Split

FORMS = ("PATH.npz", "FOLDER", "noise:CxHxW[:STD]")
NOISE_IMAGES = 10_000


@dataclass(frozen=True)
class DataSource:
    """Where images come from.

    Parameters
    ----------
    spec : str
        How it was asked for.
    read : callable (split, root, download) -> RawSplit
    path : Path or None
        Of a file or folder.

    Examples
    --------
    >>> parse_source("noise:1x2x3").read("test", "data", False).images.shape
    (10000, 1, 2, 3)
    """

    spec: str
    read: ReadSplit
    path: Path | None = None


def parse_source(spec: str) -> DataSource:
    """Return the source that a specification names, before anything is read.

    Raises
    ------
    UsageError
        If it is no known name, path or noise shape.
    DataError
        If it is a path at which nothing is found.

    Examples
    --------
    >>> parse_source("digits").spec
    'digits'
    >>> parse_source("cifar1O")
    Traceback (most recent call last):
    specrob.errors.UsageError: expected images, found `cifar1O`; did you mean `cifar10`?
    """
    if spec in SOURCES:
        return DataSource(spec, SOURCES[spec])
    if spec.startswith("noise:"):
        return DataSource(spec, _noise(spec))
    try:
        path = Path(spec).expanduser()
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, RuntimeError) as error:  # a name too long, a folder locked, ~nobody
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"expected images, found: {reason}; check `data`") from error
    if is_folder:
        return DataSource(spec, lambda split, root, download: _folder(path, split), path)
    if path.suffix == ".npz" or is_file:
        return DataSource(spec, lambda split, root, download: _npz(path, split), path)
    if path.parent.name or spec.startswith("."):
        raise DataError(f"expected images, found no file or folder {spec}; check `data`")
    raise UsageError(f"expected images, found `{spec}`; {suggest(spec, [*SOURCES, *FORMS])}")


def _npz(path: Path, split: Split) -> RawSplit:
    images, labels = f"x_{split}", f"y_{split}"
    try:
        with np.load(path, allow_pickle=False) as archive:
            for key in (images, labels):
                if key not in archive.files:
                    raise DataError(
                        f"expected `{key}` in {path}, found {', '.join(archive.files)}; "
                        "save x_train, y_train, x_test and y_test"
                    )
            name = str(archive["name"]) if "name" in archive.files else path.stem
            return RawSplit(archive[images], archive[labels], name)
    except DataError:
        raise
    except BROKEN as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        reason = getattr(error, "strerror", None) or first
        raise DataError(
            f"expected an NPZ of images at {path}, found: {reason}; check `data`"
        ) from error


def _folder(path: Path, split: Split) -> RawSplit:
    pictures = ImageFolderSplit(path, split)
    return RawSplit(pictures, pictures.labels, path.resolve().name)


def _noise(spec: str) -> ReadSplit:
    match = re.fullmatch(r"noise:(\d{1,4})x(\d{1,4})x(\d{1,4})(?::(\d*\.?\d+(?:e-?\d+)?))?", spec)
    if not match or not all(int(n) for n in match.group(1, 2, 3)):
        raise UsageError(f"expected noise:CxHxW[:STD], for instance noise:3x32x32, found `{spec}`")
    shape, std = [int(n) for n in match.group(1, 2, 3)], float(match[4] or 1)

    def read(split: Split, root: str, download: bool) -> RawSplit:
        draw = 0 if split == "train" else 1
        index = range(NOISE_IMAGES)
        drawn = normals(shape, seed=0, index=index, stream="noise images", draw=draw)
        images, labels = drawn.numpy() * np.float32(std), np.zeros(NOISE_IMAGES, np.int64)
        return RawSplit(images, labels, f"white noise, std {std:g}", bounded=False)

    return read
