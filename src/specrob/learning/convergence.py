"""Convergence of the units of a local layer.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units.
"""

from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from specrob.data import Images, in_batches
from specrob.distributed import Processes
from specrob.learning.attempts import Attempts, is_accepted
from specrob.learning.local_training import LocalRule, LocalState
from specrob.results import Attempt


def never_winning(weight: Tensor, images: Images) -> Tensor:
    """Return which units have the largest input for no image, (N,), bool.

    >>> never_winning(torch.eye(3), torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    tensor([False,  True, False])
    """
    never = torch.ones(len(weight), dtype=torch.bool, device=weight.device)
    for part in in_batches(images):
        never[(part.flatten(1) @ weight.T).argmax(1)] = False
    return never


def assess_layer(
    rule: LocalRule, state: LocalState, images: Images, number: int, processes: Processes
) -> Attempt:
    """Return how many units ended where, and whether all processes accept the layer."""
    synapses = state.synapses
    converged, lost = rule.converged(synapses), rule.wrong_attractor(synapses)
    learned = int((converged & ~lost).sum())
    agreed = processes.sum(torch.tensor(float(is_accepted(learned, len(synapses)))))
    return Attempt(
        attempt=number,
        epochs=state.epoch,
        converged=int(converged.sum()),
        wrong_attractor=int(lost.sum()),
        never_winning=int(never_winning(rule.weight(synapses), images).sum()),
        learned=learned,
        accepted=int(agreed) == processes.count,
    )


def describe_units(attempts: Attempts, rule: LocalRule) -> dict[str, Any]:
    """Return how the units ended: counts, the verdict, and quartiles of norms and variances.

    An initialized layer has no verdict.
    """
    assert attempts.synapses is not None  # there is at least one attempt
    rows, facts = attempts.synapses.double().cpu(), asdict(attempts.best)
    facts["attempts"] = [asdict(attempt) for attempt in attempts.tried]
    verdict = ("attempts", "accepted", "learned")
    for name in ("attempt", *(() if facts["epochs"] else verdict)):
        del facts[name]
    quartiles = torch.linspace(0, 1, 5, dtype=torch.float64)
    spreads = {"row_norms": rule.norms(rows), "variances": rows.var(1, correction=0)}
    facts |= {name: values.quantile(quartiles).tolist() for name, values in spreads.items()}
    return {"units": len(rows), **facts}
