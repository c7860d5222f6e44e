"""Architectures by name: specrob's, a library's, and your own by ``package.module:factory``."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from torch import nn

from specrob.artifacts.validation import conforms
from specrob.errors import ModelError, UsageError
from specrob.grammar import parse_scalar, split_pairs
from specrob.models import torchvision_models
from specrob.models.architecture import Architecture
from specrob.models.libraries import LIBRARIES, library_of
from specrob.models.whitening import insert_whitening_
from specrob.registry import ARCHITECTURES, load_object, nearest, suggest


def architecture_of(name: str) -> Architecture[nn.Module] | None:
    """Return the row of an architecture, also of a library's; None for a factory.

    >>> architecture_of("mlp").whitens, architecture_of("package.module:factory")
    (True, None)
    """
    if library := library_of(name):
        return Architecture(library.builder(name), initialize=_as_built)
    row: Architecture[nn.Module] | None = ARCHITECTURES.get(name)
    return row


def _as_built(network: nn.Module, generator: torch.Generator) -> None:
    """Leave the weights as the builder drew them."""


@dataclass(frozen=True)
class ArchitectureSpec:
    """The name of an architecture, and options: ``NAME[,key=value...]``."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


def parse_architecture(text: str) -> ArchitectureSpec:
    """Return the name and options of ``NAME[,key=value...]``, without importing a factory.

    Raises
    ------
    UsageError
        If the name is unknown, or an option is not key=value or not one that it takes.

    Examples
    --------
    >>> parse_architecture("shlp,power=4.5")
    ArchitectureSpec(name='shlp', options={'power': 4.5})
    >>> parse_architecture("mlp,hidden=30+20").options
    {'hidden': [30, 20]}
    """
    name, *pairs = text.split(",")
    if name not in ARCHITECTURES and ":" not in name:
        found = f"`{name}`" if name else "none"
        raise UsageError(f"`arch`: expected an architecture, found {found}; {_advice(name)}")
    texts = split_pairs(pairs, "`arch`: ")
    options = {key: _counts(text) or parse_scalar(text) for key, text in texts.items()}
    return with_options(ArchitectureSpec(name), options)


def _counts(text: str) -> list[int]:
    """Return the whole numbers of ``8+16``; none of anything else."""
    is_list = re.fullmatch(r"[0-9]+(\+[0-9]+)+", text)
    return [int(number) for number in text.split("+")] if is_list else []


def _advice(name: str) -> str:
    """Return what an unknown architecture may have been meant to be."""
    module, dot, factory = name.rpartition(".")
    if dot and _is_there(module):
        return f"did you mean `{module}:{factory}`?"
    known = nearest(name, ARCHITECTURES)
    if known is None and (theirs := nearest(name, torchvision_models.names())):
        known = torchvision_models.PREFIX + theirs
    libraries = ", ".join(f"{prefix}:NAME" for prefix in LIBRARIES)
    forms = f"{', '.join(ARCHITECTURES)}, {libraries} or package.module:factory"
    return f"did you mean `{known}`?" if known else f"choose one of {forms}"


def _is_there(module: str) -> bool:
    """Return whether a module can be found, where one stands too, without importing it."""
    path = Path(*module.split("."))
    if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
        return True
    try:
        return find_spec(module.split(".")[0]) is not None
    except ValueError:
        return False


def with_options(spec: ArchitectureSpec, more: Mapping[str, Any]) -> ArchitectureSpec:
    """Return the architecture with more options.

    Raises
    ------
    UsageError
        If the architecture does not take one of them.
    """
    whole = {**spec.options, **more}
    architecture_of(spec.name)  # raises where a library has no such network
    try:
        check_options(spec.name, whole)
    except ValueError as error:
        raise UsageError(
            f"`arch`: expected options that {spec.name} takes, found {error}"
        ) from error
    return ArchitectureSpec(spec.name, whole)


def check_options(name: str, given: Mapping[str, Any]) -> None:
    """Raise ValueError unless the architecture takes the options; their numbers are above 0.

    >>> check_options("shlp", {"hidden": 0})
    Traceback (most recent call last):
    ValueError: hidden=0
    """
    row = architecture_of(name)
    if row is None:
        return  # the factory checks them itself
    parameters = signature(row.build, eval_str=True).parameters
    hints = {key: one.annotation for key, one in parameters.items()}
    hints |= {"whiten": str} if row.whitens else {}
    for key, value in given.items():
        if key in ("shape", "classes") or key not in hints or not conforms(value, hints[key]):
            raise ValueError(f"{key}={value!r:.40}")
        numbers = value if isinstance(value, list) else [value]
        if any(not isinstance(n, bool | str) and n <= 0 for n in numbers) or not numbers:
            raise ValueError(f"{key}={value}")


def _check_factory_options(name: str, make: Callable[..., object], given: Iterable[str]) -> None:
    """Raise ModelError where a factory does not take an option by its name."""
    try:
        parameters = signature(make).parameters
    except ValueError:  # of what is written in C
        return
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return
    for key in given:
        if key not in parameters:
            raise ModelError(
                f"expected options that {name} takes ({', '.join(parameters) or 'none'}), found "
                f"`{key}`; {suggest(key, parameters) if parameters else 'drop it'}"
            )


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
    make: Callable[..., object] = partial(row.build, shape, classes) if row else load_object(name)
    if not row:
        _check_factory_options(name, make, options)
    try:
        check_options(name, options)
        # a factory draws from torch's global generator, which is seeded here and restored
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
    """Return the number of logits; raise ModelError if there are fewer than classes."""
    try:
        with torch.no_grad():
            output: tuple[int, ...] | str = tuple(network.eval()(torch.zeros(1, *shape)).shape)
    except (TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
        output = next(iter(str(error).splitlines()), type(error).__name__)
    if isinstance(output, str) or len(output) != 2 or output[1] < classes:
        raise ModelError(
            f"expected {classes} logits for an image {shape} from {name}, found {output}; "
            "check `arch` and the shape of the images"
        )
    return output[1]
