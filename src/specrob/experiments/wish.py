"""Which images a command is asked for, and whether they are those that a model knows."""

from dataclasses import dataclass, replace

from specrob.artifacts import Data
from specrob.data import Images, load
from specrob.data.datasets import describe
from specrob.errors import DataError, UsageError

DEFAULT_DATA, DEFAULT_ROOT = "digits", "data"


@dataclass(frozen=True)
class Wish:
    """Which images are asked for; None means the model's, or the default.

    Parameters
    ----------
    data, data_root, split, normalize : str or None
    download : bool
    limit : int or None
    """

    data: str | None = None
    data_root: str | None = None
    download: bool = False
    split: str | None = None
    normalize: str | None = None
    limit: int | None = None

    def load(self, split: str, normalize: str, known: Data | None = None) -> tuple[Images, Data]:
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
        >>> images, data = Wish(limit=3).load("test", "none")
        >>> len(images), data.source
        (3, 'digits')
        """
        split, trusted = self.split or split, known if self.data is None else None
        spec = self.data or (trusted.source if trusted else DEFAULT_DATA)
        root = self.data_root or (trusted.root if trusted else DEFAULT_ROOT)
        how = {"normalize": normalize, "limit": self.limit, "root": root}
        try:
            images = load(spec, split, download=self.download, **how)
        except (DataError, UsageError) as error:
            if not trusted:
                raise
            reason = f"{error} (the model was trained on it; --data names another)"
            raise DataError(reason) from error
        expected = trusted.digests.get(split) if trusted else None
        if expected and expected != images.digest:
            raise DataError(
                f"expected the {split} images that the model knows, SHA-256 {expected[:12]}, "
                f"found {images.digest[:12]}; pass --data {spec} to use them all the same"
            )
        digests = {split: images.digest}
        return images, describe(spec, root=root, name=images.name, digests=digests)

    def load_both(self, normalize: str, known: Data | None = None) -> tuple[Images, Images, Data]:
        """Return the images to learn from, the test images, and the record of both.

        >>> train, test, data = Wish(limit=3).load_both("none")
        >>> len(train), len(test), sorted(data.digests)
        (3, 3, ['test', 'train'])
        """
        train, data = self.load("train", normalize, known)
        test, other = replace(self, split=None).load("test", normalize, known)
        return train, test, replace(data, digests={**data.digests, **other.digests})
