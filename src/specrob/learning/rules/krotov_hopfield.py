"""The rule of Krotov and Hopfield: winners learn, the k-th runner-up unlearns.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units.

References
----------
.. [1] D. Krotov and J. J. Hopfield, "Unsupervised learning by competing hidden units", PNAS
   116(16), 2019, DOI 10.1073/pnas.1820458116.
.. [2] "Exploring mechanisms of neural robustness", arXiv:2405.00679, eq. (3) to (5).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from specrob.distributed import SINGLE_PROCESS, BatchShard, Processes
from specrob.learning.local_training import LocalRule, Update
from specrob.learning.rules.winners import find_winners, winning_weight
from specrob.linalg import lp_norms, signed_power
from specrob.settings.local import KrotovHopfield

TOLERANCE = 0.01  # of a row's norm, beside R


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


@dataclass(frozen=True)
class KrotovHopfieldRule(LocalRule):
    """The rule with its constants."""

    precisions: ClassVar[tuple[str, ...]] = ("float32", "bfloat16")

    constants: KrotovHopfield = KrotovHopfield()

    def weight(self, synapses: Tensor) -> Tensor:
        """Return ``S |S|^(p-2)``, eq. (3) of [2]_."""
        return signed_power(synapses, self.constants.p - 1)

    def converged(self, synapses: Tensor) -> Tensor:
        """Return which rows have a p-norm within 0.01 of R."""
        return (self.norms(synapses) - self.constants.radius).abs() < TOLERANCE

    def wrong_attractor(self, synapses: Tensor) -> Tensor:
        """Return which rows have a mean below ``-(R/2) D^(-1/p)``: they answer no image.

        >>> synapses = torch.tensor([[1.0, 0.0], [-0.8, -0.8], [0.3, 0.3]])
        >>> KrotovHopfieldRule().wrong_attractor(synapses)
        tensor([False,  True, False])
        """
        pixels = float(synapses.shape[1])
        lowest: float = -(self.constants.radius / 2) * pixels ** (-1 / self.constants.p)
        return synapses.mean(1) < lowest

    def norms(self, synapses: Tensor) -> Tensor:
        """Return the p-norms of the rows."""
        return lp_norms(synapses, self.constants.p)

    def change(
        self,
        synapses: Tensor,
        images: Tensor,
        *,
        precision: torch.dtype = torch.float32,
        weight: Tensor | None = None,
        processes: Processes = SINGLE_PROCESS,
    ) -> Change:
        """Return the summed change of the synapses, eq. (4) and (5) of [2]_.

        ``dS = sum over images of [ R^p g x^T - (g * h) S ]`` with ``h = S |S|^(p-2) x``, ``g`` 1
        at the largest h, ``-delta`` at the k-th largest, 0 elsewhere; ties go to the lowest
        index. Only two entries of g per image are not zero, so ``G = g x^T`` is a sum of 2B
        scaled rows, and the sum of ``g * h`` of a unit is its weight times its row of G.

        Parameters
        ----------
        synapses : Tensor, (N, D)
        images : Tensor, (B, D)
        precision : torch.dtype
            Format in which winners are found; everything else is in that of the synapses.
        weight : Tensor, (N, D), optional
            `winning_weight` of the synapses, where it is at hand.
        processes : Processes
            Find winners together; the rest costs little, and each does all of it, so that all
            take the same step.

        Examples
        --------
        >>> rule = KrotovHopfieldRule(KrotovHopfield(p=2))
        >>> rule.change(torch.eye(2), torch.tensor([[2.0, 1.0]])).rows
        tensor([[ 0.0000,  1.0000],
                [-0.8000,  0.0000]])
        """
        constants = self.constants
        if weight is None:
            weight = winning_weight(synapses, constants.p, precision)
        winners = find_winners(images, weight, k=constants.k, dtype=precision, processes=processes)
        units, slots = winners.flatten().unique(return_inverse=True)
        rows, before = images.new_zeros(len(units), images.shape[1]), synapses[units]
        for slot, g in zip(slots.split(len(images)), (1.0, -constants.delta), strict=False):
            _add_rows_(rows, slot, images, g)
        decay = (signed_power(before, constants.p - 1) * rows).sum(1)
        rows.mul_(constants.radius**constants.p).addcmul_(decay[:, None], before, value=-1)
        return Change(units, before, rows)

    def update_(self, synapses: Tensor, images: Tensor, rate: float, shard: BatchShard) -> None:
        """Take one step, ``S += rate dS / max|dS|``; nothing changes where max|dS| is 0."""
        _step_(synapses, self.change(synapses, images, processes=shard.processes), rate)

    def stepper(
        self,
        synapses: Tensor,
        *,
        precision: torch.dtype = torch.float32,
        processes: Processes = SINGLE_PROCESS,
    ) -> Update:
        """Return `update_` of these synapses, whose winning weight follows them."""
        p = self.constants.p
        weight = winning_weight(synapses, p, precision)

        def update_(images: Tensor, rate: float) -> None:
            change = self.change(
                synapses, images, precision=precision, weight=weight, processes=processes
            )
            after = _step_(synapses, change, rate)
            weight.index_copy_(0, change.units, winning_weight(after, p, precision))

        return update_


def _step_(synapses: Tensor, change: Change, rate: float) -> Tensor:
    """Change the synapses; return the rows that did, (U, D)."""
    largest = torch.stack(change.rows.aminmax()).abs().max()
    after = change.before.addcmul_(change.rows, torch.where(largest > 0, rate / largest, 0))
    synapses.index_copy_(0, change.units, after)
    return after


def _add_rows_(sums: Tensor, slots: Tensor, rows: Tensor, scale: float) -> None:
    """Add each row, (B, ...), to its slot's sum, (U, ...), in an order that never changes."""
    if sums.device.type == "cpu":
        sums.index_add_(0, slots, rows, alpha=scale)
    else:  # there index_add_ sums in any order, and a product costs little
        chosen = torch.zeros(len(rows), len(sums), dtype=rows.dtype, device=rows.device)
        chosen.scatter_(1, slots[:, None], 1)
        sums.addmm_(chosen.T, rows, alpha=scale)
