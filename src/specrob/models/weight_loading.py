"""Weights into a network: whether they fit, and which option to change where they do not."""

from collections.abc import Mapping
from inspect import signature
from typing import Any

import numpy as np
import torch
from torch import nn

from specrob.errors import ModelError
from specrob.models.architectures import ArchitectureSpec, architecture_of
from specrob.registry import load_object

MOST_OPTIONS = 4  # that a message names


def load_weights_(
    module: nn.Module, arrays: Mapping[str, np.ndarray], spec: ArchitectureSpec | None = None
) -> None:
    """Load the arrays into the module.

    Parameters
    ----------
    spec : ArchitectureSpec, optional
        What the command line names; messages say which of its options to change.

    Raises
    ------
    ModelError
        If one is missing, unexpected, of another shape, not a number, or not finite.
    """
    state, tensors = module.state_dict(), {}
    for name in (*state, *arrays):
        shape = tuple(arrays[name].shape) if name in arrays else "none"
        expected = tuple(state[name].shape) if name in state else "none"
        if shape != expected:
            unknown = [f"`{other}`" for other in arrays if other not in state][:4]
            others = f" (but {', '.join(unknown)})" if shape == "none" and unknown else ""
            advice = _advice(spec, expected, shape) if spec else "check `arch`"
            raise ModelError(
                f"expected `{name}` of shape {expected}, found {shape}{others}; {advice}"
            )
        kinds = "f" if state[name].is_floating_point() else "iu"
        if arrays[name].dtype.kind not in kinds:
            raise ModelError(
                f"expected {state[name].dtype} in `{name}`, found {arrays[name].dtype}; save the "
                "weights again"
            )
        tensors[name] = torch.from_numpy(np.array(arrays[name])).to(state[name].dtype)
        bad = int((~tensors[name].isfinite()).sum())
        if bad:
            raise ModelError(
                f"expected finite weights, found {bad} NaN or inf in `{name}`; save the weights "
                "again"
            )
    state.update(tensors)  # keeps the versions that some modules look for
    module.load_state_dict(state, assign=True)
    module.eval()


def _advice(spec: ArchitectureSpec, expected: object, found: object) -> str:
    """Return which option of an architecture to change: one whose value is a wrong size."""
    sizes, others = (
        set(shape) if isinstance(shape, tuple) else set() for shape in (expected, found)
    )
    wrong = [name for name, value in spec.options.items() if _in(value, sizes - others)]
    names = wrong or list(spec.options)
    if not names and architecture_of(spec.name) is None:
        names = list(signature(load_object(spec.name)).parameters)
    return f"change {' or '.join(names[:MOST_OPTIONS])} in `arch`" if names else "check `arch`"


def _in(value: object, sizes: set[int]) -> bool:
    return isinstance(value, int | float) and value in sizes


def check_recorded(spec: ArchitectureSpec, recorded: Mapping[str, Any]) -> None:
    """Raise ModelError where an option is not the one with which a model file was made.

    Options that the file does not record were the architecture's defaults.

    >>> check_recorded(ArchitectureSpec("mlp", {"activation": "relu"}), {"hidden": [5]})
    """
    row = architecture_of(spec.name)
    parameters = signature(row.build if row else load_object(spec.name)).parameters
    for name, value in spec.options.items():
        default = parameters[name].default if name in parameters else None
        known = recorded.get(name, default)
        if known not in (value, [value]):
            raise ModelError(
                f"expected {name}={known} of `arch`, with which the model file was made, found "
                f"{name}={value}; drop it"
            )
