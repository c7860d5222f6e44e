"""What is watched while a network trains: accuracy, and true spectra beside penalties' own."""

from collections.abc import Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn

from specrob.data import ImageSet
from specrob.errors import MeasureError, ModelError, UsageError
from specrob.learning.penalties import Batch, Penalty
from specrob.learning.penalties.spectral import Spectral
from specrob.measures.classification import accuracy
from specrob.measures.covariance import Covariance
from specrob.measures.power_law import fit_power_law, numerical_rank
from specrob.models import Network, activations
from specrob.models.layered_network import latent_layers
from specrob.models.layers import pointwise_maps
from specrob.models.statistics import recalibrate_batch_norm_
from specrob.models.whitening import fit_whitening_
from specrob.random import make_generator

FIRST, LAST = 10, 500  # ranks of the exponents that are shown while a network trains
ALL = "all"


class TrainingMonitor:
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

    def __call__(self, model: nn.Module) -> dict[str, float | None]:
        """Return test accuracy, and of each regularized layer the true and the estimated alpha."""
        fit_whitening_(model, self.settle)
        seen: dict[str, float | None] = {
            "test_accuracy": accuracy(model, self.images, self.labels)
        }
        for penalty in self.spectral:
            for layer in penalty.layers:
                true = eigenvalues(model, self.images, layer)
                estimate = penalty.eigenvalues.get(layer, true[:0])
                last = min(LAST, penalty.ranks.get(layer, 0), len(true))
                seen[f"alpha {layer}"] = exponent(true, last)
                seen[f"estimated alpha {layer}"] = exponent(estimate, last)
        return seen


def exponent(values: Tensor, last: int = LAST) -> float | None:
    """Return alpha over ranks 10 to `last`, or as far as eigenvalues go; None if too few.

    >>> f"{exponent(torch.arange(1.0, 101, dtype=torch.float64) ** -1.5, 100):.3f}"
    '1.500'
    """
    sorted_values = values.double().sort(descending=True).values.cpu().numpy()
    try:
        last = min(last, numerical_rank(sorted_values))
        return fit_power_law(sorted_values, first=FIRST, last=last).alpha
    except MeasureError:
        return None


@torch.no_grad()
def eigenvalues(model: nn.Module, images: Tensor, layer: str) -> Tensor:
    """Return the covariance eigenvalues of a layer over images, descending."""
    return _sums(model, images, layer, 1000).eigenvalues()


def whole_covariance(images: Tensor, batch_size: int, model: nn.Module, layer: str) -> Tensor:
    """Return a layer's covariance over all images, (N, N), in evaluation mode.

    Where the layer feels statistics of batch normalization, from shuffled batches, or of
    whitening, they are renewed first.
    """
    if _depends_on_batch_statistics(model, images[:batch_size], layer):
        recalibrate_statistics_(model, images, batch_size)
    model.eval()
    return _sums(model, images, layer, batch_size, keep=False).covariance().to(images)


def recalibrate_statistics_(model: nn.Module, images: Tensor, batch_size: int) -> None:
    """Renew what batch norm and whitening layers keep for evaluation, over all images."""
    order = torch.randperm(len(images), generator=make_generator(0, "statistics")).to(
        images.device
    )
    batches = [rows for rows in order.split(batch_size) if len(rows) > 1]
    recalibrate_batch_norm_(model, (images[rows] for rows in batches))
    fit_whitening_(model, images, batch_size)


@torch.no_grad()
def _depends_on_batch_statistics(model: nn.Module, images: Tensor, layer: str) -> bool:
    """Whether a layer answers images otherwise when statistics are renewed from them."""
    kept = deepcopy(model.state_dict())
    before = activations(model.eval(), images, [layer])[layer]
    with torch.random.fork_rng(enabled=images.device.type != "mps"):  # dropout
        recalibrate_statistics_(model, images, len(images))
    after = activations(model, images, [layer])[layer]
    model.load_state_dict(kept)
    return not torch.equal(before, after)


@torch.no_grad()
def _sums(
    model: nn.Module, images: Tensor, layer: str, batch_size: int, keep: bool | None = None
) -> Covariance:
    sums = Covariance(len(images), keep=keep)
    for part in images.split(batch_size):
        sums.add_(activations(model, part, [layer])[layer])
    return sums


def resolve_layers(
    penalties: Mapping[str, Penalty], network: Network, images: ImageSet, batch_size: int
) -> dict[str, Penalty]:
    """Return the penalties with "all" replaced by the network's hidden layers, each tried out.

    Raises
    ------
    ModelError
        If the network has no such layer, or nothing that is trained lies below it.
    UsageError
        If a spectral penalty begins past the units of its layer, or past the batch.
    """
    resolved = {}
    for name, penalty in penalties.items():
        chosen = deepcopy(penalty)
        if ALL in chosen.layers:
            chosen.layers = latent_layers(network.core)
        found = _try_out(name, chosen, network, images)
        narrow = min([batch_size, *(x.shape[1] for x in found.values())])
        if narrow < getattr(chosen, "tau", 0) + 1:
            raise UsageError(
                f"--penalty: expected tau below {narrow}, the units of its layer or the images of "
                f"a batch, found {chosen.tau}"
            )
        resolved[name] = chosen
    return resolved


def small_batches(
    penalties: Mapping[str, Penalty], network: Network, images: ImageSet, batch_size: int
) -> list[str]:
    """Return the layers under a spectral penalty that are wider than the batch."""
    layers = [x for p in penalties.values() if isinstance(p, Spectral) for x in p.layers]
    one = images.pixels[:1].to(next(network.module.parameters()).device)
    with torch.no_grad():
        found = activations(network.module.eval(), one, layers)
    return [layer for layer in layers if found[layer].shape[1] > batch_size]


def _try_out(
    name: str, penalty: Penalty, network: Network, images: ImageSet
) -> Mapping[str, Tensor]:
    """Return one image's activations; raise ModelError where no weight feels the penalty."""
    model = network.module.eval()
    weights = [w for w in model.parameters() if w.requires_grad]
    image = images.pixels[:1].to(weights[0].device if weights else "cpu").requires_grad_()
    maps = pointwise_maps(model, penalty.layers)
    wanted = (*penalty.layers, *(known.below for known in maps.values()), "logits")
    layers = activations(model, image, wanted)
    losses = layers["logits"].logsumexp(1)
    batch = Batch(model, image, losses, layers, maps, make_generator(0, "probes"))
    value = penalty(batch)
    felt = value.requires_grad and any(
        g is not None for g in torch.autograd.grad(value, weights, allow_unused=True)
    )
    if not felt:
        raise ModelError(
            f"expected trained weights below the layer of --penalty {name}, found "
            f"{' and '.join(penalty.layers)} frozen; name a layer above"
        )
    return {layer: layers[layer] for layer in penalty.layers}
