"""Whether images are those that a network can be shown."""

from specrob.data import ImageSet
from specrob.errors import DataError
from specrob.models import Network


def check_shape(network: Network, images: ImageSet) -> None:
    """Raise DataError unless the images have the shape that the network takes.

    >>> import torch
    >>> from specrob.experiments.image_request import ImageSettings
    >>> images, _ = ImageSettings(limit=1).load_split("test", "none")
    >>> check_shape(Network(torch.nn.Flatten(), "images", {}, (3, 8, 8), 10), images)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.DataError: expected images of shape (3, 8, 8) for the model, found (1, 8, 8)...
    """
    found = tuple(images.pixels.shape[1:])
    if found != network.shape:
        channels, *sides = network.shape
        fits = found[0] == channels and len(set(sides)) == 1
        raise DataError(
            f"expected images of shape {network.shape} for the model, found {found} in "
            f"{images.name}; pass other --data{f', or --resize {sides[0]}' if fits else ''}"
        )


def check_labels(network: Network, images: ImageSet) -> None:
    """Raise DataError unless every label is one of the network's classes.

    >>> import torch
    >>> from specrob.experiments.image_request import ImageSettings
    >>> images, _ = ImageSettings(limit=1).load_split("test", "none")
    >>> check_labels(Network(torch.nn.Flatten(), "images", {}, (1, 8, 8), 1), images)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.DataError: expected labels below 1, the model's classes and at least two...
    """
    highest = int(images.labels.max())
    if network.classes < 2 or highest >= network.classes:
        raise DataError(
            f"expected labels below {network.classes}, the model's classes and at least two, "
            f"found {highest} in {images.name}; pass other --data"
        )
