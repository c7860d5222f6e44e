"""Libraries of networks, whose architectures are named ``LIBRARY:NAME``."""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from torch import Tensor, nn

# prefix of an architecture -> the module that has the functions of `Library`
LIBRARIES = {
    "torchvision": "specrob.models.torchvision_models",
    "timm": "specrob.models.timm_models",
    "hf_hub": "specrob.models.timm_models",
}


class Library(Protocol):
    """What is known of a library's networks: each function takes the whole name."""

    def builder(self, arch: str) -> Callable[..., nn.Module]:
        """Return the function that builds a network; raise ModelError if there is none."""

    def head(self, arch: str) -> str:
        """Return the name of the last map."""

    def statistics(self, arch: str, weights: str) -> tuple[Tensor, Tensor]:
        """Return the mean and std of each channel, (C,), for pretrained weights."""

    def input_shape(self, arch: str, weights: str) -> tuple[int, ...]:
        """Return the shape (C, H, W) of the images of pretrained weights."""

    def classes_of(self, arch: str, weights: str) -> int:
        """Return the number of classes of pretrained weights."""


def library_of(arch: str) -> Library | None:
    """Return the library of an architecture; None for specrob's and for a factory.

    >>> library_of("torchvision:resnet18").classes_of("torchvision:resnet18", "DEFAULT")
    1000
    >>> library_of("mlp"), library_of("package.module:factory")
    (None, None)
    """
    prefix, colon, _ = arch.partition(":")
    module = LIBRARIES.get(prefix) if colon else None
    return cast(Library, import_module(module)) if module else None
