"""Principal components of training images, found once and kept for other runs.

They are kept in torch's cache of downloaded weights (``TORCH_HOME``, or ``torch`` in
``XDG_CACHE_HOME``), in files named by the digest of the images and of the transforms before.

Letters: ``B`` images, ``D`` pixels flattened (C, H, W).
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from specrob.artifacts.formats import BROKEN
from specrob.data.minibatches import Images, row_slices, rows_at_a_time
from specrob.errors import DataError
from specrob.linalg import symmetric_eigenvectors

MAX_PIXELS = 4 * 64 * 64  # of an image: the basis is then 2 GiB


@dataclass(frozen=True)
class PrincipalBasis:
    """Mean (D,), ascending eigenvalues (D,) and eigenvectors (D, D) of the pixels, float64."""

    mean: Tensor
    values: Tensor
    vectors: Tensor


def principal_components(images: Images, key: str | None = None) -> PrincipalBasis:
    """Return the principal components of images, from the cache if they are there.

    Parameters
    ----------
    images : ImageSet, or Tensor, (B, C, H, W)
    key : str, optional
        Identifies the images, in the name of a file; without it nothing is kept.

    Raises
    ------
    DataError
        If there are fewer than two images, or the basis would be too large.

    Examples
    --------
    >>> found = principal_components(torch.tensor([[3.0, 0.0], [-3.0, 0.0]]).reshape(2, 1, 1, 2))
    >>> found.values, found.vectors[:, -1].abs()
    (tensor([ 0., 18.], dtype=torch.float64), tensor([1., 0.], dtype=torch.float64))
    """
    _check(images)
    file = Path(torch.hub.get_dir()) / "specrob" / f"basis-{key}.npz" if key else None
    found = _read(file, images[:1].numel()) if file else None
    if found is None:
        found = _compute(images)
        if file:
            _write(found, file)
    return found


def _check(images: Images) -> None:
    if len(images) < 2:
        raise DataError(
            f"expected at least 2 training images for a basis, found {len(images)}; use more "
            "images"
        )
    pixels = images[:1].numel()
    if pixels > MAX_PIXELS:
        raise DataError(
            f"expected images of at most {MAX_PIXELS} pixels for pca and zca, whose basis of D "
            f"pixels has D^2 numbers, found {pixels} pixels ({pixels**2 * 8 / 2**30:.0f} GiB); "
            "set `resize` 64"
        )


def _compute(images: Images) -> PrincipalBasis:
    slices = list(row_slices(len(images), rows_at_a_time(images[:1].shape[1:])))
    totals = [images[rows].flatten(1).sum(0, dtype=torch.float64) for rows in slices]
    mean = torch.stack(totals).sum(0) / len(images)
    products = mean.new_zeros(len(mean), len(mean))
    for rows in slices:
        centred = images[rows].flatten(1).double() - mean
        products.addmm_(centred.T, centred)
    values, vectors = symmetric_eigenvectors(products.div_(len(images) - 1))
    return PrincipalBasis(mean, values, vectors)


def _read(file: Path, pixels: int) -> PrincipalBasis | None:
    """Return what a file holds; None if there is none, or it is not the basis of D pixels."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            found = PrincipalBasis(**{name: torch.from_numpy(kept[name]) for name in kept.files})
    except BROKEN:
        return None
    shapes = {"mean": (pixels,), "values": (pixels,), "vectors": (pixels, pixels)}
    is_whole = all(
        tensor.shape == shapes[name]
        and tensor.dtype == torch.float64
        and bool(tensor.isfinite().all())
        for name, tensor in vars(found).items()
    )
    return found if is_whole else None


def _write(basis: PrincipalBasis, file: Path) -> None:
    """Keep a basis, whole or not at all, where the folder can be written."""
    part = file.with_name(f".{file.stem}.{os.getpid()}.part.npz")
    arrays = {name: tensor.numpy() for name, tensor in vars(basis).items()}
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            np.savez(part, **arrays)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
