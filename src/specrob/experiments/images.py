"""Loading of images, and the check that they are those of the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from specrob.artifacts import Data
from specrob.data import ImageSet, describe_source, fit_transforms, load_image_set
from specrob.data.transforms import Transform
from specrob.errors import DataError, UsageError
from specrob.settings.images import (
    DEFAULT_DATA,
    DEFAULT_ROOT,
    ImageSettings,
    Split,
    TransformSpec,
)


def load_split(
    images: ImageSettings,
    split: Split,
    normalize: str,
    *,
    transforms: Sequence[TransformSpec] = (),
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
    transforms : sequence of TransformSpec
        Transforms of the pixels; principal components are those of the training images.
    seed : int
        Seed of the noise that a transform adds.
    trained_on : Data, optional
        The images that a model was trained on. Where the settings name none, these are loaded,
        and their digests compared.

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
        change, basis = _pixel_transform(source, transforms, seed)
        loaded = source.load(split, normalize=normalize, limit=images.limit, change=change)
    except (DataError, UsageError) as error:
        if not expected:
            raise
        reason = f"{error} (the model was trained on it; `data` names other images)"
        raise DataError(reason) from error
    digests = {**basis, split: loaded.digest}
    _check_digests(digests, expected.digests if expected else {}, source.spec)
    name = ", ".join([loaded.name, *map(str, transforms)])
    data = describe_source(
        source.spec, root=source.root, name=name, digests=digests, resize=loaded.resize
    )
    return loaded, data


def load_both(
    images: ImageSettings,
    normalize: str,
    *,
    transforms: Sequence[TransformSpec] = (),
    seed: int = 0,
    trained_on: Data | None = None,
) -> tuple[ImageSet, ImageSet, Data]:
    """Return the images to learn from, the test images, and the record of both.

    >>> train, test, data = load_both(ImageSettings(limit=3), "none")
    >>> len(train), len(test), sorted(data.digests)
    (3, 3, ['test', 'train'])
    """
    train, data = load_split(
        images, "train", normalize, transforms=transforms, seed=seed, trained_on=trained_on
    )
    test, test_data = load_split(
        replace(images, split=None),
        "test",
        normalize,
        transforms=transforms,
        seed=seed,
        trained_on=trained_on,
    )
    digests = {**data.digests, **test_data.digests}
    return train, test, replace(data, resize=data.resize or test_data.resize, digests=digests)


@dataclass(frozen=True)
class _Source:
    """The source of images, from the settings and the record of the model."""

    spec: str
    root: str
    download: bool
    resize: int | None

    @classmethod
    def of(cls, images: ImageSettings, trained_on: Data | None) -> "_Source":
        expected = trained_on if images.data is None else None
        return cls(
            spec=images.data or (expected.source if expected else DEFAULT_DATA),
            root=images.data_root or (expected.root if expected else DEFAULT_ROOT),
            download=images.download,
            resize=images.resize or (trained_on.resize if trained_on else None),
        )

    def load(
        self,
        split: Split,
        *,
        normalize: str = "none",
        limit: int | None = None,
        change: Transform | None = None,
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
        )


def _pixel_transform(
    source: _Source, transforms: Sequence[TransformSpec], seed: int
) -> tuple[Transform | None, dict[str, str]]:
    """Return the transform of the pixels, and the digest of the images of its basis."""
    if not transforms:
        return None, {}
    if all(one.name == "noise" for one in transforms):
        return fit_transforms(transforms, torch.empty(0, 1, 1, 1), seed=seed), {}
    train = source.load("train")
    return fit_transforms(transforms, train.pixels, seed=seed), {"train": train.digest}


def _check_digests(digests: Mapping[str, str], expected: Mapping[str, str], spec: str) -> None:
    """Raise DataError unless the images are those that a model was trained on."""
    for split, digest in digests.items():
        if expected.get(split, digest) != digest:
            raise DataError(
                f"expected the {split} images that the model was trained on, SHA-256 "
                f"{expected[split][:12]}, found {digest[:12]}; pass `data` {spec} to use these "
                "images anyway"
            )
