"""Checkpoints, from which a run is resumed with bitwise the same result, or refused."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import torch

from specrob import __version__
from specrob.artifacts import Artifact, Data, Provenance, read, write
from specrob.distributed import Processes
from specrob.errors import ArtifactError, ModelError
from specrob.settings.images import ImageSettings


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

    def begin(self, settings: Mapping[str, Any]) -> Artifact | None:
        """Return the checkpoint from which to resume, if it is of the same settings.

        Raises
        ------
        ModelError
            If one differs.
        """
        self.settings = settings
        if self.resumed is None:
            return None
        version = self.resumed.provenance.version  # another may compute other numbers
        saved = {"specrob": version, **self.resumed.fields.get("settings", {})}
        for name, value in {"specrob": __version__, **settings}.items():
            if saved.get(name) != value:
                raise ModelError(
                    f"expected {name} {saved.get(name)!r:.60} as in the checkpoint, found "
                    f"{value!r:.60}; resume with the same settings"
                )
        return self.resumed

    def save(self, arrays: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> None:
        """Write the state if the last write was long enough ago."""
        due = time.monotonic() - self.written >= 60 * self.minutes
        if self.target is None or not due:
            return
        plain = {name: tensor.detach().cpu().numpy() for name, tensor in arrays.items()}
        fields = {"settings": dict(self.settings), **facts}
        write(Artifact("checkpoint", plain, fields, self.provenance), self.target)
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


def run_settings(
    settings: Mapping[str, Any],
    images: ImageSettings,
    data: Data,
    normalize: str,
    *,
    device: torch.device,
    processes: Processes,
) -> dict[str, Any]:
    """Return everything that the outcome of a run depends on, for checkpoints.

    Parameters
    ----------
    settings : mapping of str to value
        The settings by name, with the seed and the batch size.
    data : Data
        The record of the images that were loaded.
    normalize : str
        Normalization of the images: "none", "lP" or "standard".
    """
    others = "" if processes.count == 1 else f", {processes.count} processes"
    return {
        **{name: plain(value) for name, value in settings.items()},
        "images": dict(data.digests),
        "resize": data.resize,
        "limit": images.limit,
        "split": images.split,
        "device": f"{device.type}{others}",
        "normalize": normalize,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


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
