"""Random perturbations: a direction of length eps, or noise of eps in every pixel.

The two differ by a factor of about sqrt(D): eps is the length of the whole perturbation in the
first, and the standard deviation of one pixel in the second.
"""

from torch import Tensor

from specrob.measures.attacks.batch import AttackBatch, PreparedAttack, prepare_ray
from specrob.norms import NORMS
from specrob.random import normals
from specrob.settings.attack import Norm
from specrob.settings.attacks import Noise, Random


def gaussian_noise(
    images: Tensor, *, seed: int, index: Tensor, stream: str = "attack noise"
) -> Tensor:
    """Return N(0, 1) for every pixel, (B, ...), that depends on seed and index only.

    Parameters
    ----------
    images : Tensor, (B, ...)
    seed : int
    index : Tensor, (B,)
        Positions of the images in their split.
    stream : str
        A key of `specrob.random.STREAMS`.

    Examples
    --------
    >>> import torch
    >>> images, index = torch.zeros(2, 3), torch.tensor([4, 5])
    >>> both = gaussian_noise(images, seed=0, index=index)
    >>> torch.equal(both[1:], gaussian_noise(images[1:], seed=0, index=index[1:]))
    True
    """
    drawn = normals(images.shape[1:], seed=seed, index=index.tolist(), stream=stream)
    return drawn.to(images)


def random_direction(images: Tensor, *, norm: Norm = "l2", seed: int, index: Tensor) -> Tensor:
    """Return isotropic directions of norm 1, (B, ...), that depend on seed and index only.

    >>> import torch
    >>> found = random_direction(torch.zeros(1, 1, 4, 4), seed=0, index=torch.tensor([7]))
    >>> f"{found.norm():.5f}"
    '1.00000'
    """
    drawn = gaussian_noise(images, seed=seed, index=index, stream="directions")
    return NORMS[norm].scale(drawn)


def prepare_random(options: Random, batch: AttackBatch) -> PreparedAttack:
    """Return the attack along one random direction for each image of a batch."""
    directions = random_direction(
        batch.images, norm=batch.norm, seed=batch.seed, index=batch.index
    )
    return prepare_ray(batch, directions)


def prepare_noise(options: Noise, batch: AttackBatch) -> PreparedAttack:
    """Return the attack that adds one sample of noise to each image of a batch."""
    return prepare_ray(batch, gaussian_noise(batch.images, seed=batch.seed, index=batch.index))
