"""What a checkpoint holds beside arrays: settings, a checksum, and where it was computed."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch

from specrob import __version__
from specrob.artifacts import Artifact, expect, read
from specrob.artifacts.artifact import digest
from specrob.errors import ArtifactError

ENVIRONMENT, CHECKSUM = "environment", "checksum"  # facts of a state


def with_checksum(state: Artifact) -> Artifact:
    """Return a state with a digest of all that a run goes on from, and of its command."""
    fields = {name: value for name, value in state.fields.items() if name != CHECKSUM}
    covered = {"command": list(state.provenance.command), **fields}
    return replace(state, fields={**fields, CHECKSUM: digest(state.arrays, covered)})


def read_checkpoint(file: str) -> Artifact:
    """Return the checkpoint in a file.

    Raises
    ------
    ArtifactError
        If it is missing, no checkpoint, or not as it was written.
    """
    found = read(file)
    if found.kind != "checkpoint":
        raise ArtifactError(
            f"expected a checkpoint in {file}, found `{found.kind}`; name what `checkpoint` wrote"
        )
    expect(found, "checkpoint", file)
    check_checksum(found, file)
    return found


def check_checksum(state: Artifact, name: str) -> None:
    """Raise ArtifactError where a state is not the one that was written.

    >>> state = Artifact("checkpoint", fields={"settings": {}, "state": {}})
    >>> check_checksum(with_checksum(state), "a")
    """
    if state.provenance.version != __version__:
        return  # which is named instead
    if with_checksum(state).fields[CHECKSUM] != state.fields.get(CHECKSUM):
        raise ArtifactError(
            f"expected a state in {name} as it was written, found other content; resume from "
            "another, or begin anew"
        )


def environment(device: torch.device) -> dict[str, str | int]:
    """Return what may change the last bits of results beside the settings.

    >>> list(environment(torch.device("cpu")))
    ['torch', 'threads', 'instructions']
    """
    found: dict[str, str | int] = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }
    if device.type == "cuda":
        found |= {"GPU": torch.cuda.get_device_name(device), "CUDA": str(torch.version.cuda)}
    return found


def environments_of(state: Artifact) -> tuple[str, ...]:
    """Return in which environments a state was computed, in words."""
    own = describe_environment(state.fields.get(ENVIRONMENT))
    return tuple(filter(None, (*state.provenance.begun_with, own)))


def describe_environment(environment: Mapping[str, str | int] | None) -> str:
    """Return an environment in words.

    >>> describe_environment({"torch": "2.9.0", "threads": 2})
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


def to_json_value(value: Any) -> Any:
    """Return a setting as it is in JSON.

    >>> to_json_value({"eps": (0.1, 0.2)})
    {'eps': [0.1, 0.2]}
    """
    if isinstance(value, Mapping):
        return {str(name): to_json_value(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json_value(each) for each in value]
    if is_dataclass(value):
        columns = {column.name: getattr(value, column.name) for column in fields(value)}
        return to_json_value({"type": type(value).__name__, **columns})
    return value


def flatten_settings(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return settings, those within others named by both."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        inner = isinstance(value, dict)
        found |= (
            flatten_settings(value, f"{before}{name} ") if inner else {f"{before}{name}": value}
        )
    return found
