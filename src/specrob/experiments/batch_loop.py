"""Measures of each image, in batches: distributed over processes, checkpointed and resumed.

Letters: ``B`` images, ``b`` images of one batch.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from specrob.errors import ArtifactError, ShardMeasured
from specrob.experiments.checkpoint_contents import to_json_value
from specrob.experiments.run_context import RunContext
from specrob.progress import Report, report_part

Facts = Mapping[str, Any]
Columns = Mapping[str, Tensor]  # name -> (b, ...), a row for every image of a batch


class ImageColumns(dict[str, Tensor]):
    """Columns of all images, (B, ...); a checkpoint may lack one."""

    def __missing__(self, name: str) -> Tensor:
        """Raise ArtifactError."""
        raise ArtifactError(
            f"expected `{name}` of every image in the checkpoint, found none; begin anew"
        )


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
    ShardMeasured
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
    if context.shard and len(batches) < parts:
        checkpoints.warn(
            f"fewer batches than shards, {len(batches)} for {parts}: some measure no images; give "
            "every shard a smaller `batch_size`"
        )
    whole, done = _resumed(context, mine, batches)
    # a process without a batch still needs the columns, a shard does not
    for batch in mine or ([] if context.shard else [0]):
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
        rows = [slice(ends[batch], ends[batch + 1]) for batch in sorted(done)]
        own = {k: torch.cat([v[some] for some in rows]) for k, v in whole.items() if rows}
        raise ShardMeasured(checkpoints.artifact(own, _state(sorted(done), batches, context)))
    return ImageColumns({name: processes.sum(whole[name]) for name in sorted(whole)})


def _state(done: Sequence[int], batches: Sequence[int], context: RunContext) -> Facts:
    """Return which batches are measured, of how many images each, and of which shard."""
    state = {"done": list(done), "batches": list(batches), "shard": context.shard}
    return {"state": to_json_value(state)}


def _resumed(
    context: RunContext, mine: Sequence[int], batches: Sequence[int]
) -> tuple[dict[str, Tensor], list[int]]:
    """Return the columns in a checkpoint, zero in batches that are not in it, and those that are.

    Batches of other processes are left to them.

    Raises
    ------
    ArtifactError
        If it is of another shard, or the output of one.
    """
    resumed = context.checkpoints.resumed
    if resumed is None:
        return {}, []
    state, ends = resumed.fields["state"], np.cumsum([0, *batches])
    shard = state.get("shard")
    if shard not in (None, to_json_value(context.shard)):
        raise ArtifactError(
            f"expected a checkpoint of the same shard, found one of {shard[0]}/{shard[1]}; pass "
            "the same `shard`"
        )
    if any(len(array) != ends[-1] for array in resumed.arrays.values()):
        raise ArtifactError(
            "expected a checkpoint of these images, found what a shard gives; join all shards "
            "with `specrob merge`"
        )
    done = [batch for batch in state["done"] if batch in mine]
    whole = {name: torch.tensor(array) for name, array in resumed.arrays.items()}
    for values in whole.values():
        for batch in set(range(len(batches))) - set(done):
            values[ends[batch] : ends[batch + 1]] = 0
    return whole, done
