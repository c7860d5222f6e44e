"""The old record of images that are asked for; `settings.images.ImageSettings` replaces it."""

from dataclasses import dataclass

from specrob.artifacts import Data
from specrob.data import ImageSet
from specrob.experiments import images
from specrob.experiments.images import DEFAULT_DATA, DEFAULT_ROOT
from specrob.settings.images import ImageSettings as Settings
from specrob.settings.images import TransformSpec

__all__ = ["DEFAULT_DATA", "DEFAULT_ROOT", "ImageSettings"]


@dataclass(frozen=True)
class ImageSettings:
    """Which images are asked for; None means the model's, or the default."""

    data: str | None = None
    data_root: str | None = None
    download: bool = False
    split: str | None = None
    normalize: str | None = None
    limit: int | None = None
    resize: int | None = None
    transform: tuple[TransformSpec, ...] = ()
    seed: int = 0

    @classmethod
    def of(cls, images: Settings, transforms: tuple[TransformSpec, ...], seed: int):
        """Return the old record of the new ones."""
        return cls(
            images.data,
            images.data_root,
            images.download,
            images.split,
            images.normalize,
            images.limit,
            images.resize,
            transforms,
            seed,
        )

    @property
    def settings(self) -> Settings:
        """The record that replaces this one."""
        return Settings(
            data=self.data,
            data_root=self.data_root,
            download=self.download,
            split=self.split,
            normalize=self.normalize,
            limit=self.limit,
            resize=self.resize,
        )

    def load_split(self, split, normalize, known: Data | None = None) -> tuple[ImageSet, Data]:
        """Return one split and its record."""
        return images.load_split(
            self.settings, split, normalize, transforms=self.transform, seed=self.seed, known=known
        )

    def load_both(self, normalize, known: Data | None = None) -> tuple[ImageSet, ImageSet, Data]:
        """Return the images to learn from, the test images, and the record of both."""
        return images.load_both(
            self.settings, normalize, transforms=self.transform, seed=self.seed, known=known
        )
