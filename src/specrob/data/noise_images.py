"""White-noise images, the same in every run."""

import re

import numpy as np

from specrob.data.raw_split import RawSplit, ReadSplit
from specrob.errors import UsageError
from specrob.random import normals
from specrob.settings.images import Split

NOISE_IMAGES = 10_000


def noise_source(spec: str) -> ReadSplit:
    """Return what reads the images of ``noise:CxHxW[:STD]``; their labels are all 0.

    Raises
    ------
    UsageError
        If the specification has another form.
    """
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
