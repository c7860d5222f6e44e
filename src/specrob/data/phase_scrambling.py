"""Phase-scrambled images: each keeps its amplitude spectrum, and gets the phases of white noise.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from specrob.random import normals

CHUNK = 100  # images at a time, as complex numbers


def scramble_phases(images: Tensor, index: Sequence[int], *, seed: int, draw: int = 0) -> Tensor:
    """Return images with random Fourier phases and their own amplitude spectra.

    The phases of one field of white noise are added to those of all channels of an image. Uniform
    phases added to any others are uniform; amplitudes, the mean of each channel, and the
    cross-spectra of the channels stay as they are. Pixels may leave [0, 1] and are not clipped,
    which would change the amplitudes and the mean.

    Parameters
    ----------
    images : Tensor, (B, C, H, W), pixel units
    index : sequence of int, (B,)
        Positions of the images in their split, on which their phases depend.
    seed : int
    draw : int
        Which of many independent fields for the same image.

    Returns
    -------
    Tensor, (B, C, H, W), pixel units, not clipped

    Examples
    --------
    >>> point = torch.zeros(1, 1, 4, 4)
    >>> point[0, 0, 1, 2] = 1.0
    >>> scrambled = scramble_phases(point, [0], seed=0)
    >>> torch.allclose(torch.fft.fft2(scrambled).abs(), torch.ones(4, 4), atol=1e-6)
    True
    """
    scrambled = torch.empty_like(images)
    for start in range(0, len(images), CHUNK):
        rows = slice(start, start + CHUNK)
        noise = normals(images.shape[2:], seed=seed, index=index[rows], stream="phases", draw=draw)
        phases = torch.fft.rfft2(noise.to(images.device, torch.float64)).angle()
        rotation = torch.polar(torch.ones_like(phases), phases)
        rotation[:, 0, 0] = 1  # of the mean, which stays
        spectrum = torch.fft.rfft2(images[rows].double()) * rotation[:, None]
        scrambled[rows] = torch.fft.irfft2(spectrum, s=images.shape[2:])
    return scrambled
