"""Every architecture: one row each, and your own by ``package.module:factory``."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, get_type_hints

import numpy as np
import torch
from torch import nn

from specrob.artifacts.validation import conforms
from specrob.errors import ModelError, UsageError
from specrob.grammar import parse_pairs
from specrob.models import cnn, local, mlp, shallow, torchvision_models
from specrob.models.init import draw_weights_
from specrob.models.whitening import insert_whitening_
from specrob.registry import suggest


@dataclass(frozen=True)
class Architecture:
    """How a network is built, drawn, and sized from weights that bring no description.

    Parameters
    ----------
    build : callable (shape, classes, **options) -> nn.Module
    infer : callable (arrays) -> parse_pairs
        Options that the shapes of raw weights show.
    initialize : callable (network, generator)
        Draws the first weights in place; by default as PyTorch does.
    measured : str
        The layer whose spectrum and Jacobian the papers measure.
    smooth : str
        The layer whose Jacobian norm a landscape shows.
    fresh : bool
        Whether gradients can train it from nothing.
    whitens : bool
        Whether activations can be whitened after any of its layers.
    """

    build: Callable[..., nn.Module]
    infer: Callable[[Mapping[str, np.ndarray]], dict[str, Any]] = lambda arrays: {}
    initialize: Callable[[nn.Module, torch.Generator], None] = draw_weights_
    measured: str = "penultimate"
    smooth: str = "logits"
    fresh: bool = False
    whitens: bool = False


def _as_built(network: nn.Module, generator: torch.Generator) -> None:
    """Keep the weights that the builder drew."""


def _rows(name: str) -> Callable[[Mapping[str, np.ndarray]], dict[str, Any]]:
    def infer(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
        found = {"hidden": len(arrays[name])} if name in arrays else {}
        return found | ({"batch_norm": True} if "latent.weight" in arrays else {})

    return infer


ARCHITECTURES = {
    "kh": Architecture(
        local.build_kh, _rows("hidden.synapses"), local.draw_local_, "hidden", "hidden"
    ),
    "local": Architecture(
        local.build_local, _rows("hidden.synapses"), local.draw_local_, "hidden", "hidden"
    ),
    "hybrid": Architecture(
        shallow.hybrid, _rows("hidden.synapses"), shallow.initialize_, "hidden", "latent"
    ),
    "shlp": Architecture(
        shallow.shlp, _rows("hidden.weight"), shallow.initialize_, "hidden", "latent", fresh=True
    ),
    "mlp": Architecture(mlp.Mlp, mlp.infer, fresh=True, whitens=True),
    "cnn-b": Architecture(cnn.cnn_b, fresh=True, whitens=True),
    "cnn-d": Architecture(cnn.cnn_d, fresh=True, whitens=True),
    "linear": Architecture(shallow.Linear, fresh=True),
}


def architecture_of(name: str) -> Architecture | None:
    """Return the row of an architecture, also of torchvision's; None for a factory.

    >>> architecture_of("mlp").fresh, architecture_of("package.module:factory")
    (True, None)
    """
    if torchvision_models.is_in(name):
        return Architecture(torchvision_models.builder(name), initialize=_as_built, fresh=True)
    return ARCHITECTURES.get(name)


@dataclass(frozen=True)
class ArchitectureSpec:
    """An architecture asked for on the command line: ``NAME[,key=value...]``."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


def parse_architecture(text: str) -> ArchitectureSpec:
    """Return the architecture that ``NAME[,key=value...]`` asks for; nothing is imported yet.

    Raises
    ------
    UsageError
        If the name is unknown, or an option is not key=value or not one that it takes.

    Examples
    --------
    >>> parse_architecture("shlp,power=4.5")
    ArchitectureSpec(name='shlp', options={'power': 4.5})
    """
    name, *pairs = text.split(",")
    if name not in ARCHITECTURES and ":" not in name:
        advice = suggest(name, ARCHITECTURES)
        raise UsageError(f"--arch: expected an architecture, found `{name}`; {advice}")
    return with_options(ArchitectureSpec(name), parse_pairs(pairs, "--arch"))


