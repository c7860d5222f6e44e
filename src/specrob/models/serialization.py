"""Networks to artifacts and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from specrob.artifacts import Artifact
from specrob.errors import ModelError
from specrob.models.architectures import (
    ArchitectureSpec,
    architecture_of,
    build,
    count_logits,
)
from specrob.models.layered_network import core_of
from specrob.models.libraries import library_of
from specrob.models.preprocessing import Standardized
from specrob.models.principal_scaling import insert_scaling_
from specrob.models.weight_loading import check_recorded, load_weights_
from specrob.registry import ARCHITECTURES
from specrob.settings.normalization import Normalization


@dataclass(frozen=True)
class Network:
    """A module, and how images are normalized for it.

    Parameters
    ----------
    arch : str
        A member of ARCHITECTURES, LIBRARY:NAME or package.module:factory.
    options : mapping
        Options of the architecture.
    shape : tuple of int, (C, H, W)
    normalize : str
        Normalization of the images before the module, "none" or "lP"; or "standard" and
        "mean=M,std=S", which are part of the module.
    facts : mapping
        What commands recorded: history, pruning, convergence.
    """

    module: nn.Module
    arch: str
    options: Mapping[str, Any]
    shape: tuple[int, ...]
    classes: int
    normalize: str = "none"
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def core(self) -> nn.Module:
        """The network without its preprocessing."""
        return core_of(self.module)


def to_artifact(network: Network) -> Artifact:
    """Return the network as a model artifact, without a history.

    Raises
    ------
    ModelError
        If training left weights that are not finite.
    """
    arrays = {k: v.detach().cpu().numpy() for k, v in network.module.state_dict().items()}
    wild = next((k for k, v in arrays.items() if not np.isfinite(v).all()), None)
    if wild:
        raise ModelError(
            f"expected finite weights, found NaN or inf in `{wild}`; lower `lr` or the penalties"
        )
    fields = {
        "arch": network.arch,
        "options": dict(network.options),
        "shape": list(network.shape),
        "classes": network.classes,
        "normalize": network.normalize,
        "bounds": "valid",
        **network.facts,
    }
    return Artifact("model", arrays, fields)


_DESCRIBED = ("arch", "options", "shape", "classes", "normalize", "bounds")


def from_artifact(artifact: Artifact, spec: ArchitectureSpec | None = None) -> Network:
    """Return the network in a model artifact.

    A factory that only the file names is not imported: code is chosen on the command line.

    Parameters
    ----------
    spec : ArchitectureSpec, optional
        The architecture that the command line names, whose options must be those of the file.

    Raises
    ------
    ModelError
        If the weights are not finite or do not fit the architecture that the file names.
    """
    facts = dict(artifact.fields)
    arch = str(facts["arch"])
    is_factory = architecture_of(arch) is None
    if spec is not None and spec.name != arch:
        found = f"the factory `{arch}`" if is_factory else f"a {arch}"
        advice = f"if you trust it, change `arch` to {arch}" if is_factory else "drop `arch`"
        raise ModelError(f"expected a {spec.name} as `arch` says, found {found}; {advice}")
    if is_factory and spec is None:
        raise ModelError(
            f"expected an architecture of specrob, found the factory `{arch}`; "
            f"if you trust it, add `arch` {arch}"
        )
    try:
        shape = tuple(int(n) for n in facts["shape"])
        options, classes = dict(facts.get("options", {})), int(facts["classes"])
        if min((*shape, classes)) < 1 or len(shape) != 3:
            raise ValueError(f"image shape {shape} and {classes} classes")
        normalization = Normalization.parse(str(facts["normalize"]))
    except (TypeError, ValueError) as error:
        raise ModelError(f"expected a described model, found {error}; make it again") from error
    given = spec.options if spec else {}
    with torch.device("meta" if arch in ARCHITECTURES else "cpu"):
        module = build(arch, shape, classes, {**options, **given})
        if normalization.is_layer:
            module = Standardized(module, torch.zeros(shape[0]), torch.ones(shape[0]))
        if "respectrum" in facts:
            insert_scaling_(module, str(facts["respectrum"].get("readout")))
    load_weights_(module, artifact.arrays, spec)
    check_recorded(ArchitectureSpec(arch, given), options)
    others = {k: v for k, v in facts.items() if k not in _DESCRIBED}
    return Network(module, arch, options, shape, classes, str(facts["normalize"]), others)


def from_weights(
    arrays: Mapping[str, np.ndarray],
    spec: ArchitectureSpec,
    *,
    shape: tuple[int, ...],
    classes: int | None,
    normalize: str,
) -> Network:
    """Return a network of raw weights and an architecture named on the command line.

    The number of classes is that of the read-out's biases, else for a factory that of the logits
    of one image, at least `classes`; a local layer has none.
    """
    row = architecture_of(spec.name)
    options = {**(row.infer(arrays) if row else {}), **spec.options}
    library = library_of(spec.name)
    head = f"{library.head(spec.name)}.bias" if library else "readout.bias"
    if head in arrays:
        classes = len(arrays[head])
    in_family = spec.name in ARCHITECTURES
    with torch.device("meta" if in_family else "cpu"):  # sizes that a file claims take no memory
        module = build(spec.name, shape, classes or 1, options)
    load_weights_(module, arrays, spec)
    if not in_family and head not in arrays:
        classes = count_logits(module, spec.name, shape, classes or 1)
    return Network(module, spec.name, options, shape, classes or 1, normalize)
