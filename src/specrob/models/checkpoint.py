"""PyTorch checkpoints, read without running code in them."""

import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor

from specrob.artifacts import formats
from specrob.artifacts.streams import path_advice
from specrob.errors import ModelError

NESTED = ("state_dict", "model_state_dict", "model", "net", "weights")
BROKEN = (*formats.BROKEN, pickle.UnpicklingError, SafetensorError)
WRAPPED = ("module.", "_orig_mod.")  # by DataParallel and by torch.compile
HALVES = (torch.float16, torch.bfloat16)


def read_checkpoint(path: str) -> dict[str, np.ndarray]:
    """Return the arrays of the state dict in a ``.pt`` or ``.pth`` file, by name.

    Only tensors and plain containers are read (`torch.load` with ``weights_only``): a file that
    asks for code is refused, not run.

    Raises
    ------
    ModelError
        If there is none, or it holds anything else.
    """
    if not Path(path).is_file():
        raise ModelError(f"expected a checkpoint at {path}, found no file; {path_advice(path)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickles, which it then refuses
            whole = torch.load(path, map_location="cpu", weights_only=True)
    except BROKEN as error:
        raise ModelError(
            f"expected a PyTorch checkpoint of tensors alone in {path}, found {_found(error)}; "
            "save model.state_dict() by itself"
        ) from error
    return {name: values.detach().numpy() for name, values in state_of(whole, path).items()}


def _found(error: Exception) -> str:
    """Return what a file holds in place of tensors, from torch's reason not to read it.

    >>> _found(ValueError("Unsupported global: GLOBAL my.Net was not an allowed global"))
    'a pickled my.Net, as in a whole module'
    """
    if match := re.search(r"GLOBAL (\S+)", str(error)):
        return f"a pickled {match[1]}, as in a whole module"
    return "other bytes"


def state_of(whole: Any, path: str) -> dict[str, Tensor]:
    """Return the state dict of a checkpoint, also a nested one, with unwrapped names.

    >>> list(state_of({"epoch": 3, "state_dict": {"module.fc.bias": torch.zeros(2)}}, "a.pt"))
    ['fc.bias']
    """
    inner = [whole[name] for name in NESTED if isinstance(whole, Mapping) and name in whole]
    for state in filter(_is_state, (whole, *inner)):
        return {
            _unwrapped(name): values.float() if values.dtype in HALVES else values
            for name, values in state.items()
        }
    raise ModelError(
        f"expected a state dict in {path}, found none; save model.state_dict() by itself"
    )


def _is_state(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) > 0
        and all(isinstance(n, str) and isinstance(v, Tensor) for n, v in value.items())
    )


def _unwrapped(name: str) -> str:
    for prefix in WRAPPED:
        name = name.removeprefix(prefix)
    return name
