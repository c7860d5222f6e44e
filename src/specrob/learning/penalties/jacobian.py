"""Smoothness as a penalty: the Jacobian of a layer, of the logits or of the loss.

Letters: ``B`` images, ``N`` units of the layer.

References
----------
.. [1] J. Hoffman, D. A. Roberts and S. Yaida, "Robust learning with Jacobian regularization",
   arXiv:1908.02729, eq. (8) to (10).
.. [2] "Exploring mechanisms of neural robustness", arXiv:2405.00679: hidden layer, 1e-3, three
   projections.
.. [3] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729,
   eq. (11): loss, 0.01.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from specrob.learning.penalties.batch import Batch, coefficient_of
from specrob.models.layers import PointwiseMap


class Jacobian:
    """``c * mean over images of ||dz/dx||_F^2``, z a layer or the loss of each image.

    Estimated by ``(N / n_proj) * sum of ||J^T v||^2`` over random unit vectors v, which is
    unbiased; exact for the loss, for ``n_proj=all``, and, from the weights, where z is ``f(h)``,
    ``h = W x + const``, with f acting on every unit alone: ``sum over i of f'(h_i)^2 ||W_i||^2``.

    Parameters
    ----------
    coefficient : float, 0 or more
    of : str
        A layer, "logits" or "loss".
    n_proj : int or "all"
    half : bool
        Whether Hoffman's 1/2 stands before it, eq. (7) of [1]_.
    """

    def __init__(
        self, coefficient: float, of: str = "hidden", n_proj: int | str = 3, half: bool = False
    ):
        if n_proj != "all" and not (isinstance(n_proj, int) and n_proj >= 1):
            raise ValueError(f"n_proj of at least 1, or all, not {n_proj}")
        if not isinstance(half, bool):
            raise ValueError(f"half=true or false, not {half}")
        self.coefficient = coefficient_of(coefficient) * (0.5 if half else 1.0)
        self.of, self.n_proj = str(of), n_proj
        self.layers = () if self.of == "loss" else (self.of,)

    def needs_image_gradient(self, maps: Mapping[str, PointwiseMap]) -> bool:
        """Return whether z is no pointwise function of a linear map of the images."""
        return self.of not in maps

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch."""
        if self.of in batch.maps:
            return self.coefficient * self._of_map(batch)
        z = batch.losses[:, None] if self.of == "loss" else batch.layers[self.of]
        squares = [
            _pulled_back(z, v * _signs(z, batch), batch.images).flatten(1).square().sum(1)
            for v in self._probes(z, batch)
        ]
        scale = z.shape[1] / len(squares)
        return self.coefficient * scale * batch.share.mean(torch.stack(squares).sum(0))

    def _of_map(self, batch: Batch) -> Tensor:
        known = batch.maps[self.of]
        squares = known.weight.square().sum(1)
        if known.below == self.of:
            return squares.sum()
        h = batch.layers[known.below]
        (slopes,) = torch.autograd.grad(known.function(h).sum(), h, create_graph=True)
        return batch.share.mean(slopes.square() @ squares)

    def _probes(self, z: Tensor, batch: Batch) -> list[Tensor]:
        """Return unit vectors, (B, N) each: all axes, or as many random ones as wanted."""
        units = z.shape[1]
        if self.n_proj == "all" or units == 1:
            return [axis.expand_as(z) for axis in torch.eye(units).to(z)]
        shape = (self.n_proj, batch.share.size(z), units)
        drawn = torch.randn(shape, generator=batch.generator)[:, batch.share.rows].to(z)
        return list(drawn / drawn.norm(dim=2, keepdim=True))


def _signs(z: Tensor, batch: Batch) -> Tensor:
    """Return a random sign for every image, (B, 1).

    Batch norm and whitening couple the images of a batch; with signs the gradients of other
    images average out, where without them they would cancel an image's own. Alone they square
    away.
    """
    drawn = torch.randint(0, 2, (batch.share.size(z), 1), generator=batch.generator)
    return (2 * drawn[batch.share.rows] - 1).to(z)


def _pulled_back(z: Tensor, v: Tensor, images: Tensor) -> Tensor:
    """Return ``J^T v`` for every image, (B, ...), differentiable."""
    (gradient,) = torch.autograd.grad((z * v).sum(), images, create_graph=True)
    return gradient


class JacobianSum:
    """``c * mean over images of || d (sum of logits) / dx ||_F``, the form that D used.

    The sum over the logits is taken before the norm, so that opposite columns cancel.
    """

    layers: tuple[str, ...] = ("logits",)

    def __init__(self, coefficient: float):
        self.coefficient = coefficient_of(coefficient)

    def needs_image_gradient(self, maps: Mapping[str, PointwiseMap]) -> bool:
        """Return True."""
        return True

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch."""
        z = batch.layers["logits"]
        columns = _pulled_back(z, _signs(z, batch).expand_as(z), batch.images)
        return self.coefficient * batch.share.mean(columns.flatten(1).norm(dim=1))
