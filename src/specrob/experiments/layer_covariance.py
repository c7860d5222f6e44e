"""The covariance of a layer over all training images, for penalties and their history."""

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from specrob.measures.covariance import Covariance
from specrob.models import activations
from specrob.models.whitening import fit_whitening_
from specrob.random import make_generator


@torch.no_grad()
def layer_covariance(
    model: nn.Module,
    images: Tensor,
    layer: str,
    batch_size: int = 1000,
    *,
    keep: bool | None = None,
) -> Covariance:
    """Return the covariance of a layer over images; `keep` is that of `Covariance`."""
    sums = Covariance(len(images), keep=keep)
    for part in torch.split(images, batch_size):
        sums.add_(activations(model, part, [layer])[layer])
    return sums


def whole_covariance(images: Tensor, batch_size: int, model: nn.Module, layer: str) -> Tensor:
    """Return a layer's covariance over all images, (N, N), in evaluation mode.

    Where the layer depends on statistics of batch normalization or of whitening, they are renewed
    first.
    """
    if _depends_on_batch_statistics(model, images[:batch_size], layer):
        recalibrate_statistics_(model, images, batch_size)
    model.eval()
    return layer_covariance(model, images, layer, batch_size, keep=False).covariance().to(images)


def recalibrate_statistics_(model: nn.Module, images: Tensor, batch_size: int) -> None:
    """Renew the statistics that batch normalization and whitening use in evaluation.

    Those of batch normalization are means over shuffled batches of all images.
    """
    order = torch.randperm(len(images), generator=make_generator(0, "statistics"))
    batches = [rows for rows in torch.split(order.to(images.device), batch_size) if len(rows) > 1]
    update_bn((images[rows] for rows in batches), model)
    fit_whitening_(model, images, batch_size)


@torch.no_grad()
def _depends_on_batch_statistics(model: nn.Module, images: Tensor, layer: str) -> bool:
    """Return whether a layer's activations change when statistics are renewed."""
    weights = deepcopy(model.state_dict())
    before = activations(model.eval(), images, [layer])[layer]
    with torch.random.fork_rng(enabled=images.device.type != "mps"):  # dropout
        recalibrate_statistics_(model, images, len(images))
    after = activations(model, images, [layer])[layer]
    model.load_state_dict(weights)
    return not torch.equal(before, after)
