"""The shortest steps along which linear functions rise as asked, within bounds.

Letters: ``B`` images, ``D`` pixels, ``K`` linear functions.
"""

import torch
from torch import Tensor

from specrob.norms import Bounds, Geometry

NEWTON_STEPS = 10  # at most; within bounds in which there is a step, 4 were enough
SWEEPS = 50  # at most, of each of Newton's steps


def to_plane(
    images: Tensor, slope: Tensor, rise: Tensor, geometry: Geometry, bounds: Bounds
) -> Tensor:
    """Return the shortest perturbations, (B, ...), along which a linear function rises as asked.

    Parameters
    ----------
    images, slope : Tensor, (B, ...)
    rise : Tensor, (B,), 0 or more
    geometry : Geometry
    bounds : Bounds

    Examples
    --------
    >>> from specrob.norms import NORMS
    >>> x, slope = torch.tensor([[0.9, 0.5]]), torch.tensor([[1.0, 1.0]])
    >>> box = Bounds(torch.zeros(1), torch.ones(1))
    >>> to_plane(x, slope, torch.tensor([0.3]), NORMS["l2"], box)
    tensor([[0.1000, 0.2000]])
    """
    step = geometry.shortest_rise(slope.flatten(1), rise, *bounds.slack(images))
    return step.reshape(images.shape)


def to_region(images: Tensor, slopes: Tensor, rises: Tensor, bounds: Bounds) -> Tensor:
    """Return the shortest perturbations in L2, (B, ...), along which K functions rise as asked.

    They are ``clip(sum_k m_k slopes_k)`` with Lagrange multipliers m. Newton's method: with the
    pixels that are clipped kept at their bounds, multipliers are those of a step without bounds.

    Parameters
    ----------
    images : Tensor, (B, ...)
    slopes : Tensor, (B, K, ...)
        The gradients of K linear functions.
    rises : Tensor, (B, K)
        By how much each has to rise at least.
    bounds : Bounds

    Examples
    --------
    >>> slopes, rises = torch.tensor([[[1.0, 0.0], [1.0, 1.0]]]), torch.tensor([[0.1, 0.5]])
    >>> x, box = torch.tensor([[0.5, 0.8]]), Bounds(torch.zeros(1), torch.ones(1))
    >>> to_region(x, slopes, rises, box)
    tensor([[0.3000, 0.2000]])
    """
    slopes = slopes.flatten(2)
    low, high = bounds.slack(images)
    m, step = torch.zeros_like(rises), torch.zeros_like(low)
    for _ in range(NEWTON_STEPS):
        free = (step >= low) & (step <= high)
        missing = rises - (slopes @ step.clamp(low, high)[:, :, None])[:, :, 0]
        products = (slopes * free[:, None]) @ slopes.transpose(1, 2)
        before, m = m, multipliers(products, missing + (products @ m[:, :, None])[:, :, 0], m)
        step = (m[:, None] @ slopes)[:, 0]
        if ((m - before).abs() <= 1e-6 * m.amax(1, keepdim=True)).all():
            break
    return step.clamp(low, high).reshape(images.shape)


def multipliers(products: Tensor, rises: Tensor, start: Tensor) -> Tensor:
    """Return the Lagrange multipliers, (B, K), of the shortest step in L2 without bounds.

    They maximize the dual ``m . rises - m . products m / 2`` over m >= 0, coordinate by
    coordinate (Hildreth's method), until a sweep changes none of an image by more than round-off.

    Parameters
    ----------
    products : Tensor, (B, K, K)
        Inner products of the gradients of K linear functions.
    rises : Tensor, (B, K)
        By how much each has to rise at least.
    start : Tensor, (B, K)
        Multipliers to begin with.

    Examples
    --------
    >>> slopes = torch.tensor([[[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
    >>> rises = torch.tensor([[1.0, 3.0, -1.0]])
    >>> multipliers(slopes @ slopes.transpose(1, 2), rises, torch.zeros(1, 3))
    tensor([[0.0000, 1.5000, 0.0000]])
    """
    steep = products.diagonal(dim1=1, dim2=2)
    rate = torch.where(steep > 0, 1 / steep.clamp(min=1e-30), 0)
    m = start.clone()
    for _ in range(SWEEPS):
        before = m.clone()
        for k in range(rises.shape[1]):
            missing = rises[:, k] - (products[:, k] * m).sum(1)
            m[:, k] = (m[:, k] + rate[:, k] * missing).clamp(min=0)
        change, largest = (m - before).abs().amax(1), m.amax(1)
        rate = rate * (change > 4 * torch.finfo(m.dtype).eps * largest)[:, None]
        if not rate.any():
            break
    return m
