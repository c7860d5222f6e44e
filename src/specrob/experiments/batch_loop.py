"""Measures of each image, in batches: distributed over processes, checkpointed and resumed.

Letters: ``B`` images, ``b`` images of one batch.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.experiments.checkpoints import Checkpoints
from specrob.experiments.run_context import RunContext
from specrob.progress import Report, report_part

Columns = Mapping[str, Tensor]  # name -> (b, ...), a row for every image of a batch


def map_batches(
    batches: Sequence[int],
    measure: Callable[[int, Report], Columns],
    context: RunContext | None = None,
) -> dict[str, Tensor]:
    """Return the measures of every image, (B, ...), by all processes.

    A batch is measured as a whole by one process, so that numbers do not depend on how many
    there are; batches in a checkpoint are not measured again.

    Parameters
    ----------
    batches : sequence of int
        Number of images in each batch.
    measure : callable (batch, report) -> Columns
    context : RunContext, optional
        Its checkpoints are begun, with the run's settings.

    Examples
    --------
    >>> map_batches([2, 1], lambda batch, _: {"x": torch.full((2 - batch,), batch)})
    {'x': tensor([0, 0, 1])}
    """
    context = context or RunContext()
    checkpoints, processes, report = context.checkpoints, context.processes, context.report
    ends, total = np.cumsum([0, *batches]), sum(batches)
    mine = range(processes.rank, len(batches), processes.count)
    whole, done = _resumed(checkpoints, mine, ends)
    with checkpoints.written_on_interrupt():
        for batch in mine or [0]:  # a process without a batch still needs the columns
            if batch in done:
                continue
            part = report_part(report, int(ends[batch]), batches[batch], total)
            for name, values in measure(batch, part).items():
                if name not in whole:
                    whole[name] = values.new_zeros((total, *values.shape[1:]))
                if batch in mine:
                    whole[name][ends[batch] : ends[batch + 1]] = values
            done.append(batch)
            checkpoints.save(whole, {"state": {"done": list(done)}})
            report(int(ends[batch + 1]), total)
    return {name: processes.sum(whole[name]) for name in sorted(whole)}


def _resumed(
    checkpoints: Checkpoints, mine: Sequence[int], ends: NDArray[np.int64]
) -> tuple[dict[str, Tensor], list[int]]:
    """Return the columns in a checkpoint, zero in batches that are not in it, and those that are.

    Batches of other processes are left to them.
    """
    if checkpoints.resumed is None:
        return {}, []
    done = [batch for batch in checkpoints.resumed.fields["state"]["done"] if batch in mine]
    whole = {name: torch.tensor(array) for name, array in checkpoints.resumed.arrays.items()}
    for values in whole.values():
        for batch in range(len(ends) - 1):
            if batch not in done:
                values[ends[batch] : ends[batch + 1]] = 0
    return whole, done
