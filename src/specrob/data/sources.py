"""Every place that images come from: one row a source, each a function to raw arrays.

A raw split is images as stored, and labels; `pixels` makes tensors of them.
"""

import contextlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from specrob.artifacts.formats import BROKEN
from specrob.data.image_folder import ImageFolderSplit
from specrob.errors import DataError, UsageError
from specrob.random import normals
from specrob.registry import suggest


@dataclass(frozen=True)
class RawSplit:
    """One split as its source stores it.

    Parameters
    ----------
    images : ndarray, (B, H, W), (B, H, W, C), (B, C, H, W) or (B, D), uint8 or float in [0, 1]
        Or pictures in files, which are not read yet.
    labels : ndarray, (B,), integers from 0
    name : str
        Title for figures.
    bounded : bool
        Whether pixels must lie in [0, 1]; white noise need not.

    Examples
    --------
    >>> parse_source("digits").read("test", "data", False).images.shape
    (360, 8, 8)
    """

    images: np.ndarray | ImageFolderSplit
    labels: np.ndarray
    name: str
    bounded: bool = True


@dataclass(frozen=True)
class DataSource:
    """What a data specification names: a row of `SOURCES` or a path, and its argument.

    >>> parse_source("noise:1x2x3").read("test", "data", False).images.shape
    (10000, 1, 2, 3)
    """

    spec: str
    read: Callable[[str, str, bool], RawSplit]  # split, root, download
    path: Path | None = None


def parse_source(spec: str) -> DataSource:
    """Return the place that a specification names, before anything is read.

    Raises
    ------
    UsageError
        If it is no known name, path or noise shape.

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
        raise DataError(f"expected images, found: {reason}; check --data") from error
    if is_folder:
        return DataSource(spec, lambda split, root, download: _folder(path, split), path)
    if path.suffix == ".npz" or is_file:
        return DataSource(spec, lambda split, root, download: _npz(path, split), path)
    if path.parent.name or spec.startswith("."):
        raise DataError(f"expected images, found no file or folder {spec}; check --data")
    raise UsageError(f"expected images, found `{spec}`; {suggest(spec, NAMES)}")


def _digits(split: str, root: str, download: bool) -> RawSplit:
    """Return scikit-learn's 1,797 digits, 8 x 8, values / 16, split once and for all."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)
    parts = train_test_split(
        images, digits.target, test_size=360, stratify=digits.target, random_state=0
    )
    chosen = parts[0::2] if split == "train" else parts[1::2]
    return RawSplit(chosen[0], chosen[1], "digits (scikit-learn)")


def _torchvision(name: str, title: str, by_split: bool = False) -> Callable[..., RawSplit]:
    def read(split: str, root: str, download: bool) -> RawSplit:
        import torchvision.datasets

        how = {"split": split} if by_split else {"train": split == "train"}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = getattr(torchvision.datasets, name)(root, download=download, **how)
        except (RuntimeError, OSError) as error:  # "not found", a failed download, a bad digest
            advice = "check the network" if download else "fetch it with --download"
            raise DataError(
                f"expected {title} under {root}, found none; {advice} or set --data-root"
            ) from error
        except (*BROKEN, AssertionError) as error:
            raise DataError(
                f"expected {title} under {root}, found broken files; fetch them again"
            ) from error
        labels = found.labels if by_split else found.targets
        return RawSplit(np.asarray(found.data), np.asarray(labels), title)

    return read


def _npz(path: Path, split: str) -> RawSplit:
    wanted = [f"x_{split}", f"y_{split}"]
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in wanted if key not in archive.files]
            if missing:
                raise DataError(
                    f"expected `{missing[0]}` in {path}, found {', '.join(archive.files)}; "
                    "save x_train, y_train, x_test and y_test"
                )
            name = str(archive["name"]) if "name" in archive.files else path.stem
            return RawSplit(*(archive[key] for key in wanted), name)
    except DataError:
        raise
    except BROKEN as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        reason = getattr(error, "strerror", None) or first
        raise DataError(
            f"expected an NPZ of images at {path}, found: {reason}; check --data"
        ) from error


def _folder(path: Path, split: str) -> RawSplit:
    pictures = ImageFolderSplit(path, split)
    return RawSplit(pictures, pictures.labels, path.resolve().name)


def _noise(spec: str) -> Callable[..., RawSplit]:
    match = re.fullmatch(r"noise:(\d{1,4})x(\d{1,4})x(\d{1,4})(?::(\d*\.?\d+(?:e-?\d+)?))?", spec)
    if not match or not all(int(n) for n in match.group(1, 2, 3)):
        raise UsageError(f"expected noise:CxHxW[:STD], for instance noise:3x32x32, found `{spec}`")
    shape, std = [int(n) for n in match.group(1, 2, 3)], float(match[4] or 1)

    def read(split: str, root: str, download: bool) -> RawSplit:
        draw = 0 if split == "train" else 1
        drawn = normals(shape, seed=0, index=range(10_000), stream="noise images", draw=draw)
        images = drawn.numpy() * np.float32(std)
        return RawSplit(
            images, np.zeros(10_000, np.int64), f"white noise, std {std:g}", bounded=False
        )

    return read


SOURCES: dict[str, Callable[[str, str, bool], RawSplit]] = {
    "digits": _digits,
    "mnist": _torchvision("MNIST", "MNIST"),
    "fashion-mnist": _torchvision("FashionMNIST", "Fashion-MNIST"),
    "cifar10": _torchvision("CIFAR10", "CIFAR-10"),
    "cifar100": _torchvision("CIFAR100", "CIFAR-100"),
    "svhn": _torchvision("SVHN", "SVHN", by_split=True),
}
NAMES = (*SOURCES, "PATH.npz", "FOLDER", "noise:CxHxW[:STD]")
