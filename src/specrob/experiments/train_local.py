"""From images to a trained local layer."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from specrob.artifacts import Data
from specrob.data import default_batch_size
from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.errors import ModelError, UsageError
from specrob.experiments.checkpoints import Checkpoints, local_state, settings
from specrob.experiments.image_request import ImageSettings
from specrob.learning.attempts import ENOUGH, Attempt, Attempts, is_accepted
from specrob.learning.convergence import convergence, never_winning
from specrob.learning.krotov_hopfield import LocalState, Rule, train
from specrob.linalg import lp_norms
from specrob.models import Network, build
from specrob.progress import Report, silent
from specrob.random import make_generator

LARGEST_LOG10 = 12  # of R^p, so that float32 holds what it multiplies
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class LocalSettings:
    """How a local layer learns; see `Rule` and `train` for p, k, delta, radius and patience.

    Parameters
    ----------
    hidden, k, epochs : int
    p, delta, radius, lr, init_std : float
    patience : int or None
    precision : {"float32", "bfloat16"}
        In which winners are found.
    batch_size : int or None
        None is 1,000, or less where that would leave fewer than ten batches.
    seed : int
    attempts : int
        How many layers are trained at most, until one is accepted.
    """

    hidden: int = 2000
    p: float = 3.0
    k: int = 2
    delta: float = 0.4
    radius: float = 1.0
    lr: float = 0.02
    epochs: int = 1000
    init_std: float = 1.0
    patience: int | None = None
    precision: str = "float32"
    batch_size: int | None = None
    seed: int = 0
    attempts: int = 1

    @property
    def rule(self) -> Rule:
        """The constants of the learning rule."""
        return Rule(p=self.p, k=self.k, delta=self.delta, radius=self.radius)


def train_local_layer(
    wish: ImageSettings,
    plan: LocalSettings,
    *,
    device: torch.device,
    checkpoints: Checkpoints | None = None,
    processes: Processes = SINGLE_PROCESS,
    report: Report = silent,
) -> tuple[Network, Data]:
    """Return a local layer trained on images, with what became of its units, and their record.

    Images are divided by their p-norm unless the wish says otherwise. Where a layer is not
    accepted, others are trained from other random numbers, as many as the plan has attempts; if
    none is, the one in which most units have converged outside the wrong attractor is returned.

    Raises
    ------
    UsageError
        If the rank of the inhibited unit is beyond the hidden units, or channels should be
        standardized, which is for networks that gradients train.
    """
    if plan.k > plan.hidden:
        raise UsageError(
            f"--k: expected a rank within the {plan.hidden} hidden units, found {plan.k}"
        )
    if plan.p * math.log10(max(1, plan.radius)) > LARGEST_LOG10:
        raise UsageError(f"--radius: expected R^p below 1e{LARGEST_LOG10}, found {plan.radius:g}")
    normalize = wish.normalize or f"l{plan.p:.12g}"
    if normalize == "standard":
        raise UsageError("--normalize: expected none or lP for a local layer, found standard")
    images, _, data = wish.load_both(normalize)
    shape = tuple(images.pixels.shape[1:])
    kept = checkpoints or Checkpoints()
    resumed = kept.begin(settings(plan, data, wish, device, normalize, processes))
    attempts, state = local_state(resumed, device) if resumed else (Attempts(), None)
    how = {"save": partial(kept.save_local, attempts), "processes": processes}
    seen = images.pixels.to(device)
    for attempt in range(len(attempts.tried), plan.attempts):
        many = {"attempt": attempt} if plan.attempts > 1 else {}
        synapses, taken = _train_once(
            seen, plan, attempt, start=state, report=partial(report, **many), **how
        )
        state, found = None, _judge(synapses, seen, plan.rule, processes)
        attempts.add_(Attempt(attempt, taken, **found), synapses)
        if found["accepted"] or not taken:
            break
    options = {"hidden": plan.hidden, "p": plan.p}
    module = build("kh", shape, images.classes, options)
    network = Network(module, "kh", options, shape, images.classes, normalize)
    facts = {"rule": asdict(plan.rule), **_outcome(attempts, plan.rule)}
    return with_synapses(network, attempts.best.cpu(), facts), data


def warnings(network: Network) -> list[str]:
    """Return what to do about a local layer that was not accepted, if it was not.

    >>> facts = {"units": 9, "converged": 9, "learned": 1, "accepted": False, "attempts": [{}]}
    >>> layer = Network(torch.nn.Identity(), "kh", {}, (1, 1, 1), 2, facts=facts)
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
        f"accepted: {_advice(network.facts)}, another --seed, or --attempts N for several"
    ]


