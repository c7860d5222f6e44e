"""The states of shards of one measure, joined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from specrob.artifacts import Artifact
from specrob.artifacts.validation import conforms
from specrob.errors import ArtifactError
from specrob.experiments.run_states import check_intact, signed

Named = tuple[str, Artifact]  # a file, and what it holds


def joined_state(parts: Sequence[Named]) -> Artifact:
    """Return the state of a run that has measured all batches, from those of its shards.

    Raises
    ------
    ArtifactError
        If one is no state of a shard, they are of different runs, or batches are missing.

    Examples
    --------
    >>> def part(number, done, x):
    ...     state = {"batches": [2, 1], "shard": [number, 2], "done": done}
    ...     fields = {"settings": {}, "state": state}
    ...     return str(number), signed(Artifact("checkpoint", {"x": np.array(x)}, fields))
    >>> joined_state([part(1, [0], [5, 5, 0]), part(2, [1], [0, 0, 7])]).arrays["x"].tolist()
    [5, 5, 7]
    """
    states = [_state(name, part) for name, part in parts]
    (first, whole), state = parts[0], states[0]
    for name, part in parts[1:]:
        _check_same(_run(part), _run(whole), name, first)
    ends, done = np.cumsum([0, *state.batches]), set[int]()
    arrays = {name: np.zeros_like(array) for name, array in whole.arrays.items()}
    for (_, part), own in zip(parts, states, strict=True):
        for batch in own.done:
            rows = slice(ends[batch], ends[batch + 1])
            for column, array in arrays.items():
                array[rows] = part.arrays[column][rows]
            done.add(batch)
    count = state.shard[1]
    missing = sorted(
        {batch % count + 1 for batch in range(len(state.batches)) if batch not in done}
    )
    if missing:
        raise ArtifactError(
            f"expected all {count} parts, found none or an unfinished one of "
            f"{', '.join(map(str, missing))}; run `shard` {missing[0]}/{count}"
        )
    facts = {"done": sorted(done), "batches": state.batches, "shard": None}
    return signed(replace(whole, arrays=arrays, fields={**whole.fields, "state": facts}))


@dataclass(frozen=True)
class ShardState:
    """Which batches a part has measured, of how many images each, and which part it is."""

    done: list[int]
    batches: list[int]
    shard: tuple[int, int]

    def fits(self, part: Artifact) -> bool:
        """Return whether the arrays of a part have a row for every image, and batches exist."""
        images = sum(self.batches)
        return (
            min(self.batches, default=0) > 0
            and all(0 <= batch < len(self.batches) for batch in self.done)
            and self.shard[1] > 0
            and all(array.shape[:1] == (images,) for array in part.arrays.values())
        )


def _state(name: str, part: Artifact) -> ShardState:
    plain = part.fields.get("state") or {}
    if part.kind == "checkpoint" and conforms(plain, ShardState):
        state = ShardState(plain["done"], plain["batches"], tuple(plain["shard"]))
        if state.fits(part):
            check_intact(part, name)
            return state
    raise ArtifactError(
        f"expected what a measure with `shard` wrote, found something else in {name}; name the "
        "parts alone"
    )


def _run(part: Artifact) -> Mapping[str, object]:
    """Return what is the same in all parts of one run."""
    return {
        "version of specrob": part.provenance.version,
        **part.fields["settings"],
        "batch size": part.fields["state"]["batches"],
        "number of parts": part.fields["state"]["shard"][1],
        "set of columns": {k: (a.shape, a.dtype.str) for k, a in part.arrays.items()},
    }


def _check_same(
    run: Mapping[str, object], first: Mapping[str, object], name: str, other: str
) -> None:
    for setting in {**first, **run}:
        if run.get(setting) != first.get(setting):
            raise ArtifactError(
                f"expected parts of one measure, found another {setting} in {name} than in "
                f"{other}; name the parts of one"
            )
