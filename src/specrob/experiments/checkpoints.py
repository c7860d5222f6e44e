"""Checkpoints, from which a run is resumed with bitwise the same result, or refused."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import torch

from specrob import __version__
from specrob.artifacts import Artifact, Provenance, read, write
from specrob.errors import ArtifactError, ModelError


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
    """

    target: str | None = None
    minutes: float = 1.0
    resumed: Artifact | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)
    written: float = field(default_factory=time.monotonic)

    @classmethod
    def of(
        cls, checkpoint: str | None, every: float, resume: str | None, provenance: Provenance
    ) -> "Checkpoints":
        """Return the checkpoints of these files.

        Raises
        ------
        ArtifactError
            If the file to resume from is missing or no checkpoint.
        """
        resumed = read(resume) if resume else None
        if resumed is not None and resumed.kind != "checkpoint":
            raise ArtifactError(
                f"expected a checkpoint in {resume}, found `{resumed.kind}`; "
                "name what `checkpoint` wrote"
            )
        return cls(checkpoint, every, resumed, provenance=provenance)

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
        """Write the state if the last write was long enough ago."""
        due = time.monotonic() - self.written >= 60 * self.minutes
        if self.target is None or not due:
            return
        numbers = {name: tensor.detach().cpu().numpy() for name, tensor in arrays.items()}
        fields = {"settings": dict(self.settings), **facts}
        write(Artifact("checkpoint", numbers, fields, self.provenance), self.target)
        self.written = time.monotonic()

    def load(
        self, device: torch.device
    ) -> tuple[dict[str, torch.Tensor], Mapping[str, Any]] | None:
        """Return the arrays and the facts of the state from which to resume, if there is one."""
        if self.resumed is None:
            return None
        arrays = self.resumed.arrays.items()
        tensors = {name: torch.tensor(array).to(device) for name, array in arrays}
        return tensors, self.resumed.fields["state"]


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
