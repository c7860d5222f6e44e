"""A local layer without the units that are noise."""

from dataclasses import asdict

from torch import Tensor

from specrob.errors import ModelError
from specrob.experiments.train_local import with_synapses
from specrob.learning.pruning import automatic_threshold
from specrob.models import LocalModel, Network
from specrob.results import Pruning
from specrob.settings.measures import PruningSettings


def prune(network: Network, settings: PruningSettings) -> Network:
    """Return the network without the units whose synapses vary more than the threshold.

    Raises
    ------
    ModelError
        If the network is not a local layer alone, or no unit would stay.

    Examples
    --------
    >>> import torch
    >>> from specrob.models import build
    >>> layer = build("kh", (1, 1, 2), 2, {"hidden": 2, "p": 3.0})
    >>> layer.hidden.synapses = torch.tensor([[1.0, -1.0], [3.0, -3.0]])  # variances 1 and 9
    >>> network = Network(layer, "kh", {"hidden": 2, "p": 3.0}, (1, 1, 2), 2)
    >>> prune(network, PruningSettings(threshold=4.0, drop=True)).module.hidden.synapses
    tensor([[ 1., -1.]])
    """
    if not isinstance(network.module, LocalModel):
        raise ModelError(
            f"expected a local layer without read-out, found {network.arch}; "
            "prune what `specrob train-kh` writes"
        )
    synapses = network.module.hidden.synapses
    variances = synapses.double().var(1, correction=0)
    threshold = settings.threshold
    cut = automatic_threshold(variances.numpy()) if threshold is None else threshold
    noisy = variances > (float("inf") if cut is None else cut)
    _check_rest(variances, noisy, cut)
    pruned = Pruning(
        threshold=cut,
        pruned=int(noisy.sum()),
        of=len(noisy),
        automatic=threshold is None,
        dropped=settings.drop,
        variances=tuple(float(f"{v:.7g}") for v in variances.tolist()),
    )
    rest = synapses[~noisy] if settings.drop else synapses * ~noisy[:, None]
    return with_synapses(network, rest, {"pruning": asdict(pruned)})


def _check_rest(variances: Tensor, noisy: Tensor, cut: float | None) -> None:
    """Raise ModelError if no unit that learned something would stay."""
    live = variances > 0
    if not live.any():
        raise ModelError("expected units that learned something, found all synapses zero")
    if not (live & ~noisy).any():
        raise ModelError(
            f"expected a threshold that leaves units, found {cut:g}, below every variance "
            f"(lowest {float(variances.min()):.3g}); raise `threshold`"
        )
