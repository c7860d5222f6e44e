"""How smooth maps over pixels are, and how much they look like the images.

Letters: ``C, H, W`` a map or an image.
"""

import numpy as np
from numpy.typing import NDArray

LOW = 1 / 8  # cycles per pixel: periods of eight pixels and more


def low_frequency_share(
    maps: NDArray[np.floating], *, highest: float = LOW
) -> NDArray[np.float64]:
    """Return the share of a map's power at low spatial frequencies, 0 to 1, (...).

    The power is that of the discrete Fourier transform, summed over channels, the mean included;
    low are frequencies of a length of up to `highest`. White noise has about ``pi highest^2``,
    0.049 by default.

    Parameters
    ----------
    maps : array, (..., C, H, W)
        A map without power has no share: NaN.
    highest : float, cycles per pixel
        Up to 0.5, the highest frequency that a row of pixels holds.

    Examples
    --------
    >>> checks = np.indices((16, 16)).sum(0)[None] % 2 - 0.5
    >>> print(low_frequency_share(checks), low_frequency_share(np.ones((1, 16, 16))))
    0.0 1.0
    """
    height, width = maps.shape[-2:]
    rows, columns = np.fft.fftfreq(height), np.fft.fftfreq(width)
    is_low = np.hypot(rows[:, None], columns) <= highest
    with np.errstate(invalid="ignore"):  # NaN of broken files
        power = np.square(np.abs(np.fft.fft2(maps.astype(np.float64)))).sum(-3)
    whole = power.sum((-2, -1))
    share = (power * is_low).sum((-2, -1))
    return _divide(share, whole)


def similarity(maps: NDArray[np.floating], images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the absolute correlation of maps and images over pixels, 0 to 1, (...).

    Parameters
    ----------
    maps, images : arrays, (..., C, H, W)
        They are broadcast; one that is constant has no correlation: NaN.

    Examples
    --------
    >>> image = np.arange(4.0).reshape(1, 2, 2)
    >>> print(similarity(3 - 2 * image, image).round(6))
    1.0
    """
    first, second = (_centred(each) for each in (maps, images))
    products = (first * second).sum(-1)
    lengths = np.sqrt((first**2).sum(-1) * (second**2).sum(-1))
    return np.abs(_divide(products, lengths))


def _centred(images: NDArray[np.floating]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # NaN of broken files
        flat = images.reshape(*images.shape[:-3], -1).astype(np.float64)
    centred: NDArray[np.float64] = flat - flat.mean(-1, keepdims=True)
    return centred


def _divide(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a quotient, NaN where the divisor is 0."""
    empty = np.full(np.shape(whole), np.nan)
    quotient: NDArray[np.float64] = np.divide(part, whole, out=empty, where=whole > 0)
    return quotient
