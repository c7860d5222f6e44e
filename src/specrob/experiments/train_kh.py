"""From images to a trained local layer, and its pruning."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor

from specrob.data import Images, shrink_batch
from specrob.devices import generator
from specrob.errors import ModelError, UsageError
from specrob.learning.krotov_hopfield import Rule, convergence, train
from specrob.learning.pruning import automatic_threshold
from specrob.models import LocalLayer, Network, build
from specrob.progress import Report, silent

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def train_local_layer(
    images: Images,
    *,
    hidden: int,
    rule: Rule,
    rate: float,
    epochs: int,
    init_std: float,
    batch_size: int | None,
    patience: int | None,
    normalize: str,
    precision: str,
    seed: int,
    device: torch.device,
    report: Report = silent,
) -> Network:
    """Return a local layer trained on the images, with what became of its units.

    Raises
    ------
    UsageError
        If the rank of the inhibited unit is beyond the hidden units.
    """
    if rule.k > hidden:
        raise UsageError(f"--k: expected a rank within the {hidden} hidden units, found {rule.k}")
    shape = tuple(images.images.shape[1:])
    pixels, options = images.images[0].numel(), {"hidden": hidden, "p": rule.p}
    synapses = torch.randn(hidden, pixels, generator=generator(seed, "weights")) * init_std
    synapses, taken = train(
        synapses.to(device),
        images.images.to(device),
        rule=rule,
        rate=rate,
        epochs=epochs,
        batch_size=shrink_batch(batch_size, len(images)),
        generator=generator(seed),
        winners_in=PRECISIONS[precision],
        patience=patience,
        report=report,
    )
    module = build("kh", shape, images.classes, options)
    network = Network(module, "kh", options, shape, images.classes, normalize)
    facts = {"rule": asdict(rule), "epochs": taken, **_outcome(synapses, rule)}
    return with_synapses(network, synapses.cpu(), facts)


def with_synapses(network: Network, synapses: Tensor, facts: Mapping[str, Any]) -> Network:
    """Return the network with other synapses in its local layer, and facts added.

    Raises
    ------
    ModelError
        If training left numbers that are not finite.
    """
    if not synapses.isfinite().all():
        raise ModelError("expected finite synapses, found NaN or inf; lower --lr or --p")
    network.module.hidden.synapses = synapses
    network.module.hidden.refresh_()
    options = {**network.options, "hidden": len(synapses)}
    return replace(network, options=options, facts={**network.facts, **facts})


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
            "variances": [round(v, 9) for v in variances.tolist()],
        }
    }
    return with_synapses(network, synapses, facts)


def _outcome(synapses: Tensor, rule: Rule) -> dict[str, Any]:
    found = convergence(synapses, rule)
    return {
        "units": len(synapses),
        "converged": int(found.converged.sum()),
        "wrong_attractor": int(found.wrong_attractor.sum()),
    }
