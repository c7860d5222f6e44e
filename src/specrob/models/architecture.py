"""The record of an architecture, which is defined beside its network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import nn

from specrob.models.init import draw_weights_

N = TypeVar("N", bound=nn.Module)
Infer = Callable[[Mapping[str, np.ndarray]], dict[str, Any]]


@dataclass(frozen=True)
class Architecture(Generic[N]):
    """How a network is built, initialized, and sized from raw weights.

    Parameters
    ----------
    build : callable (shape, classes, **options) -> nn.Module
        The annotations of its keyword parameters say which options there are.
    infer : callable (arrays) -> dict
        Options that the shapes of raw weights show.
    initialize : callable (network, generator)
        Draws the initial weights in place; by default as PyTorch does.
    measured : str
        The layer whose spectrum is measured by default.
    smooth : str
        The layer whose Jacobian norm a landscape shows.
    whitens : bool
        Whether activations can be whitened after any of its layers.
    schedule : str
        Default schedule of the learning rate, a member of SCHEDULES.
    """

    build: Callable[..., N]
    infer: Infer = lambda arrays: {}
    initialize: Callable[[N, torch.Generator], None] = draw_weights_
    measured: str = "penultimate"
    smooth: str = "logits"
    whitens: bool = False
    schedule: str = "constant"


def infer_hidden(name: str) -> Infer:
    """Return what finds the width of a single hidden layer by the weights of that name.

    >>> infer_hidden("hidden.weight")({"hidden.weight": np.zeros((5, 2))})
    {'hidden': 5}
    """

    def infer(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
        width = {"hidden": len(arrays[name])} if name in arrays else {}
        return width | ({"batch_norm": True} if "latent.weight" in arrays else {})

    return infer
