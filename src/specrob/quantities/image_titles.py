"""The title of images, and what was done to their pixels, as separate conditions of a number."""

from specrob.artifacts import Data
from specrob.settings.transforms import TRANSFORMS


def images_of(data: Data | None) -> str | None:
    """Return the title of images without their transforms.

    >>> images_of(Data("c.npz", "CIFAR-10, 16x16, pca:8", "", {}, 16, ("pca:8",)))
    'CIFAR-10, 16x16'
    """
    return _parts(data, are_transforms=False)


def transform_of(data: Data | None) -> str | None:
    """Return the transforms of the pixels, in their order; None where there are none.

    >>> transform_of(Data("c.npz", "CIFAR-10, 16x16, pca:8, zca:1e-05", "", {}, 16))
    'pca:8, zca:1e-05'
    """
    return _parts(data, are_transforms=True)


def _parts(data: Data | None, *, are_transforms: bool) -> str | None:
    """Return one part of the title: records before 0.6 have the transforms in it alone."""
    parts = data.name.split(", ") if data else []
    chosen = [one for one in parts if (one.split(":")[0] in TRANSFORMS) == are_transforms]
    return ", ".join(chosen) or None
