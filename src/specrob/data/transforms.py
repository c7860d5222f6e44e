"""Transforms of the pixels: noise, projection on principal components, whitening, random phases.

``noise:STD``, ``pca:K``, ``zca[:EPS]`` and ``phase-scramble`` are applied to pixels, in the order
given. Principal components are those of the training images, and nothing is clipped.

Letters: ``B`` images, ``D`` pixels flattened (C, H, W).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from specrob.data.phase_scrambling import scramble_phases
from specrob.errors import DataError
from specrob.random import normals
from specrob.settings.images import Split, TransformSpec

Transform = Callable[[Tensor, Sequence[int]], Tensor]  # images (B, ...) and their indices
Fit = Callable[[float, Tensor, int, int], Transform]  # number, training images, seed and draw
CHUNK = 1000  # images at a time
RANDOM = ("noise", "phase-scramble")  # drawn for each image, without training images


def fit_transforms(
    specs: Sequence[TransformSpec], train: Tensor, *, seed: int, split: Split = "test"
) -> Transform:
    """Return the chain of transforms, whose bases are those of training images.

    The training images behind a basis have noise of their own, independent of that of the images
    that are transformed. Phases are those of an image, wherever it stands: of its seed, its split
    and its position.

    Parameters
    ----------
    train : Tensor, (B, C, H, W), in [0, 1]
    seed : int
        Seed of noise and phases.
    split : {"train", "test"}
        Whose images are transformed; the phases of both are independent.

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
    for step, spec in enumerate(specs):
        fit, draw = FITS[spec.name], 2 * step
        is_scrambled_train = (spec.name, split) == ("phase-scramble", "train")
        chain.append(fit(spec.number, train, seed, draw + is_scrambled_train))
        if step + 1 < len(specs):
            change = chain[-1]
            if spec.name in RANDOM:  # the training images get independent noise and phases
                change = fit(spec.number, train, seed, draw + 1)
            train = change(train, index)

    def apply(images: Tensor, index: Sequence[int]) -> Tensor:
        for change in chain:
            images = change(images, index)
        return images

    return apply


def stimulus_dimension(specs: Sequence[TransformSpec]) -> int | None:
    """Return the number of dimensions of the images, where a projection limits it.

    >>> stimulus_dimension([TransformSpec.parse("pca:8"), TransformSpec.parse("zca")])
    8
    """
    names = [spec.name for spec in specs]
    if "pca" not in names or set(RANDOM) & set(names[names.index("pca") :]):
        return None
    return int(min(spec.number for spec in specs if spec.name == "pca"))


def _noise(std: float, train: Tensor, seed: int, draw: int) -> Transform:
    def add(images: Tensor, index: Sequence[int]) -> Tensor:
        noisy = images.clone()
        for rows in torch.split(torch.arange(len(images)), CHUNK):
            part = [int(index[int(row)]) for row in rows]
            drawn = normals(
                images.shape[1:], seed=seed, index=part, stream="pixel noise", draw=draw
            )
            noisy[rows] += std * drawn.to(images)
        return noisy

    return add


def _pca(ranks: float, train: Tensor, seed: int, draw: int) -> Transform:
    mean, values, vectors = _principal(train)
    if ranks > len(values):
        raise DataError(
            f"expected pca:K with K up to {len(values)}, the pixels of an image, "
            f"found {ranks:.0f}; change `transform`"
        )
    leading = vectors[:, -int(ranks) :]
    return _affine(mean, leading @ leading.T, mean)


def _zca(eps: float, train: Tensor, seed: int, draw: int) -> Transform:
    mean, values, vectors = _principal(train)
    return _affine(mean, vectors * (values.clamp(min=0) + eps).rsqrt() @ vectors.T, 0 * mean)


def _phase_scramble(number: float, train: Tensor, seed: int, draw: int) -> Transform:
    return lambda images, index: scramble_phases(images, index, seed=seed, draw=draw)


def _affine(mean: Tensor, matrix: Tensor, offset: Tensor) -> Transform:
    def apply(images: Tensor, index: Sequence[int]) -> Tensor:
        parts = torch.split(images.flatten(1), CHUNK)
        changed = [((x.double() - mean) @ matrix + offset).to(images.dtype) for x in parts]
        return torch.cat(changed).reshape(images.shape)

    return apply


def _principal(train: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean (D,), ascending eigenvalues (D,) and eigenvectors (D, D) of the pixels."""
    if len(train) < 2:
        raise DataError(
            f"expected at least 2 training images for a basis, found {len(train)}; use more images"
        )
    flat = train.flatten(1)
    mean = flat.mean(0, dtype=torch.float64)
    products = mean.new_zeros(len(mean), len(mean))
    for part in torch.split(flat, CHUNK):
        centred = part.double() - mean
        products.addmm_(centred.T, centred)
    return mean, *torch.linalg.eigh(products / (len(train) - 1))


FITS: dict[str, Fit] = {
    **{"noise": _noise, "pca": _pca, "zca": _zca},
    "phase-scramble": _phase_scramble,
}
