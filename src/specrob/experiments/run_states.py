"""States of runs: what they hold, whether they are whole, and where they were computed."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch

from specrob import __version__
from specrob.artifacts import Artifact
from specrob.artifacts.artifact import digest
from specrob.errors import ArtifactError

ENVIRONMENT, CONTENT = "environment", "content"  # facts of a state


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


def in_words(environment: Mapping[str, str | int] | None) -> str:
    """Return an environment in words.

    >>> in_words({"torch": "2.9.0", "threads": 2})
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


def flat(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return settings, those within others named by both."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        inner = isinstance(value, dict)
        found |= flat(value, f"{before}{name} ") if inner else {f"{before}{name}": value}
    return found
