"""Changed inputs: ``noise:STD``, ``pca:K`` and ``zca[:EPS]``, on pixels, in the order given.

Bases come from the training images; nothing is clipped. As in paper D, 3.2.

Letters: ``B`` images, ``D`` pixels flattened (C, H, W).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from specrob.errors import DataError
from specrob.random import normals
from specrob.settings.images import TransformSpec

Transform = Callable[[Tensor, Sequence[int]], Tensor]  # images (B, ...) and their indices
CHUNK = 1000  # images at a time


def fit_transforms(wanted: Sequence[TransformSpec], train: Tensor, *, seed: int) -> Transform:
    """Return the chain of transforms, whose bases are those of training images.

    Parameters
    ----------
    wanted : sequence of TransformSpec
    train : Tensor, (B, C, H, W), in [0, 1]
    seed : int
        Of the noise.

    Returns
    -------
    callable, (B, C, H, W) and their indices -> (B, C, H, W), pixel units, not clipped

    Examples
    --------
    >>> train = torch.tensor([[2.0, 0.1], [-2.0, 0.1], [0.0, -0.2]]).reshape(3, 1, 1, 2)
    >>> project = fit_transforms([TransformSpec.parse("pca:1")], train, seed=0)
    >>> project(torch.tensor([[[[1.0, 5.0]]]]), [0]).flatten()
    tensor([1., 0.])
    """
    chain: list[Transform] = []
    index = range(len(train))
    for place, one in enumerate(wanted):
        chain.append(FITS[one.name](one.number, train, seed, 2 * place))
        if place + 1 < len(wanted):  # noise on training images is another
            own = _noise(one.number, train, seed, 2 * place + 1)
            train = (own if one.name == "noise" else chain[-1])(train, index)

    def apply(images: Tensor, index: Sequence[int]) -> Tensor:
        for step in chain:
            images = step(images, index)
        return images

    return apply


def stimulus_dimension(wanted: Sequence[TransformSpec]) -> int | None:
    """Return of how many dimensions the images are, where a projection says so.

    >>> stimulus_dimension([TransformSpec.parse("pca:8"), TransformSpec.parse("zca")])
    8
    """
    names = [one.name for one in wanted]
    if "pca" not in names or "noise" in names[names.index("pca") :]:
        return None
    return int(min(one.number for one in wanted if one.name == "pca"))


def _noise(std: float, train: Tensor, seed: int, draw: int) -> Transform:
    def add(images: Tensor, index: Sequence[int]) -> Tensor:
        how = {"seed": seed, "stream": "pixel noise", "draw": draw}
        noisy = images.clone()
        for rows in torch.arange(len(images)).split(CHUNK):
            some = [int(index[int(row)]) for row in rows]
            noisy[rows] += std * normals(images.shape[1:], index=some, **how).to(images)
        return noisy

    return add


def _pca(ranks: float, train: Tensor, seed: int, draw: int) -> Transform:
    mean, values, vectors = _principal(train)
    if ranks > len(values):
        raise DataError(
            f"expected pca:K with K up to {len(values)}, the pixels of an image, "
            f"found {ranks:.0f}; change --transform"
        )
    leading = vectors[:, -int(ranks) :]
    return _affine(mean, leading @ leading.T, mean)


def _zca(eps: float, train: Tensor, seed: int, draw: int) -> Transform:
    mean, values, vectors = _principal(train)
    return _affine(mean, vectors * (values.clamp(min=0) + eps).rsqrt() @ vectors.T, 0 * mean)


def _affine(mean: Tensor, matrix: Tensor, offset: Tensor) -> Transform:
    def apply(images: Tensor, index: Sequence[int]) -> Tensor:
        parts = images.flatten(1).split(CHUNK)
        found = [((x.double() - mean) @ matrix + offset).to(images.dtype) for x in parts]
        return torch.cat(found).reshape(images.shape)

    return apply


def _principal(train: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean (D,), ascending eigenvalues (D,) and eigenvectors (D, D) of the pixels."""
    if len(train) < 2:
        raise DataError(f"expected at least 2 training images for a basis, found {len(train)}")
    flat = train.flatten(1)
    mean = flat.mean(0, dtype=torch.float64)
    products = mean.new_zeros(len(mean), len(mean))
    for part in flat.split(CHUNK):
        centred = part.double() - mean
        products.addmm_(centred.T, centred)
    return mean, *torch.linalg.eigh(products / (len(train) - 1))


FITS: dict[str, Callable[[float, Tensor, int, int], Transform]] = {
    "noise": _noise,
    "pca": _pca,
    "zca": _zca,
}
