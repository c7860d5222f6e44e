"""Folders with one folder of pictures a class, read one picture at a time.

Letters: ``H`` and ``W`` pixels.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from specrob.artifacts.formats import BROKEN
from specrob.errors import DataError
from specrob.settings.images import Split

FOLDERS = {"train": ("train",), "test": ("test", "val")}


class ImageFolderSplit:
    """The pictures of one split, which may be of several sizes.

    Parameters
    ----------
    folder : Path
        Has class folders below ``train/``, and below ``test/`` or ``val/``.
    split : {"train", "test"}

    Raises
    ------
    DataError
        If it has none.
    """

    def __init__(self, folder: Path, split: Split):
        from torchvision.datasets import ImageFolder

        names = FOLDERS[split]
        home = next((folder / n for n in names if (folder / n).is_dir()), None)
        if home is None:
            raise DataError(
                f"expected a folder {' or '.join(names)} in {folder}, found none; make one with a "
                "folder for each class"
            )
        self.home = home
        _check_links(home)
        try:
            self.pictures = ImageFolder(str(home))
        except BROKEN as error:
            raise self._broken(error) from error
        self.labels = np.asarray(self.pictures.targets)

    @property
    def shape(self) -> tuple[int]:
        """The number of pictures, whose sizes may differ."""
        return (len(self.labels),)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, at: int) -> NDArray[np.uint8]:
        """Return one picture, (H, W, 3), uint8."""
        from PIL.Image import DecompressionBombError

        try:
            return np.asarray(self.pictures[at][0])
        except (*BROKEN, DecompressionBombError) as error:
            raise self._broken(error) from error

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Yield each picture, (H, W, 3), uint8."""
        return (self[at] for at in range(len(self)))

    def check_sizes(self, sizes: Collection[tuple[int, ...]]) -> None:
        """Raise DataError where pictures are of several sizes (H, W)."""
        if len(sizes) > 1:
            first, second, *_ = sorted(sizes)
            raise DataError(
                f"expected images of one size in {self.home}, found {_size(first)} and "
                f"{_size(second)}; set `resize`"
            )

    def _broken(self, error: BaseException) -> DataError:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        return DataError(f"expected class folders of images in {self.home}, found: {reason}")


def _check_links(home: Path) -> None:
    """Raise DataError where a link leads to a folder above it, in which a walk would not end.

    Two folders that link to one another are such a case too.
    """
    for name, inside, _ in os.walk(home.absolute(), followlinks=True):
        folder = Path(name)
        links = [folder / one for one in inside if (folder / one).is_symlink()]
        above = [Path(os.path.realpath(one)) for one in (folder, *folder.parents)] if links else []
        for link in links:
            target = Path(os.path.realpath(link))
            if any(target in (one, *one.parents) for one in above):
                raise DataError(
                    f"expected class folders in {home}, found a link to a folder above it: "
                    f"{link}; remove it"
                )


def _size(shape: Sequence[int]) -> str:
    """Return a picture's size as it is usually written, width first.

    >>> _size((480, 640))
    '640x480'
    """
    height, width = shape
    return f"{width}x{height}"