def _advice(facts: Mapping[str, Any]) -> str:
    """Return what to change: units have not come far enough, or have settled where they died."""
    lost = facts["converged"] - facts["learned"]
    too_far = lost > (1 - ENOUGH) * facts["units"]
    return "try fewer --epochs, a lower --lr or --delta" if too_far else "try more --epochs"


def _train_once(
    images: Tensor, plan: LocalSettings, attempt: int, *, start: LocalState | None, **how: Any
) -> tuple[Tensor, int]:
    """Return synapses and the number of epochs of one attempt, or of what is left of it."""
    weights = make_generator(plan.seed, "local weights", attempt)
    first = torch.randn(plan.hidden, images[0].numel(), generator=weights) * plan.init_std
    return train(
        first.to(images.device),
        images,
        rule=plan.rule,
        rate=plan.lr,
        epochs=plan.epochs,
        batch_size=default_batch_size(plan.batch_size, len(images)),
        generator=make_generator(plan.seed, "local order", attempt),
        winners_in=PRECISIONS[plan.precision],
        patience=plan.patience,
        start=start,
        **how,
    )


def with_synapses(network: Network, synapses: Tensor, facts: Mapping[str, Any]) -> Network:
    """Return the network with other synapses in its local layer, and facts added.

    Raises
    ------
    ModelError
        If training left numbers that are not finite.

    Examples
    --------
    >>> layer = build("kh", (1, 1, 2), 2, {"hidden": 1, "p": 3.0})
    >>> network = Network(layer, "kh", {"hidden": 1, "p": 3.0}, (1, 1, 2), 2)
    >>> with_synapses(network, torch.eye(2), {}).options["hidden"]
    2
    """
    if not synapses.isfinite().all():
        raise ModelError("expected finite synapses, found NaN or inf; lower --lr or --p")
    options = {**network.options, "hidden": len(synapses)}
    module = build("kh", network.shape, network.classes, options)
    module.hidden.synapses = synapses
    module.hidden.refresh_()
    facts = {**network.facts, **facts}
    return replace(network, module=module.eval(), options=options, facts=facts)


def _judge(synapses: Tensor, images: Tensor, rule: Rule, processes: Processes) -> dict[str, Any]:
    """Return how many units ended where, and whether all processes accept the layer."""
    found = convergence(synapses, rule.p, rule.radius)
    learned = int((found.converged & ~found.wrong_attractor).sum())
    agreed = processes.sum(torch.tensor(float(is_accepted(learned, len(synapses)))))
    return {
        "converged": int(found.converged.sum()),
        "learned": learned,
        "wrong_attractor": int(found.wrong_attractor.sum()),
        "never_winning": int(never_winning(synapses, images, rule.p).sum()),
        "accepted": int(agreed) == processes.count,
    }


def _outcome(attempts: Attempts, rule: Rule) -> dict[str, Any]:
    """Return how the units ended: counts, the verdict, and quartiles of norms and variances.

    An initialized layer has no verdict.
    """
    rows, facts = attempts.best.double().cpu(), asdict(attempts.kept)
    facts["attempts"] = [asdict(one) for one in attempts.tried]
    verdict = ("attempts", "accepted", "learned")
    for name in ("attempt", *(() if facts["epochs"] else verdict)):
        del facts[name]
    quartiles = torch.linspace(0, 1, 5, dtype=torch.float64)
    spreads = {"row_norms": lp_norms(rows, rule.p), "variances": rows.var(1, correction=0)}
    spreads = {name: values.quantile(quartiles).tolist() for name, values in spreads.items()}
    return {"units": len(rows), **facts, **spreads}
