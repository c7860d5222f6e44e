"""One split as its source stores it, before `pixels` makes tensors of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specrob.data.image_folder import ImageFolderSplit
from specrob.settings.images import Split

Array = NDArray[Any]


@dataclass(frozen=True)
class RawSplit:
    """Images as stored, and labels.

    Parameters
    ----------
    images : ndarray, (B, H, W), (B, H, W, C), (B, C, H, W) or (B, D), uint8 or float in [0, 1]
        Or pictures in files, which are not read yet.
    labels : ndarray, (B,), integers from 0
    name : str
        Title for figures.
    bounded : bool
        Whether pixels must lie in [0, 1]; white noise need not.
    """

    images: Array | ImageFolderSplit
    labels: NDArray[np.integer[Any]]
    name: str
    bounded: bool = True


ReadSplit = Callable[[Split, str, bool], RawSplit]  # split, folder of data sets, download
