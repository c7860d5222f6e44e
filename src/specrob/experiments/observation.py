"""What is watched while a network trains: accuracy, and true spectra beside penalties' own."""

from collections.abc import Mapping
from copy import copy

import torch
from torch import Tensor, nn

from specrob.data import Images
from specrob.errors import MeasureError, UsageError
from specrob.learning.penalties import Penalty
from specrob.learning.penalties.spectral import Spectral
from specrob.measures.classification import accuracy
from specrob.measures.power_law import fit_power_law, numerical_rank
from specrob.measures.spectrum import Covariance
from specrob.models import Network, activations
from specrob.models.statistics import renew_batch_norm_
from specrob.models.whitening import settle_

FIRST, LAST = 10, 500  # ranks of the exponents that are shown while a network trains
ALL = "all"


class Observer:
    """Measures test accuracy after every epoch, and exponents where a spectral penalty acts.

    Parameters
    ----------
    images, labels : Tensor, (B, ...) and (B,)
        The test images, or what a frozen layer makes of them.
    penalties : mapping of str to Penalty
    settle : Tensor, (B, ...)
        Training images, for the statistics of whitening layers.
    """

    def __init__(
        self, images: Tensor, labels: Tensor, penalties: Mapping[str, Penalty], *, settle: Tensor
    ):
        self.images, self.labels, self.settle = images, labels, settle
        self.spectral = [p for p in penalties.values() if isinstance(p, Spectral)]

    def __call__(self, model: nn.Module) -> dict[str, float]:
        """Return test accuracy, and of each regularized layer the true and the estimated alpha."""
        settle_(model, self.settle)
        seen = {"test_accuracy": accuracy(model, self.images, self.labels)}
        for penalty in self.spectral:
            for layer in penalty.layers:
                true = eigenvalues(model, self.images, layer)
                seen[f"alpha {layer}"] = exponent(true)
                seen[f"estimated alpha {layer}"] = exponent(penalty.eigenvalues[layer].double())
        return {name: value for name, value in seen.items() if value is not None}


def exponent(values: Tensor) -> float | None:
    """Return alpha over ranks 10 to 500, or as far as the eigenvalues go; None if too few.

    >>> f"{exponent(torch.arange(1, 101) ** -1.5):.3f}"
    '1.500'
    """
    sorted_values = values.sort(descending=True).values.cpu().numpy()
    try:
        last = min(LAST, numerical_rank(sorted_values))
        return fit_power_law(sorted_values, first=FIRST, last=last).alpha
    except MeasureError:
        return None


@torch.no_grad()
def eigenvalues(model: nn.Module, images: Tensor, layer: str) -> Tensor:
    """Return the covariance eigenvalues of a layer over images, descending."""
    return _sums(model, images, layer, 1000).eigenvalues()


def whole_covariance(images: Tensor, batch_size: int, model: nn.Module, layer: str) -> Tensor:
    """Return a layer's covariance over all images, (N, N), in evaluation mode.

    Statistics of batch normalization are renewed first.
    """
    renew_batch_norm_(model, images.split(batch_size))
    return _sums(model, images, layer, batch_size, keep=False).covariance().to(images)


@torch.no_grad()
def _sums(
    model: nn.Module, images: Tensor, layer: str, batch_size: int, keep: bool = True
) -> Covariance:
    sums = Covariance(len(images), keep=keep)
    for part in images.split(batch_size):
        sums.add_(activations(model, part, [layer])[layer])
    return sums


def resolve_layers(
    penalties: Mapping[str, Penalty], network: Network, images: Images
) -> dict[str, Penalty]:
    """Return the penalties with "all" replaced by the network's hidden layers, each tried out.

    Raises
    ------
    ModelError
        If the network has no such layer.
    UsageError
        If a spectral penalty begins past the units of its layer.
    """
    resolved = {}
    for name, penalty in penalties.items():
        chosen = copy(penalty)
        if ALL in chosen.layers:
            chosen.layers = tuple(getattr(network.core, "latent_layers", ("penultimate",)))
        with torch.no_grad():
            one = images.images[:1].to(next(network.module.parameters()).device)
            found = activations(network.module.eval(), one, chosen.layers)
        narrow = [layer for layer, x in found.items() if x.shape[1] < getattr(chosen, "tau", 1)]
        if narrow:
            raise UsageError(
                f"--penalty: expected tau within the {found[narrow[0]].shape[1]} units of "
                f"{narrow[0]}, found {chosen.tau}"
            )
        resolved[name] = chosen
    return resolved
