"""What the shards of one measure gave, joined to the checkpoint of a run that has measured all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from specrob.artifacts import Artifact
from specrob.artifacts.validation import conforms
from specrob.errors import ArtifactError
from specrob.experiments.checkpoint_contents import (
    check_checksum,
    environments_of,
    with_checksum,
)

Named = tuple[str, Artifact]  # a file, and what it holds


@dataclass(frozen=True)
class ShardState:
    """Which batches a shard has measured, of how many images each, and which shard it is."""

    done: list[int]
    batches: list[int]
    shard: tuple[int, int]

    def fits(self, arrays: Mapping[str, np.ndarray]) -> bool:
        """Return whether arrays have a row for every image of batches that there are."""
        return (
            min(self.batches, default=0) > 0
            and self.done == sorted({*self.done} & {*range(len(self.batches))})
            and self.shard[1] > 0
            and all(a.shape[:1] == (sum(self.sizes()),) for a in arrays.values())
        )

    def sizes(self) -> list[int]:
        """Return the number of images of every batch that is done."""
        return [self.batches[batch] for batch in self.done]


def joined_state(shards: Sequence[Named]) -> Artifact:
    """Return the checkpoint of a run that has measured all batches, from what its shards gave.

    Raises
    ------
    ArtifactError
        If one is no output of a shard, they are of different runs, or batches are missing.

    Examples
    --------
    >>> def shard(number, done, x):
    ...     state = {"batches": [2, 1], "shard": [number, 2], "done": done}
    ...     fields = {"settings": {}, "state": state}
    ...     return str(number), with_checksum(Artifact("checkpoint", {"x": np.array(x)}, fields))
    >>> joined_state([shard(2, [1], [7]), shard(1, [0], [5, 5])]).arrays["x"].tolist()
    [5, 5, 7]
    """
    states = [_state(name, shard) for name, shard in shards]
    full = [one for one in shards if one[1].arrays] or shards[:1]  # a shard may be without images
    (first, whole), state = full[0], states[0]
    for name, shard in shards:
        _check_same(_run(shard), _run(whole), name, first)
    ends, done = np.cumsum([0, *state.batches]), set[int]()
    arrays = {k: np.zeros((ends[-1], *a.shape[1:]), a.dtype) for k, a in whole.arrays.items()}
    for (_, shard), own in zip(shards, states, strict=True):
        starts = np.cumsum([0, *own.sizes()])
        for batch, start, stop in zip(own.done, starts, starts[1:], strict=False):
            for column, array in shard.arrays.items():
                arrays[column][ends[batch] : ends[batch + 1]] = array[start:stop]
            done.add(batch)
    _check_complete(done, state)
    computed = dict.fromkeys(words for _, shard in shards for words in environments_of(shard))
    facts = {"done": sorted(done), "batches": state.batches, "shard": None, "joined": True}
    fields = {**whole.fields, "state": facts, "environment": None}
    run = replace(whole.provenance, begun_with=tuple(computed))
    return with_checksum(replace(whole, arrays=arrays, fields=fields, provenance=run))


def _state(name: str, shard: Artifact) -> ShardState:
    plain = shard.fields.get("state") or {}
    if shard.kind == "checkpoint" and conforms(plain, ShardState):
        state = ShardState(plain["done"], plain["batches"], tuple(plain["shard"]))
        if state.fits(shard.arrays):
            check_checksum(shard, name)
            return state
    raise ArtifactError(
        f"expected what a measure with `shard` gave, found something else in {name}; name the "
        "outputs of shards alone"
    )


def _run(shard: Artifact) -> Mapping[str, object]:
    """Return what is the same in all shards of one run."""
    columns = {name: (a.shape[1:], a.dtype.str) for name, a in shard.arrays.items()}
    return {
        "version of specrob": shard.provenance.version,
        **shard.fields["settings"],
        "batch size": shard.fields["state"]["batches"],
        "number of shards": shard.fields["state"]["shard"][1],
        **({"set of columns": columns} if columns else {}),
    }


def _check_same(
    run: Mapping[str, object], first: Mapping[str, object], name: str, other: str
) -> None:
    for setting in [one for one in {**first, **run} if one != "set of columns" or one in run]:
        if run.get(setting) != first.get(setting):
            raise ArtifactError(
                f"expected shards of one measure, found another {setting} in {name} than in "
                f"{other}; name those of one"
            )


def _check_complete(done: set[int], state: ShardState) -> None:
    count, undone = state.shard[1], set(range(len(state.batches))) - done
    missing = sorted({batch % count + 1 for batch in undone})
    if missing:
        raise ArtifactError(
            f"expected all {count} shards, each named once, found none or an unfinished one of "
            f"{', '.join(map(str, missing))}; run --shard {missing[0]}/{count}"
        )