def with_options(wanted: ArchitectureSpec, more: Mapping[str, Any]) -> ArchitectureSpec:
    """Return the request with more options.

    Raises
    ------
    UsageError
        If the architecture does not take one of them.
    """
    whole = {**wanted.options, **more}
    architecture_of(wanted.name)  # says so itself where torchvision has no such network
    try:
        check_options(wanted.name, whole)
    except ValueError as error:
        raise UsageError(
            f"--arch: expected options that {wanted.name} takes, found {error}"
        ) from error
    return ArchitectureSpec(wanted.name, whole)


def check_options(name: str, given: Mapping[str, Any]) -> None:
    """Raise ValueError unless the architecture takes the options; their numbers are above 0.

    >>> check_options("shlp", {"hidden": 0})
    Traceback (most recent call last):
    ValueError: hidden=0
    """
    row = architecture_of(name)
    if row is None:
        return  # a factory knows best
    build = row.build
    hints = get_type_hints(build.__init__ if isinstance(build, type) else build)
    hints |= {"whiten": str} if row.whitens else {}
    known = hints.keys() - {"shape", "classes", "return"}
    for key, value in given.items():
        if key not in known or not conforms(value, hints[key]):
            raise ValueError(f"{key}={value!r:.40}")
        numbers = value if isinstance(value, list) else [value]
        if any(not isinstance(n, bool | str) and n <= 0 for n in numbers) or not numbers:
            raise ValueError(f"{key}={value}")


def build(
    name: str,
    shape: tuple[int, ...],
    classes: int,
    options: Mapping[str, Any],
    generator: torch.Generator | None = None,
) -> nn.Module:
    """Return a network of an architecture, with fresh weights if a generator is given.

    Raises
    ------
    ModelError
        If the architecture does not take these options or its factory cannot be imported.

    Examples
    --------
    >>> build("shlp", (1, 2, 2), 3, {"hidden": 5}).readout
    Linear(in_features=5, out_features=3, bias=True)
    """
    row = architecture_of(name)
    make = partial(row.build, shape, classes) if row else factory(name)
    try:
        check_options(name, options)
        # a factory draws from torch's own generator: seeded here, and put back as it was
        with torch.random.fork_rng(devices=[]):
            torch.random.manual_seed(generator.initial_seed() if generator else 0)
            network = make(**{k: v for k, v in options.items() if k != "whiten" or not row})
    except ModelError:
        raise
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        if "memory" in str(error).lower():
            raise  # the command line says what to lower
        reason = str(error).splitlines()[0]
        raise ModelError(f"expected options that {name} takes, found: {reason}") from error
    if not isinstance(network, nn.Module):
        raise ModelError(f"expected an nn.Module from {name}, found {type(network).__name__}")
    if name not in ARCHITECTURES:
        count_logits(network, name, shape, classes)
    if not row and generator is not None and not any(True for _ in network.parameters()):
        raise ModelError(f"expected a network to train, found no parameters in {name}")
    if row and generator is not None:
        row.initialize(network, generator)
    if row and "whiten" in options:
        insert_whitening_(network, options["whiten"], torch.zeros(1, *shape))
    return network


def count_logits(network: nn.Module, name: str, shape: tuple[int, ...], classes: int = 1) -> int:
    """Return how many logits answer an image; raise ModelError if fewer than the classes."""
    try:
        with torch.no_grad():
            found = tuple(network.eval()(torch.zeros(1, *shape)).shape)
    except (TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
        found = next(iter(str(error).splitlines()), type(error).__name__)
    if not isinstance(found, tuple) or len(found) != 2 or found[1] < classes:
        raise ModelError(
            f"expected {classes} logits for an image {shape} from {name}, found {found}; "
            "check --arch and --data"
        )
    return found[1]


def factory(name: str) -> Callable[..., nn.Module]:
    """Import the function that ``package.module:factory`` names."""
    module, _, function = name.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError, TypeError, SyntaxError, NameError) as error:
        raise ModelError(
            f"expected a package.module:factory that imports, found: {error}; "
            "check --arch and PYTHONPATH"
        ) from error
