"""Images that commands make, in the form that every command reads by `data`."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Annotated

from specrob.errors import ArtifactError
from specrob.results.record import Array, Axes, Facts, Result
from specrob.settings.images import Split


@dataclass(frozen=True, kw_only=True)
class ImageFile(Result):
    """Images that a command made, with the labels to learn from; one split or both.

    Parameters
    ----------
    settings : mapping
        What the images depend on, the same for both splits: the SHA-256 of the `network`, its
        `arch`, the `data` and `transform` they were made from, and the options and `seed` of the
        command.
    digests : mapping
        SHA-256 of the images that they were made from, by split, as stored.
    """

    kind = "images"
    format = "npz"
    maker = "attack --save-data"
    together = (("x_train", "y_train", "y_true_train"), ("x_test", "y_test", "y_true_test"))

    name: Annotated[Array, Axes("", "title", dtype="U")]
    x_train: Annotated[Array | None, Axes("B C H W", "training images", "0 to 1")] = None
    y_train: Annotated[Array | None, Axes("B", "labels to learn from", dtype="iu")] = None
    y_true_train: Annotated[Array | None, Axes("B", "labels before", dtype="iu")] = None
    residual_train: Annotated[
        Array | None, Axes("B", "distance of representations, as a share of the first")
    ] = None
    x_test: Annotated[Array | None, Axes("T C H W", "test images", "0 to 1")] = None
    y_test: Annotated[Array | None, Axes("T", "labels to learn from", dtype="iu")] = None
    y_true_test: Annotated[Array | None, Axes("T", "labels before", dtype="iu")] = None
    residual_test: Annotated[
        Array | None, Axes("T", "distance of representations, as a share of the first")
    ] = None
    settings: Facts
    digests: Facts

    def parts(self) -> Iterator[tuple[Split, Array, Array | None]]:
        """Yield the splits that there are, with their images and residuals."""
        if self.x_train is not None:
            yield "train", self.x_train, self.residual_train
        if self.x_test is not None:
            yield "test", self.x_test, self.residual_test

    def labels(self, split: Split) -> tuple[Array | None, Array | None]:
        """Return the labels before, and those to learn from, of the images of a split."""
        if split == "train":
            return self.y_true_train, self.y_train
        return self.y_true_test, self.y_test

    @property
    def splits(self) -> set[Split]:
        """The splits whose images it holds."""
        return {split for split, _, _ in self.parts()}

    def with_split(
        self, split: Split, x: Array, y: Array, y_true: Array, residual: Array | None = None
    ) -> "ImageFile":
        """Return the same with the images of a split.

        Parameters
        ----------
        x : ndarray, (B, C, H, W), in [0, 1]
        y, y_true : ndarray of int, (B,)
            The labels to learn from, and the labels of the images that these were made from.
        residual : ndarray, (B,), optional
            Of images that were made to have the representation of others: how far the
            representations still are from one another, as a share of how far they were.
        """
        if split == "train":
            arrays = replace(self, x_train=x, y_train=y, y_true_train=y_true)
            return replace(arrays, residual_train=residual)
        return replace(self, x_test=x, y_test=y, y_true_test=y_true, residual_test=residual)

    def require_same(self, other: "ImageFile", file: str) -> None:
        """Raise ArtifactError unless both were made from the same images in the same way.

        >>> import numpy as np
        >>> facts = {"name": np.array("a"), "digests": {}}
        >>> two = [ImageFile(settings={"eps": eps}, **facts) for eps in (1, 2)]
        >>> two[0].require_same(two[1], "f.npz")
        Traceback (most recent call last):
        specrob.errors.ArtifactError: expected images made with eps 1 in f.npz, to which a split \
is added, found eps 2; name another file
        """
        splits = sorted(self.digests.keys() & other.digests.keys())
        ours, theirs = (
            {
                **one.settings,
                "name": str(one.name),
                **{f"{split} images of SHA-256": one.digests[split] for split in splits},
            }
            for one in (self, other)
        )
        for name in dict.fromkeys([*ours, *theirs]):
            if ours.get(name) != theirs.get(name):
                raise ArtifactError(
                    f"expected images made with {name} {ours.get(name)} in {file}, to which a "
                    f"split is added, found {name} {theirs.get(name)}; name another file"
                )

    def beside(self, other: "ImageFile") -> "ImageFile":
        """Return the images of this file, and those of a split that only the other has.

        >>> import numpy as np
        >>> x, y = np.zeros((1, 1, 2, 2)), np.zeros(1, int)
        >>> empty = ImageFile(name=np.array("a"), settings={}, digests={})
        >>> both = empty.with_split("train", x, y, y).beside(empty.with_split("test", x, y, y))
        >>> both.x_train.shape == both.x_test.shape
        True
        """
        added = other.splits - self.splits
        names = [f.name for f in fields(self) if f.name.rpartition("_")[2] in added]
        arrays = {name: getattr(other, name) for name in names}
        return replace(self, digests={**other.digests, **self.digests}, **arrays)
