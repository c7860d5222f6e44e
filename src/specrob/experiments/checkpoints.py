"""Checkpoints, from which a run is resumed with bitwise the same result, or refused."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from specrob import __version__
from specrob.artifacts import Artifact, Provenance, write
from specrob.artifacts.validation import conforms
from specrob.errors import ArtifactError, ModelError
from specrob.experiments.checkpoint_contents import (
    ENVIRONMENT,
    describe_environment,
    environment,
    environments_of,
    flatten_settings,
    read_checkpoint,
    to_json_value,
    with_checksum,
)
from specrob.experiments.held_signals import held_signals
from specrob.settings.run import CheckpointSettings

State = tuple[Mapping[str, torch.Tensor], Mapping[str, Any]]


@dataclass
class Checkpoints:
    """Where the state of a run is written from time to time, and from which it is resumed.

    Parameters
    ----------
    target : str or None
    minutes : float, 0 or more
        Between two writes.
    resumed, origin : Artifact and str, or None
        The checkpoint from which the run goes on, and its file.
    provenance : Provenance
    device : torch.device
    settings : mapping
        Everything that the run depends on, for comparison.
    written : float, seconds
    unwritten : pair of arrays and facts, or None
        The last state, where it is not written yet.
    written_any : bool
    reason : str
        Why it could not be written, which is said once.
    warn : callable (text)
    """

    target: str | None = None
    minutes: float = 1.0
    resumed: Artifact | None = None
    provenance: Provenance = field(default_factory=Provenance)
    device: torch.device = torch.device("cpu")
    settings: Mapping[str, Any] = field(default_factory=dict)
    origin: str | None = None
    written: float = field(default_factory=time.monotonic)
    unwritten: State | None = None
    written_any: bool = False
    reason: str = ""
    warn: Callable[[str], object] = warnings.warn

    @classmethod
    def of(
        cls,
        settings: CheckpointSettings,
        provenance: Provenance,
        device: torch.device,
        *,
        rank: int = 0,
        file_per_process: bool = False,
    ) -> "Checkpoints":
        """Return the checkpoints of the files that settings name.

        One that was begun with other cores, or by another torch, is resumed; the provenance says
        so. If one file is named to write to and to resume from, a run begins without it.

        Parameters
        ----------
        settings : CheckpointSettings
        provenance : Provenance
        device : torch.device
        rank : int
            Which of the processes of torchrun this is.
        file_per_process : bool
            Whether every process writes a checkpoint, rather than the first alone.

        Raises
        ------
        ArtifactError
            As `read_checkpoint`.
        """
        suffix = f".{rank}" if file_per_process and rank else ""
        named = settings.checkpoint or settings.resume
        target = f"{named}{suffix}" if named and (suffix or not rank) else None
        file, is_one = f"{settings.resume}{suffix}", settings.resume == settings.checkpoint
        if settings.resume is None or (is_one and not Path(file).exists()):
            return cls(target, settings.checkpoint_every, None, provenance, device)
        resumed = read_checkpoint(file)
        here = describe_environment(environment(device))
        others = dict.fromkeys(one for one in environments_of(resumed) if one != here)
        provenance = replace(provenance, begun_with=tuple(others))
        every = settings.checkpoint_every
        return cls(target, every, resumed, provenance, device, origin=file)

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Keep the settings; raise ModelError where those of the checkpoint to resume differ."""
        self.settings = to_json_value(settings)
        if self.replaced:
            self.warn(
                f"{self.target} is there; it is kept as {self.replaced} when this run writes its "
                "own, and `resume` would go on with it"
            )
        if self.resumed is None:
            return
        was, now = (run.command[1:2] for run in (self.resumed.provenance, self.provenance))
        if was and now and was != now:
            raise ModelError(
                f"expected a checkpoint of {now[0]}, found one of {was[0]}; resume from another"
            )
        version = self.resumed.provenance.version  # another may compute other numbers
        saved = {"specrob": version, **self.resumed.fields.get("settings", {})}
        ours = flatten_settings({"specrob": __version__, **self.settings})
        theirs = flatten_settings(saved)
        # a device that has nothing left to compute need not be that of before
        free = {"device"} if self.resumed.fields["state"].get("joined") else set()
        for name in [one for one in {**ours, **theirs} if one not in free]:
            if theirs.get(name) != ours.get(name):
                raise ModelError(
                    f"expected {name} {theirs.get(name)!r:.60} as in the checkpoint, found "
                    f"{ours.get(name)!r:.60}; resume with the same settings"
                )

    def save(self, arrays: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> None:
        """Keep the state, and write it if the last write was long enough ago.

        Arrays that the computation changes later are to be copies. A failure is a warning.
        """
        if self.target is None:
            return
        self.unwritten = arrays, facts
        if time.monotonic() - self.written >= 60 * self.minutes:
            self._write(self.target)

    def write_last(self) -> str | None:
        """Write the last state, if it is not written yet; return the file, if there is one.

        A signal waits until the file is whole.
        """
        if self.target is None:
            return None
        with held_signals():
            self._write(self.target)
        return self.target if self.written_any or self.resumed is not None else None

    @property
    def replaced(self) -> str | None:
        """Where what another run left in the file is kept, if there is anything."""
        is_other = self.target != self.origin and not self.written_any
        return f"{self.target}.old" if is_other and Path(self.target or "").is_file() else None

    def _write(self, target: str) -> None:
        if self.unwritten is None:
            return
        try:
            state = self.artifact(*self.unwritten)
            if self.replaced:
                Path(target).replace(self.replaced)
            write(state, target)
        except OSError as error:  # of which OutputError is one
            reason = str(error).partition("; ")[0]
            if reason != self.reason:
                self.warn(f"the checkpoint was not written: {reason}")
            self.reason = reason
        else:
            self.unwritten, self.written_any = None, True
        self.written = time.monotonic()

    def artifact(self, arrays: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> Artifact:
        """Return a state as what is written."""
        numbers = {name: tensor.detach().cpu().numpy() for name, tensor in arrays.items()}
        fields = {"settings": dict(self.settings), ENVIRONMENT: environment(self.device), **facts}
        return with_checksum(Artifact("checkpoint", numbers, fields, self.provenance))

    def load(
        self, device: torch.device, arrays: Sequence[str], *facts: type
    ) -> tuple[dict[str, torch.Tensor], Mapping[str, Any]] | None:
        """Return the arrays and the facts of the state from which to resume, if there is one.

        Parameters
        ----------
        device : torch.device
        arrays : sequence of str
            Names of arrays that there have to be.
        *facts : type
            Records whose fields the facts have to hold.

        Raises
        ------
        ArtifactError
            If something is missing, or of another type.
        """
        if self.resumed is None:
            return None
        state, there = self.resumed.fields["state"], self.resumed.arrays
        lacking = [name for name in arrays if name not in there]
        lacking += [record.__name__ for record in facts if not conforms(state, record)]
        if lacking:
            raise ArtifactError(
                f"expected a checkpoint of this command, found one without {', '.join(lacking)}; "
                "resume from another, or begin anew"
            )
        tensors = {name: torch.tensor(array).to(device) for name, array in there.items()}
        return tensors, state
