"""scikit-learn's handwritten digits, which need no download."""

import numpy as np

from specrob.data.raw_split import RawSplit
from specrob.settings.images import Split


def read_digits(split: Split, root: str, download: bool) -> RawSplit:
    """Return scikit-learn's 1,797 digits, 8 x 8, values / 16, always split in the same way.

    >>> read_digits("test", "data", False).images.shape
    (360, 8, 8)
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)
    parts = train_test_split(
        images, digits.target, test_size=360, stratify=digits.target, random_state=0
    )
    images, labels = parts[0::2] if split == "train" else parts[1::2]
    return RawSplit(images, labels, "digits (scikit-learn)")
