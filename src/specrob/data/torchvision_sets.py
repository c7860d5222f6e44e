"""The data sets that torchvision reads and downloads."""

import contextlib
import io
from dataclasses import dataclass

import numpy as np

from specrob.artifacts.formats import BROKEN
from specrob.data.raw_split import RawSplit
from specrob.errors import DataError
from specrob.settings.images import Split


@dataclass(frozen=True)
class TorchvisionSet:
    """A data set of torchvision.

    Parameters
    ----------
    name : str
        Its class in torchvision.datasets.
    title : str
        Title for figures.
    by_split : bool
        Whether the class takes ``split="train"`` rather than ``train=True``.
    """

    name: str
    title: str
    by_split: bool = False

    def __call__(self, split: Split, root: str, download: bool) -> RawSplit:
        """Return one split.

        Raises
        ------
        DataError
            If its files are missing or broken.
        """
        import torchvision.datasets

        chosen = {"split": split} if self.by_split else {"train": split == "train"}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                dataset = getattr(torchvision.datasets, self.name)(
                    root, download=download, **chosen
                )
        except (RuntimeError, OSError) as error:  # "not found", a failed download, a bad digest
            advice = "check the network" if download else "fetch it with `download`"
            raise DataError(
                f"expected {self.title} under {root}, found none; {advice} or set `data_root`"
            ) from error
        except (*BROKEN, AssertionError) as error:
            raise DataError(
                f"expected {self.title} under {root}, found broken files; download them again"
            ) from error
        labels = dataset.labels if self.by_split else dataset.targets
        return RawSplit(np.asarray(dataset.data), np.asarray(labels), self.title)


MNIST = TorchvisionSet("MNIST", "MNIST")
FASHION_MNIST = TorchvisionSet("FashionMNIST", "Fashion-MNIST")
CIFAR10 = TorchvisionSet("CIFAR10", "CIFAR-10")
CIFAR100 = TorchvisionSet("CIFAR100", "CIFAR-100")
SVHN = TorchvisionSet("SVHN", "SVHN", by_split=True)
