"""Checkpoints, from which a run is resumed with bitwise the same result, or refused."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import torch

from specrob import __version__
from specrob.artifacts import Artifact, Provenance, read, write
from specrob.artifacts.artifact import digest
from specrob.errors import ArtifactError, ModelError
from specrob.settings.run import CheckpointSettings

ENVIRONMENT, CONTENT = "environment", "content"

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
        begun = (*resumed.provenance.begun_with, _words(resumed.fields.get(ENVIRONMENT)))
        here = ("", _words(environment()))
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
        ours = _flat({"specrob": __version__, **self.settings})
        theirs = _flat(saved)
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


def signed(state: Artifact) -> Artifact:
    """Return a state with a digest of all that a run goes on from."""
    fields = {name: value for name, value in state.fields.items() if name != CONTENT}
    return replace(state, fields={**fields, CONTENT: digest(state.arrays, fields)})


def check_intact(state: Artifact, name: str) -> None:
    """Raise ArtifactError where a state is not the one that was written.

    >>> check_intact(signed(Artifact("checkpoint", fields={"settings": {}, "state": {}})), "a")
    """
    is_ours = state.provenance.version == __version__  # of others the version is named first
    if is_ours and signed(state).fields[CONTENT] != state.fields.get(CONTENT):
        raise ArtifactError(
            f"expected a state in {name} as it was written, found other content; resume from "
            "another, or begin anew"
        )


def environment() -> dict[str, str | int]:
    """Return what may change the last bits of results beside the settings.

    >>> list(environment())
    ['torch', 'threads', 'processor']
    """
    return {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "processor": torch.backends.cpu.get_cpu_capability(),
    }


def _words(environment: Mapping[str, str | int] | None) -> str:
    """Return an environment in words.

    >>> _words({"torch": "2.9.0", "threads": 2})
    'torch 2.9.0, threads 2'
    """
    return ", ".join(f"{name} {value}" for name, value in (environment or {}).items())


def copies(arrays: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return copies on the CPU, which later steps of a computation do not change.

    >>> weights = {"w": torch.zeros(1)}
    >>> before = copies(weights)
    >>> weights["w"] += 1
    >>> before
    {'w': tensor([0.])}
    """
    return {name: one.detach().to("cpu", copy=True) for name, one in arrays.items()}


def plain(value: Any) -> Any:
    """Return a setting as it is in JSON.

    >>> plain({"eps": (0.1, 0.2)})
    {'eps': [0.1, 0.2]}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if is_dataclass(value):
        columns = {column.name: getattr(value, column.name) for column in fields(value)}
        return plain({"type": type(value).__name__, **columns})
    return value


def _flat(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return settings, those within others named by both."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        inner = isinstance(value, dict)
        found |= _flat(value, f"{before}{name} ") if inner else {f"{before}{name}": value}
    return found
