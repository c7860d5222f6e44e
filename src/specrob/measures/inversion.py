"""Images with given activations, found by gradient descent on the pixels.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] A. Ilyas et al., "Adversarial examples are not bugs, they are features", arXiv:1905.02175.
.. [2] A. Mahendran and A. Vedaldi, "Understanding deep image representations by inverting them",
   arXiv:1412.0035.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.linalg import per_image
from specrob.measures.attacks.batch import gradient_of
from specrob.norms import NORMS, Bounds
from specrob.progress import Report, silent


def invert(
    layer: Callable[[Tensor], Tensor],
    start: Tensor,
    activations: Tensor,
    *,
    steps: int,
    step_size: float,
    bounds: Bounds,
    report: Report = silent,
) -> tuple[Tensor, Tensor]:
    """Return images, (B, ...), whose activations are near the given ones, and how near, (B,).

    Minimizes ``|g(x) - activations|_2`` by steps along the gradient of constant length, clipped
    to the bounds, and returns the nearest iterate.

    Parameters
    ----------
    layer : callable, (B, ...) -> (B, N)
        g, for instance the activations of a layer.
    start : Tensor, (B, ...)
        Where to start.
    activations : Tensor, (B, N)
    steps : int
    step_size : float, pixel units
        Length of a step in L2.
    bounds : Bounds

    Returns
    -------
    images : Tensor, (B, ...)
    residual : Tensor, (B,)
        Distance of the activations, as a share of that at the start; 0 if that was 0.

    Raises
    ------
    MeasureError
        If activations, given or at the start, are not finite.

    Examples
    --------
    >>> box = Bounds(torch.zeros(1), torch.ones(1))
    >>> sums = lambda x: x.sum(1, keepdim=True)
    >>> x, wanted = torch.tensor([[0.0, 0.5]]), torch.tensor([[1.5]])
    >>> found, residual = invert(sums, x, wanted, steps=100, step_size=0.01, bounds=box)
    >>> [f"{pixel:.2f}" for pixel in found[0]]
    ['0.50', '1.00']
    """
    x, best = start, start.clone()
    first = nearest = start.new_full((len(start),), torch.inf)
    for taken in range(steps + 1):
        slope, distance, _ = gradient_of(layer, x, lambda z: (z - activations).norm(dim=1))
        if not taken:
            first = _finite(distance)
        is_nearer = distance < nearest
        best = torch.where(per_image(is_nearer, x), x, best)
        nearest = torch.where(is_nearer, distance, nearest)
        report(taken + 1, steps + 1)
        x = bounds.clip(x - step_size * NORMS["l2"].steepest(slope))
    return best, torch.where(first > 0, nearest / first, 0)


def _finite(distance: Tensor) -> Tensor:
    count = int((~distance.isfinite()).sum())
    if count:
        raise MeasureError(
            f"expected finite activations, found NaN or infinity for {count} of {len(distance)} "
            "images; check the model"
        )
    return distance
