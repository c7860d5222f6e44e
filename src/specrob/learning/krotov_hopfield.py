"""The local learning rule: winners learn, the k-th runner-up unlearns.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units.

References
----------
.. [1] D. Krotov and J. J. Hopfield, "Unsupervised learning by competing hidden units", PNAS
   116(16), 2019, DOI 10.1073/pnas.1820458116.
.. [2] "Exploring mechanisms of neural robustness", arXiv:2405.00679, eq. (3) to (5).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from specrob.data import minibatches
from specrob.devices import threads_for
from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.learning.convergence import convergence
from specrob.learning.winners import find_winners, winning_weight
from specrob.linalg import signed_power
from specrob.progress import Report, silent


@dataclass(frozen=True)
class Rule:
    """The constants of the rule.

    Parameters
    ----------
    p : float, 2 or more
        Norm in which the rows of the synapses settle.
    k : int, 1 to N
        Rank of the inhibited unit; with 1 none is.
    delta : float, 0 or more
        Strength of the inhibition.
    radius : float, positive
        R, the p-norm that rows settle at.
    """

    p: float = 3.0
    k: int = 2
    delta: float = 0.4
    radius: float = 1.0


@dataclass
class LocalState:
    """Everything that the next epoch depends on.

    Parameters
    ----------
    synapses : Tensor, (N, D)
    order : Tensor, uint8
        State of the generator that orders the images.
    epoch : int
        Epochs done.
    most_converged : int
        Units, after any epoch so far.
    stalled : int
        Epochs since that number last rose.
    """

    synapses: Tensor
    order: Tensor
    epoch: int = 0
    most_converged: int = 0
    stalled: int = 0


@dataclass(frozen=True)
class Change:
    """What one batch changes: only units that won or came k-th have a row.

    Parameters
    ----------
    units : Tensor, (U,)
    before : Tensor, (U, D)
        Their synapses.
    rows : Tensor, (U, D)
        The rows of dS; all others are zero.
    """

    units: Tensor
    before: Tensor
    rows: Tensor


def plasticity(
    synapses: Tensor,
    images: Tensor,
    rule: Rule,
    *,
    winners_in: torch.dtype = torch.float32,
    weight: Tensor | None = None,
    processes: Processes = SINGLE_PROCESS,
) -> Change:
    """Return the summed change of the synapses, eq. (4) and (5) of [2]_.

    ``dS = sum over images of [ R^p g x^T - (g * h) S ]`` with ``h = S |S|^(p-2) x``, ``g`` 1 at
    the largest h, ``-delta`` at the k-th largest, 0 elsewhere; ties go to the lowest index. Only
    two entries of g per image are not zero, so ``G = g x^T`` is a sum of 2B scaled rows, and the
    sum of ``g * h`` of a unit is its weight times its row of G.

    Parameters
    ----------
    synapses : Tensor, (N, D)
    images : Tensor, (B, D)
    rule : Rule
    winners_in : torch.dtype
        Precision in which winners are found; everything else is in that of the synapses.
    weight : Tensor, (N, D), optional
        `winning_weight` of the synapses, where it is at hand.
    processes : Processes
        Find winners together; the rest costs little, and each does all of it, so that all take
        the same step.

    Examples
    --------
    >>> plasticity(torch.eye(2), torch.tensor([[2.0, 1.0]]), Rule(p=2)).rows
    tensor([[ 0.0000,  1.0000],
            [-0.8000,  0.0000]])
    """
    if weight is None:
        weight = winning_weight(synapses, rule.p, winners_in)
    winners = find_winners(images, weight, k=rule.k, dtype=winners_in, processes=processes)
    units, slots = winners.flatten().unique(return_inverse=True)
    rows, before = images.new_zeros(len(units), images.shape[1]), synapses[units]
    for slot, g in zip(slots.split(len(images)), (1.0, -rule.delta), strict=False):
        _add_rows_(rows, slot, images, g)
    decay = (signed_power(before, rule.p - 1) * rows).sum(1)
    rows.mul_(rule.radius**rule.p).addcmul_(decay[:, None], before, value=-1)
    return Change(units, before, rows)


def _add_rows_(sums: Tensor, slots: Tensor, rows: Tensor, scale: float) -> None:
    """Add each row, (B, ...), to its slot's sum, (U, ...), in an order that never changes."""
    if sums.device.type == "cpu":
        sums.index_add_(0, slots, rows, alpha=scale)
    else:  # there index_add_ sums in any order, and a product costs little
        chosen = torch.zeros(len(rows), len(sums), dtype=rows.dtype, device=rows.device)
        chosen.scatter_(1, slots[:, None], 1)
        sums.addmm_(chosen.T, rows, alpha=scale)


