"""Normalization of the images before a network.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from specrob.linalg import lp_norms, per_image
from specrob.settings.normalization import Normalization


def image_norm(normalize: str) -> float | None:
    """Return p for "lP"; None for all others, which leave the images as they are.

    Raises
    ------
    UsageError
        If it is no normalization.

    Examples
    --------
    >>> image_norm("l3"), image_norm("none")
    (3.0, None)
    """
    return Normalization.parse(normalize).p


def normalize_(images: Tensor, normalize: str) -> Tensor:
    """Divide each image by its p-norm, in place, and return the highest valid pixel.

    An image of zeros stays as it is.

    Parameters
    ----------
    images : Tensor, (B, C, H, W), in [0, 1]
    normalize : str
        "lP"; for all others nothing is done.

    Returns
    -------
    Tensor, (B,)
        What a pixel of 1 became: 1 / ||x||_p, or 1.

    Examples
    --------
    >>> images = torch.tensor([[[[0.3, 0.4]]]])
    >>> normalize_(images, "l2"), images
    (tensor([2.]), tensor([[[[0.6000, 0.8000]]]]))
    """
    p = image_norm(normalize)
    if p is None:
        return images.new_ones(len(images))
    norms = lp_norms(images, p)
    norms = torch.where(norms > 0, norms, 1)
    images /= per_image(norms, images)
    return 1 / norms


def channel_statistics(parts: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each channel, (C,) each, summed in float64.

    A channel that never changes gets the deviation 1.

    Parameters
    ----------
    parts : iterable of Tensor, (b, C, H, W)
        The images, for instance an ImageSet.

    Examples
    --------
    >>> channel_statistics([torch.tensor([[[[0.0, 1.0]]]])])
    (tensor([0.5000]), tensor([0.5000]))
    """
    axes, counts, means, squares = (0, 2, 3), [], [], []
    for images in parts:
        counts.append(len(images))
        means.append(images.mean(axes, dtype=torch.float64))
        second = [image.double().square().mean((1, 2)) for image in images]
        squares.append(torch.stack(second).mean(0))
    weights = torch.tensor(counts, dtype=torch.float64) / sum(counts)
    mean, second_moment = (weights.to(x[0].device) @ torch.stack(x) for x in (means, squares))
    std = (second_moment - mean.square()).clamp(min=0).sqrt()
    return mean.float(), torch.where(std > 0, std, 1).float()
