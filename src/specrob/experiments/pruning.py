"""A local layer without the units that are noise."""

import torch

from specrob.errors import ModelError
from specrob.experiments.train_local import with_synapses
from specrob.learning.pruning import automatic_threshold
from specrob.models import LocalLayer, Network


def prune(network: Network, *, threshold: float | None, drop: bool) -> Network:
    """Return the network without the units whose synapses vary more than the threshold.

    Parameters
    ----------
    network : Network
        A local layer alone.
    threshold : float or None
        Variance of a row of S; None finds the cut between the modes.
    drop : bool
        Whether rows are removed rather than set to zero.

    Raises
    ------
    ModelError
        If there is no local layer, or no unit would stay.

    Examples
    --------
    >>> from specrob.models import build
    >>> layer = build("kh", (1, 1, 2), 2, {"hidden": 2, "p": 3.0})
    >>> layer.hidden.synapses = torch.tensor([[1.0, -1.0], [3.0, -3.0]])  # variances 1 and 9
    >>> network = Network(layer, "kh", {"hidden": 2, "p": 3.0}, (1, 1, 2), 2)
    >>> prune(network, threshold=4.0, drop=True).module.hidden.synapses
    tensor([[ 1., -1.]])
    """
    layer = getattr(network.module, "hidden", None)
    if not isinstance(layer, LocalLayer) or hasattr(network.module, "readout"):
        raise ModelError(
            f"expected a kh layer without read-out, found {network.arch}; "
            "prune what `specrob train-kh` writes"
        )
    variances = layer.synapses.double().var(1, correction=0)
    cut = automatic_threshold(variances.numpy()) if threshold is None else threshold
    noisy = variances > (torch.inf if cut is None else cut)
    live = variances > 0
    if not live.any():
        raise ModelError("expected units that learned something, found all synapses zero")
    if not (live & ~noisy).any():
        raise ModelError(
            f"expected a threshold that leaves units, found {cut:g}, below every variance "
            f"(lowest {float(variances.min()):.3g}); raise --threshold"
        )
    synapses = layer.synapses[~noisy] if drop else layer.synapses * ~noisy[:, None]
    facts = {
        "pruning": {
            "threshold": cut,
            "automatic": threshold is None,
            "pruned": int(noisy.sum()),
            "of": len(noisy),
            "dropped": drop,
            "variances": [float(f"{v:.7g}") for v in variances.tolist()],
        }
    }
    return with_synapses(network, synapses, facts)
