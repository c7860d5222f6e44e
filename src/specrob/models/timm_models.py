"""timm's networks, by name: ``timm:resnet18``, or on its hub ``hf_hub:timm/resnet18.a1_in1k``.

Pretrained weights are those of a tag, for instance ``a1_in1k``, or ``DEFAULT``; on the hub the
name says which. They are read from the cache, or downloaded, and only as safetensors: anyone can
put files on the hub, and no code of theirs is run.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from specrob.errors import ModelError
from specrob.registry import suggest

HUB, DEFAULT = "hf_hub:", "DEFAULT"


def builder(arch: str) -> Callable[..., nn.Module]:
    """Return the function that builds a network of timm.

    Raises
    ------
    ModelError
        If timm is not there, or has no network of that name.
    """
    timm, name = _timm(arch), _name(arch)
    if not name.startswith(HUB) and not timm.is_model(name):
        known = suggest(name, timm.list_models())
        raise ModelError(f"expected a network of timm, found `{name}`; {known}")

    def build(
        shape: tuple[int, ...],
        classes: int,
        *,
        weights: str | None = None,
        img_size: int | None = None,  # of transformers
    ) -> nn.Module:
        sizes = {} if img_size is None else {"img_size": img_size}
        loading = {} if weights is None else _load_from(_safetensors(arch, weights))
        with _one_line(arch, weights):
            network: nn.Module = timm.create_model(
                _tagged(arch, weights),
                in_chans=shape[0],
                num_classes=classes,
                **loading,
                **sizes,
            )
        return network

    return build


def head(arch: str) -> str:
    """Return the name of the last map; raise ModelError if timm names none."""
    names: str | tuple[str, ...] | None = _config(arch, None).get("classifier")
    if not names:
        raise ModelError(f"expected a network with a read-out, found {arch}; name another")
    return names if isinstance(names, str) else names[0]


def statistics(arch: str, weights: str) -> tuple[Tensor, Tensor]:
    """Return the mean and std of each channel, (C,), that pretrained weights were trained with."""
    config = _config(arch, weights)
    return torch.tensor(config["mean"]), torch.tensor(config["std"])


def input_shape(arch: str, weights: str) -> tuple[int, ...]:
    """Return the shape (C, H, W) of the images that pretrained weights were made for."""
    return tuple(_config(arch, weights)["input_size"])


def classes_of(arch: str, weights: str) -> int:
    """Return the number of classes of pretrained weights."""
    return int(_config(arch, weights)["num_classes"])


def _safetensors(arch: str, weights: str) -> str:
    """Return the file of pretrained weights.

    Raises
    ------
    ModelError
        If they are only there in a form that could run code, or not at all.
    """
    config, hub = _config(arch, weights), import_module("huggingface_hub.utils")
    repository, _, revision = (config.get("hf_hub_id") or "").partition("@")
    name = _safe_name(config.get("hf_hub_filename") or "model.safetensors")
    with _one_line(arch, weights):
        try:
            if repository:
                download = import_module("huggingface_hub").hf_hub_download
                return str(download(repository, name, revision=revision or None))
        except hub.LocalEntryNotFoundError:  # neither cached nor on the network
            raise
        except hub.EntryNotFoundError:
            pass
    raise ModelError(
        f"expected weights of {arch} as safetensors, which hold no code, found no {name}; name "
        "others, or convert them and pass the file as `weights`"
    )


def _safe_name(name: str) -> str:
    """Return how the hub calls the safetensors beside a file of weights.

    >>> _safe_name("pytorch_model.bin"), _safe_name("open_clip_pytorch_model.bin")
    ('model.safetensors', 'open_clip_model.safetensors')
    """
    return str(PurePosixPath(name).with_suffix(".safetensors")).replace("pytorch_model", "model")


def _load_from(file: str) -> dict[str, Any]:
    """Return what makes timm load a file, whatever a description on the hub names."""
    elsewhere = {"source": "", "url": None, "hf_hub_id": None, "state_dict": None}
    overlay = {"file": file, "custom_load": False, **elsewhere}
    return {"pretrained": True, "pretrained_cfg_overlay": overlay}


def _config(arch: str, weights: str | None) -> dict[str, Any]:
    """Return what timm records of a network and its pretrained weights."""
    timm, name, tagged = _timm(arch), _name(arch), _tagged(arch, weights)
    with _one_line(arch, weights):
        if name.startswith(HUB):
            hub: dict[str, Any] = timm.models.load_model_config_from_hf(name.removeprefix(HUB))[0]
            return hub
        found = timm.models.get_pretrained_cfg(tagged)
    if found is None:
        raise ModelError(f"expected pretrained weights of {arch}, found none; choose `initial`")
    config: dict[str, Any] = found.to_dict()
    return config


def _timm(arch: str) -> ModuleType:
    """Return the package."""
    try:
        return import_module("timm")
    except ImportError as error:
        raise ModelError(
            f"expected the package timm for {arch}, found none; install specrob with its extra "
            "timm"
        ) from error


def _name(arch: str) -> str:
    """Return timm's name of an architecture.

    >>> _name("timm:resnet18"), _name("hf_hub:timm/resnet18.a1_in1k")
    ('resnet18', 'hf_hub:timm/resnet18.a1_in1k')
    """
    return arch.removeprefix("timm:")


def _tagged(arch: str, weights: str | None) -> str:
    """Return the name with the tag of pretrained weights.

    >>> _tagged("timm:resnet18", "a1_in1k"), _tagged("timm:resnet18.a2_in1k", "DEFAULT")
    ('resnet18.a1_in1k', 'resnet18.a2_in1k')
    """
    name = _name(arch)
    if weights in (None, DEFAULT):
        return name
    if name.startswith(HUB):
        raise ModelError(
            f"expected the weights {DEFAULT} of {arch}, found `{weights}`; the name says which"
        )
    return f"{name.partition('.')[0]}.{weights}"


@contextmanager
def _one_line(arch: str, weights: str | None) -> Iterator[None]:
    """Raise ModelError where weights or their description are neither cached nor on the network.

    The hub reports each attempt to connect, which is silenced.
    """
    hub = logging.getLogger("huggingface_hub")
    level = hub.level
    hub.setLevel(logging.CRITICAL)
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"expected {weights or 'the description'} of {arch} in the cache of Hugging Face or "
            f"on the network, found neither ({type(error).__name__}); fetch it where there is a "
            "network"
        ) from error
    except (RuntimeError, SafetensorError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
        raise ModelError(
            f"expected {arch} with weights {weights or 'initial'}, found: {reason}; name others"
        ) from error
    finally:
        hub.setLevel(level)