def update_(
    synapses: Tensor,
    images: Tensor,
    *,
    rate: float,
    rule: Rule,
    winners_in: torch.dtype = torch.float32,
    weight: Tensor | None = None,
    processes: Processes = SINGLE_PROCESS,
) -> None:
    """Take one step, ``S += rate dS / max|dS|``; nothing changes where max|dS| is 0.

    Where `weight` is at hand, its rows follow.
    """
    how = {"winners_in": winners_in, "weight": weight, "processes": processes}
    change = plasticity(synapses, images, rule, **how)
    largest = torch.stack(change.rows.aminmax()).abs().max()
    after = change.before.addcmul_(change.rows, torch.where(largest > 0, rate / largest, 0))
    synapses.index_copy_(0, change.units, after)
    if weight is not None:
        weight.index_copy_(0, change.units, winning_weight(after, rule.p, winners_in))


def train(
    synapses: Tensor,
    images: Tensor,
    *,
    rule: Rule,
    rate: float = 0.02,
    epochs: int = 1000,
    batch_size: int = 1000,
    generator: torch.Generator,
    winners_in: torch.dtype = torch.float32,
    patience: int | None = None,
    processes: Processes = SINGLE_PROCESS,
    start: LocalState | None = None,
    save: Callable[[LocalState], None] | None = None,
    report: Report = silent,
) -> tuple[Tensor, int]:
    """Return trained synapses and the number of epochs; the rate falls linearly to 0.

    Parameters
    ----------
    synapses : Tensor, (N, D)
        Where to start; N(0, 1) keeps rows out of the all-negative attractor.
    images : Tensor, (B, ...)
    rule : Rule
    rate : float, units of the synapses
        Largest change of any synapse in the first step.
    epochs, batch_size : int
    generator : torch.Generator
        Orders the images.
    winners_in : torch.dtype
    patience : int, optional
        Stop after so many epochs without one more converged unit, once half have converged.
    processes : Processes
        Share every batch.
    start : LocalState, optional
        Of an earlier run of the same settings, to go on from.
    save : callable (LocalState), optional, called after every epoch
    report : Report
    """
    state, images = start or LocalState(synapses, generator.get_state()), images.flatten(1)
    state = replace(state, synapses=state.synapses.clone())
    generator.set_state(state.order)
    synapses, work = state.synapses, min(batch_size, len(images)) * state.synapses.numel()
    weight = winning_weight(synapses, rule.p, winners_in)
    how = {"rule": rule, "winners_in": winners_in, "processes": processes}
    while state.epoch < epochs and (patience is None or state.stalled < patience):
        step = rate * (1 - state.epoch / epochs)
        with threads_for(work):
            for rows in minibatches(len(images), batch_size, generator):
                batch = images[rows.to(images.device)]
                update_(synapses, batch, rate=step, weight=weight, **how)
        converged = int(convergence(synapses, rule.p, rule.radius).converged.sum())
        _note_(state, converged, generator)
        report(state.epoch, epochs, converged=converged / len(synapses))
        if save is not None:
            save(state)
    return synapses, state.epoch


def _note_(state: LocalState, converged: int, generator: torch.Generator) -> None:
    """Count the epoch; it has stalled if at least half are converged and no more than before."""
    enough = 2 * converged >= len(state.synapses)
    state.stalled = state.stalled + 1 if enough and converged <= state.most_converged else 0
    state.most_converged = max(state.most_converged, converged)
    state.epoch, state.order = state.epoch + 1, generator.get_state()
