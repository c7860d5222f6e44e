"""Smoothness as a penalty: the Jacobian of a layer, of the logits or of the loss.

Letters: ``B`` images, ``N`` units of the layer.

References
----------
.. [1] J. Hoffman, D. A. Roberts and S. Yaida, "Robust learning with Jacobian regularization",
   arXiv:1908.02729, eq. (7) to (10).
.. [2] "Exploring mechanisms of neural robustness", arXiv:2405.00679: hidden layer, 1e-3, three
   projections.
.. [3] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729,
   eq. (11): loss, 0.01.
.. [4] Schaeffer et al., "Towards unifying smooth neural codes with adversarially robust
   representations", eq. (1): 0.5, 1 and 3 on the sum of the logits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor

from specrob.learning.penalties.penalty import Batch, Penalty
from specrob.models.layers import PointwiseMap
from specrob.settings.flag import Flag


@dataclass(frozen=True)
class Jacobian(Penalty):
    """``c * mean over images of ||dz/dx||_F^2``, z a layer or the loss of each image.

    Estimated by ``(N / n_proj) * sum of ||J^T v||^2`` over random unit vectors v, which is
    unbiased; exact for the loss, for ``n_proj=all``, and, from the weights, where z is ``f(h)``,
    ``h = W x + const``, with f acting on every unit alone: ``sum over i of f'(h_i)^2 ||W_i||^2``.
    """

    of: Annotated[str, Flag("A layer, logits or loss.")] = "hidden"
    n_proj: Annotated[
        int | Literal["all"], Flag("Number of random projections, or all units.", low=1)
    ] = 3
    half: Annotated[bool, Flag("Put a factor 1/2 before it, as Hoffman et al. do.")] = False

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers whose activations it needs."""
        return () if self.of == "loss" else (self.of,)

    def needs_image_gradient(self, maps: Mapping[str, PointwiseMap]) -> bool:
        """Return whether z is no pointwise function of a linear map of the images."""
        return self.of not in maps

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch."""
        factor = self.coefficient * (0.5 if self.half else 1.0)
        if self.of in batch.maps:
            return factor * self._from_weights(batch)
        z = batch.losses[:, None] if self.of == "loss" else batch.layers[self.of]
        squares = [
            _pulled_back(z, v * _signs(z, batch), batch.images).flatten(1).square().sum(1)
            for v in self._probes(z, batch)
        ]
        scale = z.shape[1] / len(squares)
        return factor * scale * batch.shard.mean(torch.stack(squares).sum(0))

    def _from_weights(self, batch: Batch) -> Tensor:
        map_ = batch.maps[self.of]
        squares = map_.weight.square().sum(1)
        if map_.below == self.of:
            return squares.sum()
        h = batch.layers[map_.below]
        (slopes,) = torch.autograd.grad(map_.function(h).sum(), h, create_graph=True)
        return batch.shard.mean(slopes.square() @ squares)

    def _probes(self, z: Tensor, batch: Batch) -> list[Tensor]:
        """Return unit vectors, (B, N) each: all axes, or random ones."""
        units = z.shape[1]
        if self.n_proj == "all" or units == 1:
            return [axis.expand_as(z) for axis in torch.eye(units).to(z)]
        shape = (self.n_proj, batch.shard.size(z), units)
        drawn = torch.randn(shape, generator=batch.generator)[:, batch.shard.rows].to(z)
        return list(drawn / drawn.norm(dim=2, keepdim=True))


@dataclass(frozen=True)
class JacobianSum(Penalty):
    """``c * mean over images of || d (sum of logits) / dx ||_F``, the form that [4]_ used.

    The sum over the logits is taken before the norm, so that opposite columns cancel.
    """

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers whose activations it needs."""
        return ("logits",)

    def needs_image_gradient(self, maps: Mapping[str, PointwiseMap]) -> bool:
        """Return True."""
        return True

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch."""
        z = batch.layers["logits"]
        columns = _pulled_back(z, _signs(z, batch).expand_as(z), batch.images)
        return self.coefficient * batch.shard.mean(columns.flatten(1).norm(dim=1))


def _signs(z: Tensor, batch: Batch) -> Tensor:
    """Return a random sign for every image, (B, 1).

    Batch normalization and whitening couple the images of a batch. With random signs the gradients
    of other images average out, where without them they would cancel an image's own. In networks
    that do not couple images the signs have no effect, since they are squared.
    """
    drawn = torch.randint(0, 2, (batch.shard.size(z), 1), generator=batch.generator)
    return (2 * drawn[batch.shard.rows] - 1).to(z)


def _pulled_back(z: Tensor, v: Tensor, images: Tensor) -> Tensor:
    """Return ``J^T v`` for every image, (B, ...), differentiable."""
    (gradient,) = torch.autograd.grad((z * v).sum(), images, create_graph=True)
    return gradient
