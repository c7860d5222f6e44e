"""Checkpoints, from which a run is resumed with bitwise the same result, or refused."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from specrob import __version__
from specrob.artifacts import Artifact, Provenance, read, write
from specrob.errors import ArtifactError, ModelError
from specrob.experiments.run_states import (
    ENVIRONMENT,
    check_intact,
    environment,
    flat,
    in_words,
    plain,
    signed,
)
from specrob.settings.run import CheckpointSettings

State = tuple[Mapping[str, torch.Tensor], Mapping[str, Any]]


@dataclass
class Checkpoints:
    """Where the state of a run is written, and the checkpoint from which it is resumed.

    Parameters
    ----------
    target : str or None
        File that is rewritten from time to time.
    minutes : float, 0 or more
        Time between two writes; 0 writes after every epoch.
    settings : mapping
        Everything that the run depends on, for comparison.
    written : float, seconds
        Time of the last write.
    unwritten : pair of arrays and facts, or None
        The last state, where it is not written yet.
    written_any : bool
        Whether a state was written.
    """

    target: str | None = None
    minutes: float = 1.0
    resumed: Artifact | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)
    written: float = field(default_factory=time.monotonic)
    unwritten: State | None = None
    written_any: bool = False

    @classmethod
    def of(
        cls,
        settings: CheckpointSettings,
        provenance: Provenance,
        *,
        rank: int = 0,
        file_per_process: bool = False,
    ) -> "Checkpoints":
        """Return the checkpoints of the files that settings name.

        A checkpoint that was begun with other cores, or by another torch, is resumed; the
        provenance says so.

        Parameters
        ----------
        rank : int
            Which of the processes of torchrun this is.
        file_per_process : bool
            Whether every process writes a checkpoint, rather than the first alone.

        Raises
        ------
        ArtifactError
            If the file to resume from is missing or no checkpoint.
        """
        suffix = f".{rank}" if file_per_process and rank else ""
        target = settings.checkpoint and f"{settings.checkpoint}{suffix}"
        target = None if rank and not suffix else target
        if settings.resume is None:
            return cls(target, settings.checkpoint_every, provenance=provenance)
        resumed = read(f"{settings.resume}{suffix}")
        if resumed.kind != "checkpoint":
            raise ArtifactError(
                f"expected a checkpoint in {settings.resume}, found `{resumed.kind}`; "
                "name what `checkpoint` wrote"
            )
        check_intact(resumed, f"{settings.resume}{suffix}")
        begun = (
            *resumed.provenance.begun_with,
            in_words(resumed.fields.get(ENVIRONMENT)),
        )
        here = ("", in_words(environment()))
        others = tuple(dict.fromkeys(one for one in begun if one not in here))
        provenance = replace(provenance, begun_with=others)
        return cls(target, settings.checkpoint_every, resumed, provenance=provenance)

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Keep the settings; raise ModelError where those of the checkpoint to resume differ."""
        self.settings = plain(settings)
        if self.resumed is None:
            return
        version = self.resumed.provenance.version  # another may compute other numbers
        saved = {"specrob": version, **self.resumed.fields.get("settings", {})}
        ours = flat({"specrob": __version__, **self.settings})
        theirs = flat(saved)
        for name in dict.fromkeys([*ours, *theirs]):
            if theirs.get(name) != ours.get(name):
                raise ModelError(
                    f"expected {name} {theirs.get(name)!r:.60} as in the checkpoint, found "
                    f"{ours.get(name)!r:.60}; resume with the same settings"
                )

    def save(self, arrays: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> None:
        """Keep the state, and write it if the last write was long enough ago.

        Arrays that the computation changes after this call are to be copies.
        """
        if self.target is None:
            return
        self.unwritten = arrays, facts
        if time.monotonic() - self.written >= 60 * self.minutes:
            self._write(self.target)

    @contextmanager
    def written_on_interrupt(self) -> Iterator[None]:
        """Write the last state where what runs within is interrupted; say so in a note."""
        try:
            yield
        except KeyboardInterrupt as stop:
            if self.target is not None:
                self._write(self.target)
                if self.written_any:
                    stop.add_note(f"go on with `resume` {self.target}")
            raise

    def _write(self, target: str) -> None:
        if self.unwritten is None:
            return
        write(self.artifact(*self.unwritten), target)
        self.unwritten, self.written, self.written_any = None, time.monotonic(), True

    def artifact(self, arrays: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> Artifact:
        """Return a state as what is written."""
        numbers = {name: tensor.detach().cpu().numpy() for name, tensor in arrays.items()}
        fields = {"settings": dict(self.settings), ENVIRONMENT: environment(), **facts}
        return signed(Artifact("checkpoint", numbers, fields, self.provenance))

    def load(
        self, device: torch.device
    ) -> tuple[dict[str, torch.Tensor], Mapping[str, Any]] | None:
        """Return the arrays and the facts of the state from which to resume, if there is one."""
        if self.resumed is None:
            return None
        arrays = self.resumed.arrays.items()
        tensors = {name: torch.tensor(array).to(device) for name, array in arrays}
        return tensors, self.resumed.fields["state"]
