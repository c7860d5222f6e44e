"""Folders with one folder of pictures a class, read one picture at a time.

Letters: ``B`` images, ``H`` and ``W`` pixels.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from specrob.artifacts.formats import BROKEN
from specrob.errors import DataError

HOMES = {"train": ("train",), "test": ("test", "val")}


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

    def __init__(self, folder: Path, split: str):
        from torchvision.datasets import ImageFolder

        names = HOMES[split]
        home = next((folder / n for n in names if (folder / n).is_dir()), None)
        if home is None:
            raise DataError(f"expected a folder {' or '.join(names)} in {folder}, found none")
        self.home = home
        try:
            self.found = ImageFolder(str(home))
        except BROKEN as error:
            raise self._broken(error) from error
        self.labels = np.asarray(self.found.targets)

    @property
    def shape(self) -> tuple[int]:
        """How many pictures there are; sizes are each one's own."""
        return (len(self.labels),)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield each picture, (H, W, 3), uint8."""
        from PIL.Image import DecompressionBombError

        try:
            for picture, _ in self.found:
                yield np.asarray(picture)
        except (*BROKEN, SyntaxError, DecompressionBombError) as error:
            raise self._broken(error) from error

    def stack(self) -> np.ndarray:
        """Return pictures of one size, (B, H, W, 3); raise DataError if there are several."""
        pictures = list(self)
        sizes = sorted({picture.shape for picture in pictures})
        if len(sizes) > 1:
            raise DataError(
                f"expected images of one size in {self.home}, found {_said(sizes[0])} and "
                f"{_said(sizes[1])}; add --resize N"
            )
        return np.stack(pictures)

    def _broken(self, error: BaseException) -> DataError:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        return DataError(f"expected class folders of images in {self.home}, found: {reason}")


def _said(shape: Sequence[int]) -> str:
    """Return a picture's size as people say it, width first.

    >>> _said((480, 640, 3))
    '640x480'
    """
    height, width, *_ = shape
    return f"{width}x{height}"
