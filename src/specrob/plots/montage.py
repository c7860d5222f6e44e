"""Weights as one picture made of many.

Letters: ``N`` units, ``C, H, W`` an image.
"""

import numpy as np

MOST = 10  # a side


def montage(images: np.ndarray) -> np.ndarray:
    """Return the first images, at most 10 x 10, side by side, each on its own scale.

    Parameters
    ----------
    images : ndarray, (N, C, H, W)

    Returns
    -------
    ndarray, (height, width, 3), 0 to 1, if they have three channels
        Zero weights are mid-grey; gaps are white.
    ndarray, (height, width), -1 to 1, else
        The mean over channels; gaps are NaN.

    Examples
    --------
    >>> montage(np.array([[[[4.0]]], [[[-2.0]]]])).tolist()
    [[1.0, nan, -1.0]]
    """
    chosen = images[: MOST * MOST].astype(float)
    colour = chosen.shape[1] == 3
    chosen = chosen if colour else chosen.mean(1, keepdims=True)
    largest = np.abs(chosen).max((1, 2, 3), keepdims=True)
    scaled = chosen / np.where(largest > 0, largest, 1)
    if colour:
        scaled = (scaled + 1) / 2
    height, width = chosen.shape[2:]
    gap = max(1, round(min(height, width) / 16))
    columns = min(int(np.ceil((len(chosen) * height / width) ** 0.5)), len(chosen))
    rows = -(-len(chosen) // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, scaled.shape[1])
    picture = np.full(shape, 1.0 if colour else np.nan)
    for index, image in enumerate(scaled):
        top, left = (height + gap) * (index // columns), (width + gap) * (index % columns)
        picture[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    return picture if colour else picture[..., 0]
