"""Transforms of the pixels: noise, projection on principal components, whitening, random phases.

``noise:STD``, ``pca:K``, ``zca[:EPS]`` and ``phase-scramble`` are applied to pixels, in the order
given. Principal components are those of the training images, and nothing is clipped.

Letters: ``B`` images, ``D`` pixels flattened (C, H, W).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from specrob.artifacts import digest
from specrob.data.minibatches import Images
from specrob.data.phase_scrambling import scramble_phases
from specrob.data.principal_components import PrincipalBasis, principal_components
from specrob.errors import DataError
from specrob.random import normals
from specrob.settings.images import Split
from specrob.settings.transforms import TransformSpec

Transform = Callable[[Tensor, Sequence[int]], Tensor]  # images (B, ...) and their indices
FindBasis = Callable[[], PrincipalBasis]
Fit = Callable[[float, FindBasis, int, int], Transform]  # number, basis, seed and draw
CHUNK = 1000  # images at a time
RANDOM = ("noise", "phase-scramble")  # drawn for each image, without training images


def fit_transforms(
    specs: Sequence[TransformSpec],
    train: Images,
    *,
    seed: int,
    split: Split = "test",
    train_digest: str | None = None,
) -> Transform:
    """Return the chain of transforms, whose bases are those of training images.

    Noise and phases are those of an image, wherever it stands: of its seed, its split and its
    position. A basis is that of the training images after the transforms before it.

    Parameters
    ----------
    train : ImageSet, or Tensor, (B, C, H, W), in [0, 1]
    seed : int
        Seed of noise and phases.
    split : {"train", "test"}
        Whose images are transformed; noise and phases of both are independent.
    train_digest : str, optional
        SHA-256 of the training images, under which bases are kept for other runs.

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
    for step, spec in enumerate(specs):
        fit, draw = FITS[spec.name], 2 * step
        before = {"images": train_digest, "transforms": describe_transforms(specs[:step], seed)}
        key = digest({}, before) if train_digest else None
        basis = partial(principal_components, train, key)
        chain.append(fit(spec.number, basis, seed, draw + (split == "train")))
        is_random = spec.name in RANDOM
        change = fit(spec.number, basis, seed, draw + 1) if is_random else chain[-1]
        train = _ChangedImages(train, change)

    def apply(images: Tensor, index: Sequence[int]) -> Tensor:
        for change in chain:
            images = change(images, index)
        return images

    return apply


@dataclass(frozen=True)
class _ChangedImages:
    """Training images after a transform."""

    images: Images
    change: Transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice | Tensor) -> Tensor:
        index = range(len(self))[rows] if isinstance(rows, slice) else rows.tolist()
        return self.change(self.images[rows], index)

    @property
    def device(self) -> torch.device:
        return self.images.device


def describe_transforms(specs: Sequence[TransformSpec], seed: int) -> tuple[str, ...]:
    """Return transforms in words, with the seed of those that are random.

    >>> describe_transforms([TransformSpec.parse("noise:0.1"), TransformSpec.parse("zca")], 3)
    ('noise:0.1 of seed 3', 'zca:1e-05')
    """
    return tuple(f"{one} of seed {seed}" if one.name in RANDOM else str(one) for one in specs)


def stimulus_dimension(specs: Sequence[TransformSpec]) -> int | None:
    """Return the number of dimensions of the images, where a projection limits it.

    >>> stimulus_dimension([TransformSpec.parse("pca:8"), TransformSpec.parse("zca")])
    8
    """
    names = [spec.name for spec in specs]
    if "pca" not in names or set(RANDOM) & set(names[names.index("pca") :]):
        return None
    return int(min(spec.number for spec in specs if spec.name == "pca"))


def _noise(std: float, basis: FindBasis, seed: int, draw: int) -> Transform:
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


def _pca(ranks: float, basis: FindBasis, seed: int, draw: int) -> Transform:
    found = basis()
    if ranks > len(found.values):
        raise DataError(
            f"expected pca:K with K up to {len(found.values)}, the pixels of an image, "
            f"found {ranks:.0f}; change `transform`"
        )
    leading = found.vectors[:, -int(ranks) :]
    return _affine(found.mean, leading @ leading.T, found.mean)


def _zca(eps: float, basis: FindBasis, seed: int, draw: int) -> Transform:
    found = basis()
    gains = (found.values.clamp(min=0) + eps).rsqrt()
    return _affine(found.mean, found.vectors * gains @ found.vectors.T, 0 * found.mean)


def _phase_scramble(number: float, basis: FindBasis, seed: int, draw: int) -> Transform:
    return lambda images, index: scramble_phases(images, index, seed=seed, draw=draw)


def _affine(mean: Tensor, matrix: Tensor, offset: Tensor) -> Transform:
    def apply(images: Tensor, index: Sequence[int]) -> Tensor:
        parts = torch.split(images.flatten(1), CHUNK)
        changed = [((x.double() - mean) @ matrix + offset).to(images.dtype) for x in parts]
        return torch.cat(changed).reshape(images.shape)

    return apply


FITS: dict[str, Fit] = {
    **{"noise": _noise, "pca": _pca, "zca": _zca},
    "phase-scramble": _phase_scramble,
}
