"""Measures image by image, in batches: shared among processes, kept and resumed.

Letters: ``B`` images in all, ``b`` of one batch.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from specrob.experiments.checkpoints import Checkpoints
from specrob.experiments.run_context import RunContext
from specrob.progress import Report

Columns = Mapping[str, Tensor]  # name -> (b, ...), a row for every image of a batch


def map_batches(
    batches: Sequence[int],
    measure: Callable[[int, Report], Columns],
    along: RunContext | None = None,
) -> dict[str, Tensor]:
    """Return what is measured of every image, (B, ...), whoever measured it.

    A batch is measured as a whole by one process, so that numbers do not depend on how many
    there are; batches that a checkpoint holds are not measured again.

    Parameters
    ----------
    batches : sequence of int
        Images in each batch.
    measure : callable (batch, report) -> Columns
    along : RunContext, optional
        Its checkpoints are begun, with the run's settings.

    Examples
    --------
    >>> map_batches([2, 1], lambda batch, _: {"x": torch.full((2 - batch,), batch)})
    {'x': tensor([0, 0, 1])}
    """
    along = along or RunContext()
    kept, shared, report = along.checkpoints, along.processes, along.report
    ends = np.cumsum([0, *batches])
    mine = range(shared.rank, len(batches), shared.count)
    whole, done = _resumed(kept, mine, ends)
    for batch in mine or [0]:  # a process without a batch needs to know the columns all the same
        if batch in done:
            continue

        def within(settled: int, of: int, batch: int = batch, **facts: float) -> None:
            report(int(ends[batch]) + batches[batch] * settled // max(1, of), int(ends[-1]))

        found = measure(batch, within)
        for name, values in found.items():
            if name not in whole:
                whole[name] = values.new_zeros((int(ends[-1]), *values.shape[1:]))
            if batch in mine:
                whole[name][ends[batch] : ends[batch + 1]] = values
        done.append(batch)
        kept.save(whole, {"state": {"done": list(done)}})
        report(int(ends[batch + 1]), int(ends[-1]))
    return {name: shared.sum(whole[name]) for name in sorted(whole)}


def _resumed(
    kept: Checkpoints, mine: Sequence[int], ends: np.ndarray
) -> tuple[dict[str, Tensor], list[int]]:
    """Return the columns in a checkpoint and whose they are; zero where they are others'."""
    if kept.resumed is None:
        return {}, []
    done = [batch for batch in kept.resumed.fields["state"]["done"] if batch in mine]
    whole = {name: torch.tensor(array) for name, array in kept.resumed.arrays.items()}
    for values in whole.values():
        for batch in range(len(ends) - 1):
            if batch not in done:
                values[ends[batch] : ends[batch + 1]] = 0
    return whole, done
