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
from specrob.linalg import lp_norms, signed_power
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


@dataclass(frozen=True)
class Convergence:
    """How far the units have come.

    Parameters
    ----------
    converged : Tensor, (N,), bool
        The row's p-norm is within 0.01 of R.
    wrong_attractor : Tensor, (N,), bool
        The row's mean is below ``-(R/2) D^(-1/p)``.
    """

    converged: Tensor
    wrong_attractor: Tensor


@dataclass
class State:
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


def plasticity(synapses: Tensor, images: Tensor, rule: Rule, winners_in: torch.dtype) -> Tensor:
    """Return the summed change of the synapses, eq. (4) and (5) of [2]_.

    ``dS = sum over images of [ R^p g x^T - (g * h) S ]`` with ``h = S |S|^(p-2) x``, ``g`` 1 at
    the largest h, ``-delta`` at the k-th largest, 0 elsewhere; ties go to the lowest index. Only
    two entries of g per image are not zero, so ``g x^T`` is a sum of 2B scaled rows.

    Parameters
    ----------
    synapses : Tensor, (N, D)
    images : Tensor, (B, D)
    rule : Rule
    winners_in : torch.dtype
        Precision in which winners are found; everything else is in that of the synapses.

    Returns
    -------
    Tensor, (N, D)

    Examples
    --------
    >>> plasticity(torch.eye(2), torch.tensor([[2.0, 1.0]]), Rule(p=2), torch.float32)
    tensor([[ 0.0000,  1.0000],
            [-0.8000,  0.0000]])
    """
    weight = signed_power(synapses, rule.p - 1)
    winner, runner_up = ranked(images.to(winners_in) @ weight.to(winners_in).T, rule.k)
    change, decay = torch.zeros_like(synapses), synapses.new_zeros(len(synapses))
    for unit, g in ((winner, 1.0), (runner_up, -rule.delta)):
        if unit is not None:
            h = (weight[unit] * images).sum(1)
            _add_rows_(change, unit, images, g * rule.radius**rule.p)
            _add_rows_(decay, unit, h, g)
    return change.addcmul_(decay[:, None], synapses, value=-1)


def _add_rows_(sums: Tensor, units: Tensor, rows: Tensor, scale: float) -> None:
    """Add each row, (B, ...), to its unit's sum, (N, ...), in an order that never changes."""
    if sums.device.type == "cpu":
        sums.index_add_(0, units, rows, alpha=scale)
    else:  # there index_add_ sums in any order, and a product costs little
        chosen = torch.zeros(len(rows), len(sums), dtype=rows.dtype, device=rows.device)
        chosen.scatter_(1, units[:, None], 1)
        sums.view(len(sums), -1).addmm_(chosen.T, rows.view(len(rows), -1), alpha=scale)


def ranked(h: Tensor, k: int) -> tuple[Tensor, Tensor | None]:
    """Return the units with the largest and the k-th largest input, ties to the lowest index.

    Overwrites `h`, (B, N). With k = 1 eq. (5) leaves no unit to inhibit.

    >>> ranked(torch.tensor([[1.0, 3.0, 3.0]]), 2)
    (tensor([1]), tensor([2]))
    """
    if k == 1:
        return h.argmax(1), None
    if k > 2:
        order = h.sort(dim=1, descending=True, stable=True).indices
        return order[:, 0], order[:, k - 1]
    winner = h.argmax(1)
    return winner, h.scatter_(1, winner[:, None], -torch.inf).argmax(1)


def update_(
    synapses: Tensor,
    images: Tensor,
    *,
    rate: float,
    rule: Rule,
    winners_in: torch.dtype = torch.float32,
) -> None:
    """Take one step, ``S += rate dS / max|dS|``; nothing changes where max|dS| is 0."""
    change = plasticity(synapses, images, rule, winners_in)
    low, high = change.aminmax()
    largest = torch.maximum(-low, high)
    synapses.addcmul_(change, torch.where(largest > 0, rate / largest, 0))


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
    start: State | None = None,
    save: Callable[[State], None] | None = None,
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
        Precision in which winners are found.
    patience : int, optional
        Stop after so many epochs without one more converged unit, once half have converged.
    start : State, optional
        Of an earlier run of the same settings, to go on from.
    save : callable (State), optional
        Called after every epoch.
    report : Report
    """
    state, images = start or State(synapses, generator.get_state()), images.flatten(1)
    state = replace(state, synapses=state.synapses.clone())
    generator.set_state(state.order)
    synapses, work = state.synapses, min(batch_size, len(images)) * state.synapses.numel()
    while state.epoch < epochs and (patience is None or state.stalled < patience):
        step = rate * (1 - state.epoch / epochs)
        with threads_for(work):
            for rows in minibatches(len(images), batch_size, generator):
                batch = images[rows.to(images.device)]
                update_(synapses, batch, rate=step, rule=rule, winners_in=winners_in)
        converged = int(convergence(synapses, rule).converged.sum())
        _note_(state, converged, generator)
        report(state.epoch, epochs, converged=converged / len(synapses))
        if save is not None:
            save(state)
    return synapses, state.epoch


def never_winning(
    synapses: Tensor, images: Tensor, rule: Rule, *, batch_size: int = 1000
) -> Tensor:
    """Return which units have the largest input for no image, (N,), bool.

    >>> never_winning(torch.eye(3), torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), Rule())
    tensor([False,  True, False])
    """
    weight = signed_power(synapses, rule.p - 1)
    never = torch.ones(len(synapses), dtype=torch.bool, device=synapses.device)
    for part in images.flatten(1).split(batch_size):
        never[(part @ weight.T).argmax(1)] = False
    return never


def _note_(state: State, converged: int, generator: torch.Generator) -> None:
    """Count the epoch; it has stalled if at least half are converged and no more than before."""
    enough = 2 * converged >= len(state.synapses)
    state.stalled = state.stalled + 1 if enough and converged <= state.most_converged else 0
    state.most_converged = max(state.most_converged, converged)
    state.epoch, state.order = state.epoch + 1, generator.get_state()


def convergence(synapses: Tensor, rule: Rule) -> Convergence:
    """Return which units have converged, and which fell into the all-negative attractor."""
    norms, mean = lp_norms(synapses, rule.p), synapses.mean(1)
    lowest = -(rule.radius / 2) * synapses.shape[1] ** (-1 / rule.p)
    return Convergence((norms - rule.radius).abs() < 0.01, mean < lowest)
