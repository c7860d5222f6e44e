"""The covariance of a layer over all training images, for penalties and their history."""

from collections.abc import Mapping, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn

from specrob.data import Batches, Images, row_slices, rows_at_a_time
from specrob.measures.covariance import Covariance
from specrob.models import activations
from specrob.models.whitening import Whitening, fit_whitening_
from specrob.random import make_generator


@torch.no_grad()
def layer_covariance(
    model: nn.Module, images: Images, layer: str, *, keep: bool | None = None
) -> Covariance:
    """Return the covariance of a layer over images; `keep` is that of `Covariance`."""
    sums = Covariance(len(images), keep=keep)
    _add_all_(model, images, rows_at_a_time(images[:1].shape[1:]), {layer: sums})
    return sums


@torch.no_grad()
def whole_covariances(
    images: Images, batch_size: int, model: nn.Module, layers: Sequence[str]
) -> dict[str, Tensor]:
    """Return the covariance of layers over all images, (N, N) each, in evaluation mode.

    Where a layer depends on statistics of batch normalization or of whitening, they are renewed
    first. Products are those of float32, summed over batches in float64: eigenvectors in float32
    resolve no more.
    """
    if _depends_on_batch_statistics(model, images[:batch_size], layers):
        recalibrate_statistics_(model, images, batch_size)
    model.eval()
    sums = {n: Covariance(len(images), keep=False, dtype=torch.float32) for n in layers}
    _add_all_(model, images, batch_size, sums)
    like = images[:1]
    return {layer: each.covariance().to(like) for layer, each in sums.items()}


def _add_all_(
    model: nn.Module, images: Images, batch_size: int, sums: Mapping[str, Covariance]
) -> None:
    """Add the activations of layers to their sums."""
    for rows in row_slices(len(images), batch_size):
        for layer, h in activations(model, images[rows], [*sums]).items():
            sums[layer].add_(h)


def recalibrate_statistics_(model: nn.Module, images: Images, batch_size: int) -> None:
    """Renew the statistics that batch normalization and whitening use in evaluation.

    Those of batch normalization are means over shuffled batches of all images.
    """
    order = torch.randperm(len(images), generator=make_generator(0, "statistics"))
    batches = [rows for rows in torch.split(order.to(images.device), batch_size) if len(rows) > 1]
    update_bn((images[rows] for rows in batches), model)
    fit_whitening_(model, Batches(images, batch_size))


@torch.no_grad()
def _depends_on_batch_statistics(model: nn.Module, images: Tensor, layers: Sequence[str]) -> bool:
    """Return whether activations of a layer change when statistics are renewed."""
    if not any(isinstance(m, _BatchNorm | Whitening) for m in model.modules()):
        return False
    weights = deepcopy(model.state_dict())
    before = activations(model.eval(), images, layers)
    with torch.random.fork_rng(enabled=images.device.type != "mps"):  # dropout
        recalibrate_statistics_(model, images, len(images))
    after = activations(model, images, layers)
    model.load_state_dict(weights)
    return not all(torch.equal(before[layer], after[layer]) for layer in layers)
