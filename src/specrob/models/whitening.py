"""A layer that whitens the activations before it.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729, eq. (10).
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from specrob.distributed import BatchCoupled
from specrob.errors import ModelError
from specrob.models.layered_network import LayeredNetwork
from specrob.models.layers import activations, find_layer

RIDGE = 1e-5  # of the mean variance, added to every variance
FLOOR = 1e-18  # activation squared: an absolute ridge, so that constant units stay invertible


class Whitening(BatchCoupled):
    """``R^-1 (x - mu)`` with ``R R^T`` = covariance + ridge, R lower triangular.

    In training mean and covariance are the batch's, with gradients through both; in evaluation
    they are those of `set_statistics_`, so that images do not depend on one another.

    Parameters
    ----------
    units : int
        N.

    Examples
    --------
    >>> layer = Whitening(2)
    >>> layer.set_statistics_(torch.tensor([1.0, 0.0]), torch.diag(torch.tensor([4.0, 1.0])))
    >>> layer.eval()(torch.tensor([[3.0, 1.0]])).round(decimals=3)
    tensor([[1., 1.]])
    """

    mean: Tensor
    factor: Tensor

    def __init__(self, units: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(units))
        self.register_buffer("factor", torch.eye(units))

    def forward(self, x: Tensor) -> Tensor:
        """Return whitened activations of the shape of `x`, (B, ...) with N values each."""
        with torch.autocast(x.device.type, enabled=False):  # no factors of rounded covariances
            flat = x.flatten(1).to(self.factor.dtype)
            if self.training:
                white: Tensor = _WhitenedBatch.apply(flat)
            else:
                white = _solve(self.factor, flat - self.mean)
        return white.reshape(x.shape)

    def set_statistics_(self, mean: Tensor, covariance: Tensor) -> None:
        """Set the statistics that evaluation uses, (N,) and (N, N)."""
        self.mean.copy_(mean)
        self.factor.copy_(cholesky(covariance))


def _solve(factor: Tensor, rows: Tensor) -> Tensor:
    """Return ``R^-1 x`` for every row x, (B, N)."""
    columns: Tensor = torch.linalg.solve_triangular(factor, rows.T, upper=False)
    return columns.T


def whiten(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return activations whitened by their own mean and covariance, (B, N), and R, (N, N)."""
    centred = x - x.mean(0)
    wide = centred.double()  # float32 has no room for a ridge so small
    factor = cholesky(wide.T @ wide / max(1, len(x) - 1)).to(x.dtype)
    return _solve(factor, centred), factor


class _WhitenedBatch(torch.autograd.Function):
    """`whiten`, with a gradient that costs two products, an inverse and a triangular solution.

    With Y whitened, G its gradient and L the lower triangle of ``G^T Y``, the diagonal halved,
    that of the covariance is ``-(1/2) R^-T (L + L^T) R^-1``. All of it goes through R^-1 at once.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return whitened activations, (B, N)."""
        white, factor = whiten(x)
        ctx.save_for_backward(x, white, factor)
        return white

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Return the gradient by the activations, (B, N)."""
        x, white, factor = ctx.saved_tensors
        if torch.is_grad_enabled():  # it is differentiated itself
            by_x: Tensor
            (by_x,) = torch.autograd.grad(whiten(x)[0], x, gradient, create_graph=True)
            return by_x
        lower = (gradient.T @ white).tril()
        lower.diagonal().mul_(0.5)
        inner, images, units = lower + lower.T, max(1, len(x) - 1), len(factor)
        inverse = torch.linalg.solve_triangular(factor, torch.eye(units).to(factor), upper=False)
        # the ridge is a share of the trace, and changes with it
        trace = (inverse.T @ inner * inverse.T).sum()
        by_centred: Tensor = torch.linalg.solve_triangular(
            factor, gradient - white @ (inner / images), upper=False, left=False
        )
        by_centred -= (RIDGE * trace / units / images) * (x - x.mean(0))
        return by_centred - by_centred.mean(0)


def cholesky(covariance: Tensor) -> Tensor:
    """Return R with ``R R^T`` = covariance + (1e-5 trace/N) I, (N, N), lower triangular.

    Units that never vary, and batches smaller than the layer, leave it positive definite.
    """
    units = len(covariance)
    ridge = RIDGE * covariance.diagonal().sum() / units
    lifted = covariance + (ridge + FLOOR) * torch.eye(units).to(covariance)
    factor: Tensor
    factor, failed = torch.linalg.cholesky_ex(lifted)
    if failed:
        raise ModelError(
            f"expected activations of {units} units that can be whitened, found a covariance that "
            "is not positive definite; raise `batch_size` or lower `lr`"
        )
    return factor


def insert_whitening_(network: nn.Module, layer: str, image: Tensor) -> None:
    """Put a whitening layer after a named layer of the network, in place.

    Parameters
    ----------
    network : LayeredNetwork
        Any other has no hidden layers by name.
    layer : str
        One of its hidden layers, as for `specrob.models.layers.find_layer`.
    image : Tensor, (1, ...)
        An image of any content, which shows the number of units.

    Raises
    ------
    ModelError
        If the network has no such layer.
    """
    if not isinstance(network, LayeredNetwork):
        raise ModelError(f"expected a LayeredNetwork, found {type(network).__name__}")
    names = dict(network.layer_names)
    inside = f"{names.get(layer, layer)}."
    if inside[:-1] not in network.latent_layers:
        hidden = ", ".join(network.latent_layers)
        raise ModelError(f"expected a hidden layer to whiten, found `{layer}`; it has {hidden}")
    module = find_layer(network, layer)
    units = activations(network.eval(), image, [layer])[layer].shape[1]
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if child is module:
                parts = OrderedDict(layer=child, whitening=Whitening(units))
                parent.add_module(name, nn.Sequential(parts))
    for alias, name in network.layer_names.items():
        if name.startswith(inside):
            names[alias] = f"{inside}layer.{name.removeprefix(inside)}"
    network.layer_names = names


@torch.no_grad()
def fit_whitening_(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Give every whitening layer the statistics of one pass over images, the first layer first.

    Parameters
    ----------
    batches : iterable of Tensor, (b, ...)
        The training set in parts; gone through once for each layer, so no generator.
    """
    network.eval()
    for name, module in list(network.named_modules()):
        if isinstance(module, Whitening):
            before = f"{name.removesuffix('.whitening')}.layer"
            parts = [activations(network, x, [before])[before] for x in batches]
            whole = torch.cat(parts).double()
            module.set_statistics_(whole.mean(0), torch.cov(whole.T))
