"""The title of images, and what was done to their pixels, as separate conditions of a number."""

from specrob.artifacts import Data
from specrob.errors import UsageError
from specrob.settings.transforms import TransformSpec


def images_of(data: Data | None) -> str | None:
    """Return the title of images without their transforms.

    >>> images_of(Data("c.npz", "CIFAR-10, 16x16, pca:8", "", {}, 16, ("pca:8",)))
    'CIFAR-10, 16x16'
    """
    return _split(data)[0] or None


def transform_of(data: Data | None) -> str | None:
    """Return the transforms of the pixels, in their order; None where there are none.

    >>> transform_of(Data("c.npz", "CIFAR-10, 16x16, pca:8, zca:1e-05", "", {}, 16))
    'pca:8, zca:1e-05'
    >>> transform_of(Data("c.npz", "Sky, noise", "", {}))  # a title
    """
    return _split(data)[1] or None


def _split(data: Data | None) -> tuple[str, str]:
    """Return title and transforms: records before 0.6 have these at the end of the title alone."""
    parts = data.name.split(", ") if data else []
    first = len(parts) - (len(data.transform) if data else 0)
    if first == len(parts):
        while first > 1 and _is_transform(parts[first - 1]):
            first -= 1
    return ", ".join(parts[:first]), ", ".join(parts[first:])


def _is_transform(text: str) -> bool:
    try:
        return bool(TransformSpec.parse(text))
    except UsageError:
        return False
