"""From images to a layer that has learned by a local rule."""

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from torch import Tensor

from specrob.artifacts import Data
from specrob.data import ImageSet, default_batch_size
from specrob.errors import ModelError, UsageError
from specrob.experiments.checkpoint_contents import copies
from specrob.experiments.images import load_both
from specrob.experiments.run_context import RunContext
from specrob.learning.attempts import ENOUGH, Attempts, Tried
from specrob.learning.convergence import assess_layer, describe_units
from specrob.learning.local_training import LocalFacts, LocalRule, LocalState, train_local
from specrob.models import LocalModel, Network, build
from specrob.models.local_layer import describe_layer
from specrob.random import make_generator
from specrob.settings.images import ImageSettings
from specrob.settings.local import LocalSettings, Rule, format_rule
from specrob.settings.normalization import Normalization


def train_local_layer(
    images: ImageSettings, rule: Rule, settings: LocalSettings, context: RunContext
) -> tuple[Network, Data]:
    """Return a layer that learned from images, with counts of its units, and the images' record.

    Images are normalized as the rule wants it unless the settings say otherwise. Where a layer
    is not accepted, others are trained from other random numbers, as many as the settings allow;
    if none is, the one in which most units have converged outside the wrong attractor is
    returned.

    Raises
    ------
    UsageError
        If the rule's constants do not suit the layer, or channels should be standardized, which
        is for networks that gradients train.

    Examples
    --------
    >>> from specrob.settings.local import KrotovHopfield
    >>> few, small = ImageSettings(limit=20), LocalSettings(hidden=3, epochs=1)
    >>> network, data = train_local_layer(few, KrotovHopfield(), small, RunContext())
    >>> network.arch, network.normalize, network.facts["units"]
    ('kh', 'l3', 3)
    """
    normalize = _check(images, rule, settings)
    train, _, data = load_both(images, normalize, seed=context.seed)
    facts = {"rule": format_rule(rule), **asdict(rule), **asdict(settings)}
    facts |= {"limit": images.limit, "processes": context.processes.count}
    context.begin_checkpoint(facts, normalize, train)
    return learn_layer(train, rule, settings, context, normalize), data


def learn_layer(
    train: ImageSet, rule: Rule, settings: LocalSettings, context: RunContext, normalize: str
) -> Network:
    """Return a layer that learned from images, which are already normalized."""
    local = rule.start()
    attempts = _train_attempts(local, train.to(context.device), settings, context)
    arch, options = describe_layer(rule, settings.hidden)
    shape = train.shape
    module = build(arch, shape, train.classes, options)
    network = Network(module, arch, options, shape, train.classes, normalize)
    facts = {"rule": asdict(rule), **describe_units(attempts, local)}
    assert attempts.synapses is not None  # there is at least one attempt
    return with_synapses(network, attempts.synapses.cpu(), facts)


def _check(images: ImageSettings, rule: Rule, settings: LocalSettings) -> str:
    """Return how images are normalized; raise UsageError where the settings do not go together."""
    rule.check_layer(settings)
    precisions = rule.start().precisions
    if settings.precision not in precisions:
        raise UsageError(
            f"`precision`: expected {' or '.join(precisions)} for this rule, "
            f"found {settings.precision}"
        )
    normalize = images.normalize or rule.normalize
    if Normalization.parse(normalize).is_layer:
        raise UsageError(
            f"`normalize`: expected none or lP for a local layer, found `{normalize}`"
        )
    return normalize


def _train_attempts(
    rule: LocalRule, images: ImageSet, settings: LocalSettings, context: RunContext
) -> Attempts:
    """Train layers until one is accepted; go on where the checkpoint stopped."""
    attempts, state = Attempts(), None
    if resumed := context.checkpoints.load(
        context.device, ("synapses", "order"), LocalFacts, Tried
    ):
        arrays, facts = resumed
        attempts = Attempts.from_arrays(arrays, facts)
        state = LocalState.from_arrays(arrays, facts)

    def save(state: LocalState) -> None:
        (arrays, numbers), (best, tried) = state.to_arrays(), attempts.to_arrays()
        context.checkpoints.save(copies(arrays | best), {"state": numbers | tried})

    for number in range(len(attempts.tried), settings.attempts):
        several = {"attempt": number} if settings.attempts > 1 else {}
        state = train_local(
            rule,
            images,
            settings,
            state or _start(rule, images, settings, context, number),
            batch_size=default_batch_size(context.batch_size, len(images)),
            processes=context.processes,
            save=save if context.checkpoints.target else None,
            report=partial(context.report, **several),
        )
        attempt = assess_layer(rule, state, images, number, context.processes)
        attempts.add_(attempt, state.synapses)
        if attempt.accepted or not attempt.epochs:
            break
        state = None
    return attempts


def _start(
    rule: LocalRule, images: ImageSet, settings: LocalSettings, context: RunContext, number: int
) -> LocalState:
    """Return the initial state of an attempt."""
    synapses = rule.initial(
        settings.hidden,
        math.prod(images.shape),
        std=settings.init_std,
        generator=make_generator(context.seed, "local weights", number),
    )
    order = make_generator(context.seed, "local order", number).get_state()
    return LocalState(synapses.to(images.device), order)


def with_synapses(network: Network, synapses: Tensor, facts: Mapping[str, Any]) -> Network:
    """Return the network with other synapses in its local layer, and facts added.

    Raises
    ------
    ModelError
        If training left numbers that are not finite.

    Examples
    --------
    >>> import torch
    >>> layer = build("kh", (1, 1, 2), 2, {"hidden": 1, "p": 3.0})
    >>> network = Network(layer, "kh", {"hidden": 1, "p": 3.0}, (1, 1, 2), 2)
    >>> with_synapses(network, torch.eye(2), {}).options["hidden"]
    2
    """
    if not synapses.isfinite().all():
        raise ModelError(
            "expected finite synapses, found NaN or inf; lower `lr` or a constant of the rule"
        )
    options = {**network.options, "hidden": len(synapses)}
    module = build(network.arch, network.shape, network.classes, options)
    assert isinstance(module, LocalModel)
    module.hidden.set_synapses_(synapses)
    facts = {**network.facts, **facts}
    return replace(network, module=module.eval(), options=options, facts=facts)


def warnings(network: Network) -> list[str]:
    """Return what to do about a local layer that was not accepted, if it was not.

    >>> facts = {"units": 9, "converged": 9, "learned": 1, "accepted": False, "attempts": [{}]}
    >>> from torch import nn
    >>> layer = Network(nn.Identity(), "kh", {}, (1, 1, 1), 2, facts=facts)
    >>> [line[:61] for line in warnings(layer)]
    ['warning: expected more than 90% of the units to converge outs']
    """
    if network.facts.get("accepted", True):
        return []
    learned, units = network.facts["learned"], network.facts["units"]
    tried = len(network.facts["attempts"])
    best = f" in the best of {tried} attempts" if tried > 1 else ""
    return [
        f"warning: expected more than {ENOUGH:.0%} of the units to converge outside the wrong "
        f"attractor, found {learned} of {units} ({learned / units:.1%}){best}; this layer is not "
        f"accepted: {_advice(network.facts)}, another `seed`, or several `attempts`"
    ]


def _advice(facts: Mapping[str, Any]) -> str:
    """Return what to change: units have not come far enough, or have settled where they died."""
    lost = facts["converged"] - facts["learned"]
    too_far = lost > (1 - ENOUGH) * facts["units"]
    return "try fewer `epochs` or a lower `lr`" if too_far else "try more `epochs`"
