"""Networks and images that are in memory, made ready to be measured.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from specrob.artifacts import Data, digest
from specrob.data import ImageSet, normalize_
from specrob.errors import DataError, ModelError, UsageError
from specrob.experiments.loaded_model import LoadedModel, check_shape
from specrob.experiments.pretrained import standardized
from specrob.models import Network
from specrob.settings.normalization import Normalization

Values = Tensor | NDArray[Any]
MAX_LEVEL = 255  # of pixels that are integers
MAX_PIXEL = 2.0  # beyond, images without negative numbers are those of 0 to 255
SOURCE = "memory"  # of images, in the history of what is measured on them


class _Function(nn.Module):
    """A function from images to logits as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]):
        super().__init__()
        self.function = function

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images)


def images_in_memory(
    images: Values, labels: Values | None = None, *, normalize: str = "none"
) -> tuple[ImageSet, Data]:
    """Return images and labels that are in memory as a split, and its record.

    Parameters
    ----------
    images : Tensor or ndarray, (B, C, H, W) or (B, H, W)
        Integers from 0 to 255, or numbers that the network takes as they are; pixels are valid
        from 0 to 1.
    labels : Tensor or ndarray of int, (B,), optional
        By default all are 0, for measures that do not use them.
    normalize : str
        "none", "lP" or "mean=M,std=S"; see `normalize_`.

    Raises
    ------
    DataError
        If the shapes do not go together, a pixel is not finite or no number of 0 to 255 where it
        is an integer, or a label is negative.

    Examples
    --------
    >>> split, data = images_in_memory(torch.zeros(2, 8, 8), torch.tensor([0, 3]))
    >>> split.pixels.shape, split.classes
    (torch.Size([2, 1, 8, 8]), 4)
    """
    pixels = torch.as_tensor(images).detach()
    if pixels.ndim not in (3, 4) or not pixels.numel():
        raise DataError(
            f"expected `images` of shape (B, C, H, W) or (B, H, W), found {tuple(pixels.shape)}"
        )
    pixels = pixels if pixels.ndim == 4 else pixels.unsqueeze(1)
    if not pixels.is_floating_point():
        if pixels.dtype == torch.bool or pixels.min() < 0 or pixels.max() > MAX_LEVEL:
            raise DataError(
                f"expected `images` of numbers from 0 to 1 or integers from 0 to {MAX_LEVEL}, "
                f"found {pixels.dtype} from {pixels.min()} to {pixels.max()}; convert them"
            )
        pixels = pixels.float() / MAX_LEVEL
    pixels = pixels.float()
    if not pixels.isfinite().all():
        raise DataError("expected finite numbers in `images`, found NaN or inf")
    if pixels.min() >= 0 and pixels.max() > MAX_PIXEL:
        raise DataError(
            f"expected `images` with pixels from 0 to 1, found up to {float(pixels.max()):.4g}; "
            "divide them by 255, or pass integers"
        )
    classes = _labels(labels, len(pixels)).to(pixels.device)
    stored = digest({"images": pixels.cpu().numpy(), "labels": classes.cpu().numpy()})
    pixels = pixels.clone()  # normalization is in place
    split = ImageSet(
        source=pixels,
        labels=classes,
        index=torch.arange(len(pixels), device=pixels.device),
        high=normalize_(pixels, normalize),
        classes=int(classes.max()) + 1,
        name="images in memory",
        digest=stored,
    )
    return split, Data(SOURCE, split.name, "", {"test": stored})


def _labels(labels: Values | None, count: int) -> Tensor:
    """Return the labels of images, (B,), int64; 0 where none are given."""
    if labels is None:
        return torch.zeros(count, dtype=torch.int64)
    values = torch.as_tensor(labels).detach()
    if values.shape != (count,):
        raise DataError(f"expected {count} `labels`, one per image, found {tuple(values.shape)}")
    if values.is_floating_point() or (values < 0).any():
        raise DataError(f"expected `labels` that are integers from 0, found {values.min()}")
    return values.to(torch.int64)


def model_in_memory(
    model: Callable[[Tensor], Tensor], images: ImageSet, data: Data, *, normalize: str = "none"
) -> LoadedModel:
    """Return somebody's own network with its images.

    A copy of a module is measured, in evaluation mode and float32; the module itself stays as it
    is.

    Parameters
    ----------
    model : nn.Module, or a function from images, (b, C, H, W), to logits, (b, classes)
    images : ImageSet
        Already normalized.
    data : Data
        Their record.
    normalize : str
        How they were normalized; "mean=M,std=S" standardizes the channels of what the network is
        shown.

    Raises
    ------
    ModelError, DataError, UsageError
        If the network does not take the images, or the normalization needs others.

    Examples
    --------
    >>> split, data = images_in_memory(torch.zeros(2, 8, 8))
    >>> loaded = model_in_memory(nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), split, data)
    >>> loaded.network.classes
    10
    """
    module = copy.deepcopy(model) if isinstance(model, nn.Module) else _Function(model)
    module.eval().requires_grad_(False).float()
    first = next(module.parameters(), None)
    images = images if first is None else images.to(first.device)
    shape = images.shape
    try:
        with torch.no_grad():
            answer = module(images[:1])
    except (RuntimeError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"expected a model that takes images of shape {shape}, found: {reason}"
        ) from error
    classes = answer.shape[1] if isinstance(answer, Tensor) and answer.ndim == 2 else 1
    name = type(model) if isinstance(model, nn.Module) else model
    arch = f"{name.__module__}:{getattr(name, '__qualname__', 'function')}"
    network = Network(module, arch, {}, shape, classes, normalize)
    if Normalization.parse(normalize).by_training_images:
        raise UsageError(
            "`normalize`: expected none, lP or mean=M,std=S without training images, found "
            "`standard`; name mean and standard deviation"
        )
    network = standardized(network)
    network.module.to(images.device)  # with what standardizes the channels
    return LoadedModel(network, images, data)


def images_for(
    network: Network, images: Values, labels: Values | None, device: torch.device
) -> tuple[ImageSet, Data]:
    """Return images in memory as a network wants them normalized, on a device, and their record.

    Raises
    ------
    DataError
        If they do not have the shape that the network takes.
    """
    split, data = images_in_memory(images, labels, normalize=network.normalize)
    check_shape(network, split)
    return split.to(device), data
