"""Loading of images, and the check that they are those of the model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch

from specrob.artifacts import Data
from specrob.data import ImageSet, describe_source, fit_transforms, load_image_set
from specrob.data.npz_file import holds_changed_images
from specrob.data.splits import KEEP
from specrob.data.transforms import RANDOM, Transform, describe_transforms
from specrob.errors import DataError, UsageError
from specrob.settings.images import (
    DEFAULT_DATA,
    DEFAULT_ROOT,
    ImageSettings,
    Resize,
    Split,
)
from specrob.settings.transforms import TransformSpec


def load_split(
    images: ImageSettings,
    split: Split,
    normalize: str,
    *,
    seed: int = 0,
    trained_on: Data | None = None,
) -> tuple[ImageSet, Data]:
    """Return one split and its record.

    Parameters
    ----------
    split : {"train", "test"}
        Used unless the settings name one.
    normalize : str
        "none", "standard", "lP" or "mean=M,std=S".
    seed : int
        Seed of the noise and the phases of transforms.
    trained_on : Data, optional
        The images that a model was trained on. Where the settings name none, these are loaded,
        and their digests compared; where they name no size or no transforms, those of the model
        are used.

    Raises
    ------
    DataError
        If the images are missing, or not those that the model was trained on.

    Examples
    --------
    >>> digits, data = load_split(ImageSettings(limit=3), "test", "none")
    >>> len(digits), data.source
    (3, 'digits')
    """
    split, expected = images.split or split, trained_on if images.data is None else None
    source = _Source.of(images, trained_on)
    try:
        change, basis = source.pixel_transform(split, seed)
        loaded = source.load(
            split,
            normalize=normalize,
            limit=images.limit,
            change=change,
            transform=describe_transforms(source.transforms, seed),
        )
    except (DataError, UsageError) as error:
        if not expected:
            raise
        reason = f"{error} (the model was trained on it; `data` names other images)"
        raise DataError(reason) from error
    digests = {**basis, split: loaded.digest}
    _check_digests(digests, expected.digests if expected else {}, source.spec)
    transform = tuple(map(str, source.transforms))
    data = describe_source(
        source.spec,
        root=source.root,
        name=", ".join([loaded.name, *transform]),
        digests=digests,
        resize=loaded.resize,
        transform=transform,
        used=split,
    )
    return loaded, data


def load_both(
    images: ImageSettings,
    normalize: str,
    *,
    seed: int = 0,
    trained_on: Data | None = None,
) -> tuple[ImageSet, ImageSet, Data]:
    """Return the images to learn from, the test images, and the record of both.

    >>> train, test, data = load_both(ImageSettings(limit=3), "none")
    >>> len(train), len(test), sorted(data.digests)
    (3, 3, ['test', 'train'])
    """
    train, data = load_split(images, "train", normalize, seed=seed, trained_on=trained_on)
    measured = replace(images, split=None)
    test, test_data = load_split(measured, "test", normalize, seed=seed, trained_on=trained_on)
    digests = {**data.digests, **test_data.digests}
    resize = data.resize or test_data.resize
    return train, test, replace(data, resize=resize, digests=digests, split=None)


@dataclass(frozen=True)
class _Source:
    """The source of images and what is done to them, from settings and the record of a model."""

    spec: str
    root: str
    download: bool
    resize: Resize | None
    transforms: tuple[TransformSpec, ...]

    @classmethod
    def of(cls, images: ImageSettings, trained_on: Data | None) -> "_Source":
        expected = trained_on if images.data is None else None
        if images.data is not None and holds_changed_images(images.data):
            trained_on = None  # they are as a network saw them
        return cls(
            spec=images.data or (expected.source if expected else DEFAULT_DATA),
            root=images.data_root or (expected.root if expected else DEFAULT_ROOT),
            download=images.download,
            resize=images.resize or (trained_on.resize if trained_on else None),
            transforms=images.transforms(trained_on.transform if trained_on else ()),
        )

    def load(
        self,
        split: Split,
        *,
        normalize: str = "none",
        limit: int | None = None,
        change: Transform | None = None,
        transform: tuple[str, ...] = (),
        keep: int = KEEP,
    ) -> ImageSet:
        return load_image_set(
            self.spec,
            split,
            normalize=normalize,
            limit=limit,
            root=self.root,
            download=self.download,
            resize=self.resize,
            change=change,
            transform=transform,
            keep=keep,
        )

    def pixel_transform(self, split: Split, seed: int) -> tuple[Transform | None, dict[str, str]]:
        """Return the transform of the pixels, and the digest of the images of its basis."""
        if not self.transforms:
            return None, {}
        if all(one.name in RANDOM for one in self.transforms):
            nothing = torch.empty(0, 1, 1, 1)
            return fit_transforms(self.transforms, nothing, seed=seed, split=split), {}
        train = self.load("train", keep=0)
        change = fit_transforms(
            self.transforms, train, seed=seed, split=split, train_digest=train.selection
        )
        return change, {"train": train.digest}


def _check_digests(digests: Mapping[str, str], expected: Mapping[str, str], spec: str) -> None:
    """Raise DataError unless the images are those that a model was trained on."""
    for split, digest in digests.items():
        if expected.get(split, digest) != digest:
            raise DataError(
                f"expected the {split} images that the model was trained on, SHA-256 "
                f"{expected[split][:12]}, found {digest[:12]}; pass `data` {spec} to use these "
                "images anyway"
            )
