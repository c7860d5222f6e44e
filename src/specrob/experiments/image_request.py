"""Which images a command is asked for, and whether they are those that a model knows."""

from dataclasses import dataclass, replace
from typing import Any

import torch

from specrob.artifacts import Data
from specrob.data import ImageSet, TransformSpec, fit_transforms, load_image_set
from specrob.data.image_set import describe_source
from specrob.data.transforms import Transform
from specrob.errors import DataError, UsageError

DEFAULT_DATA, DEFAULT_ROOT = "digits", "data"


@dataclass(frozen=True)
class ImageSettings:
    """Which images are asked for; None means the model's, or the default.

    Parameters
    ----------
    data, data_root, split, normalize : str or None
    download : bool
    limit : int or None
    resize : int or None, pixels
        Side of the square that images become before all else.
    transform : sequence of TransformSpec
        What is done to the pixels; bases come from the training images.
    seed : int
        Of the noise that a transform adds.
    """

    data: str | None = None
    data_root: str | None = None
    download: bool = False
    split: str | None = None
    normalize: str | None = None
    limit: int | None = None
    resize: int | None = None
    transform: tuple[TransformSpec, ...] = ()
    seed: int = 0

    def load_split(
        self, split: str, normalize: str, known: Data | None = None
    ) -> tuple[ImageSet, Data]:
        """Return one split and its record.

        Parameters
        ----------
        split : {"train", "test"}
            Unless the wish names one.
        normalize : str
        known : Data, optional
            The images that a model was trained on; used, and checked, where none are asked for.

        Raises
        ------
        DataError
            If the images are not there, or not those that the model was trained on.

        Examples
        --------
        >>> images, data = ImageSettings(limit=3).load_split("test", "none")
        >>> len(images), data.source
        (3, 'digits')
        """
        split, trusted = self.split or split, known if self.data is None else None
        spec = self.data or (trusted.source if trusted else DEFAULT_DATA)
        root = self.data_root or (trusted.root if trusted else DEFAULT_ROOT)
        side = self.resize or (known.resize if known else None)
        how = {"root": root, "download": self.download, "resize": side}
        try:
            change, basis = self._change(spec, how)
            whole = {"limit": self.limit, "normalize": normalize, "change": change}
            images = load_image_set(spec, split, **whole, **how)
        except (DataError, UsageError) as error:
            if not trusted:
                raise
            reason = f"{error} (the model was trained on it; --data names another)"
            raise DataError(reason) from error
        digests = {**basis, split: images.digest}
        known_digests = trusted.digests if trusted else {}
        for part, found in digests.items():
            if known_digests.get(part, found) != found:
                raise DataError(
                    f"expected the {part} images that the model knows, SHA-256 "
                    f"{known_digests[part][:12]}, found {found[:12]}; pass --data {spec} to use "
                    "them all the same"
                )
        name = ", ".join([images.name, *map(str, self.transform)])
        record = {"name": name, "digests": digests, "resize": images.resize}
        return images, describe_source(spec, root=root, **record)

    def _change(self, spec: str, how: dict[str, Any]) -> tuple[Transform | None, dict[str, str]]:
        """Return what is done to the pixels, and the digest of the images behind its basis."""
        if not self.transform:
            return None, {}
        if all(one.name == "noise" for one in self.transform):
            return fit_transforms(self.transform, torch.empty(0, 1, 1, 1), seed=self.seed), {}
        train = load_image_set(spec, "train", **how)
        change = fit_transforms(self.transform, train.pixels, seed=self.seed)
        return change, {"train": train.digest}

    def load_both(
        self, normalize: str, known: Data | None = None
    ) -> tuple[ImageSet, ImageSet, Data]:
        """Return the images to learn from, the test images, and the record of both.

        >>> train, test, data = ImageSettings(limit=3).load_both("none")
        >>> len(train), len(test), sorted(data.digests)
        (3, 3, ['test', 'train'])
        """
        train, data = self.load_split("train", normalize, known)
        test, other = replace(self, split=None).load_split("test", normalize, known)
        both = {"digests": {**data.digests, **other.digests}}
        return train, test, replace(data, resize=data.resize or other.resize, **both)
