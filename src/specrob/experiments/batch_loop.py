"""Measures of each image, in batches: distributed over processes, checkpointed and resumed.

Letters: ``B`` images, ``b`` images of one batch.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.errors import PartMeasured
from specrob.experiments.checkpoints import Checkpoints
from specrob.experiments.run_context import RunContext
from specrob.experiments.run_states import plain
from specrob.progress import Report, report_part

Facts = Mapping[str, Any]
Columns = Mapping[str, Tensor]  # name -> (b, ...), a row for every image of a batch


def map_batches(
    batches: Sequence[int],
    measure: Callable[[int, Report], Columns],
    context: RunContext | None = None,
) -> dict[str, Tensor]:
    """Return the measures of every image, (B, ...), by all processes, on the CPU.

    A batch is measured as a whole by one process, so that numbers do not depend on how many
    there are; batches in a checkpoint are not measured again.

    Parameters
    ----------
    batches : sequence of int
        Number of images in each batch.
    measure : callable (batch, report) -> Columns
    context : RunContext, optional
        Its checkpoints are begun, with the run's settings.

    Raises
    ------
    PartMeasured
        If the context is that of a shard, with the state of its batches.

    Examples
    --------
    >>> map_batches([2, 1], lambda batch, _: {"x": torch.full((2 - batch,), batch)})
    {'x': tensor([0, 0, 1])}
    """
    context = context or RunContext()
    checkpoints, processes, report = context.checkpoints, context.processes, context.report
    ends, total = np.cumsum([0, *batches]), sum(batches)
    number, parts = context.shard or (processes.rank + 1, processes.count)
    mine = range(number - 1, len(batches), parts)
    whole, done = _resumed(checkpoints, mine, ends)
    with checkpoints.written_on_interrupt():
        for batch in mine or [0]:  # a process without a batch still needs the columns
            if batch in done:
                continue
            part = report_part(report, int(ends[batch]), batches[batch], total)
            for name, found in measure(batch, part).items():
                values = found.cpu()
                if name not in whole:
                    whole[name] = values.new_zeros((total, *values.shape[1:]))
                if batch in mine:
                    whole[name][ends[batch] : ends[batch + 1]] = values
            done += [batch] if batch in mine else []
            checkpoints.save(whole, _state(done, batches, context))
            report(int(ends[batch + 1]), total)
    if context.shard is not None:
        raise PartMeasured(checkpoints.artifact(whole, _state(done, batches, context)))
    return {name: processes.sum(whole[name]) for name in sorted(whole)}


def _state(done: Sequence[int], batches: Sequence[int], context: RunContext) -> Facts:
    """Return which batches are measured, of how many images each, and of which shard."""
    state = {"done": list(done), "batches": list(batches), "shard": context.shard}
    return {"state": plain(state)}


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
