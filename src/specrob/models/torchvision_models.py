"""torchvision's classification networks, by name: ``torchvision:resnet18``.

Letters: ``C`` image channels.
"""

import contextlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, nn

from specrob.errors import ModelError
from specrob.registry import suggest

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

L = TypeVar("L", bound=nn.Module)
PREFIX = "torchvision:"
# builders that would add heads which only training uses
AUXILIARY = {
    "googlenet": {"aux_logits": False},
    "inception_v3": {"aux_logits": False},
}


def names() -> list[str]:
    """Return the names of torchvision's classification networks.

    >>> "resnet18" in names()
    True
    """
    import torchvision

    found: list[str] = torchvision.models.list_models(module=torchvision.models)
    return found


def builder(arch: str) -> Callable[..., nn.Module]:
    """Return the function that builds a network of torchvision's registry.

    Raises
    ------
    ModelError
        If it has no classification network of that name.

    Examples
    --------
    >>> builder("torchvision:resnet18")((3, 32, 32), 10).fc.out_features
    10
    """
    import torchvision

    registry, name = torchvision.models, arch.removeprefix(PREFIX)
    if name not in names():
        raise ModelError(
            f"expected a classification network of torchvision, found `{name}`; "
            f"{suggest(name, names())}"
        )

    plain = AUXILIARY.get(name, {})

    def build(shape: tuple[int, ...], classes: int, *, weights: str | None = None) -> nn.Module:
        network: nn.Module
        if weights is None:
            quick = {"init_weights": False} if plain else {}
            network = registry.get_model(name, weights=None, num_classes=classes, **plain, **quick)
            return network
        network = registry.get_model(name, weights=_downloaded(name, weights), **plain)
        if isinstance(network, (registry.GoogLeNet, registry.Inception3)):
            network.transform_input = False  # `statistics` does the same
        return with_head(network, classes)

    return build


def with_head(network: nn.Module, classes: int) -> nn.Module:
    """Return the network, with a new last linear map if it has another number of classes.

    >>> with_head(nn.Sequential(nn.Linear(2, 5)), 3)
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
    )
    """
    name, last = _last(network, nn.Linear)
    if last is None:
        raise ModelError("expected a network that ends in a linear map, found none; train another")
    if last.out_features != classes:
        network.set_submodule(name, nn.Linear(last.in_features, classes))
    return network


def head(arch: str) -> str:
    """Return the name of the last linear map, or of the last convolution where there is none.

    >>> head("torchvision:vgg11")
    'classifier.6'
    """
    network = builder(arch)((3, 224, 224), 2)
    return _last(network, nn.Linear)[0] or _last(network, nn.Conv2d)[0]


def _last(network: nn.Module, kind: type[L]) -> tuple[str, L | None]:
    layers = [(name, m) for name, m in network.named_modules() if isinstance(m, kind)]
    return layers[-1] if layers else ("", None)


def statistics(arch: str, weights: str) -> tuple[Tensor, Tensor]:
    """Return the mean and std of each channel, (C,), that pretrained weights were trained with.

    >>> statistics("torchvision:resnet18", "DEFAULT")[0]
    tensor([0.4850, 0.4560, 0.4060])
    """
    name = arch.removeprefix(PREFIX)
    if name in AUXILIARY:
        return torch.full((3,), 0.5), torch.full((3,), 0.5)
    preset = _weights(name, weights).transforms()
    return torch.tensor(preset.mean), torch.tensor(preset.std)


def input_shape(arch: str, weights: str) -> tuple[int, ...]:
    """Return the shape (C, H, W) of the images that pretrained weights were made for.

    >>> input_shape("torchvision:inception_v3", "DEFAULT")
    (3, 299, 299)
    """
    preset = _weights(arch.removeprefix(PREFIX), weights).transforms()
    return (3, preset.crop_size[0], preset.crop_size[0])


def classes_of(arch: str, weights: str) -> int:
    """Return the number of classes of pretrained weights.

    >>> classes_of("torchvision:resnet18", "DEFAULT")
    1000
    """
    return len(_weights(arch.removeprefix(PREFIX), weights).meta["categories"])


def _downloaded(name: str, weights: str) -> "WeightsEnum":
    """Return pretrained weights that are in torch's cache, or can be downloaded."""
    chosen = _weights(name, weights)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # stdout is for artifacts alone
            chosen.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()), "no answer")
        raise ModelError(
            f"expected {weights} of {name} in torch's cache or on the network, found: {reason}; "
            f"fetch {chosen.url} where there is one, or name no pretrained weights"
        ) from error
    return chosen


def _weights(name: str, weights: str) -> "WeightsEnum":
    import torchvision

    family = torchvision.models.get_model_weights(name)
    if weights not in family.__members__:
        names = ", ".join(family.__members__)
        raise ModelError(f"expected weights of {name}, found `{weights}`; it has {names}")
    chosen: WeightsEnum = family[weights]
    return chosen
