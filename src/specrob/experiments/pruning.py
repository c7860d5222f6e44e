"""A local layer without the units that are noise."""

import torch

from specrob.errors import ModelError
from specrob.experiments.train_kh import with_synapses
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
