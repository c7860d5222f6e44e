"""What a data specification names: a member of the family SOURCES, a path, or white noise."""

from dataclasses import dataclass
from pathlib import Path

from specrob.data.image_folder import ImageFolderSplit
from specrob.data.noise_images import noise_source
from specrob.data.npz_file import read_npz
from specrob.data.raw_split import RawSplit, ReadSplit
from specrob.errors import DataError, UsageError
from specrob.family import nearest
from specrob.registry import SOURCES
from specrob.settings.images import Split

FORMS = ("PATH.npz", "FOLDER", "noise:CxHxW[:STD]")


@dataclass(frozen=True)
class DataSource:
    """Where images come from.

    Parameters
    ----------
    spec : str
        The specification.
    read : callable (split, root, download) -> RawSplit
    path : Path or None
        The file or folder, if it is one.

    Examples
    --------
    >>> parse_source("noise:1x2x3").read("test", "data", False).images.shape
    (10000, 1, 2, 3)
    """

    spec: str
    read: ReadSplit
    path: Path | None = None


def parse_source(spec: str) -> DataSource:
    """Return the source that a specification names, before anything is read.

    Raises
    ------
    UsageError
        If it is no name of a data set, path or noise shape.
    DataError
        If it is a path to nothing.

    Examples
    --------
    >>> parse_source("digits").spec
    'digits'
    >>> parse_source("cifar1O")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.UsageError: expected images, found ... cifar1O; did you mean `cifar10`?
    """
    if spec in SOURCES:
        return DataSource(spec, SOURCES[spec])
    if spec.startswith("noise:"):
        return DataSource(spec, noise_source(spec))
    try:
        path = Path(spec).expanduser()
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, RuntimeError) as error:  # a name too long, a folder locked, ~nobody
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"expected images, found: {reason}; check `data`") from error
    if is_folder:
        return DataSource(spec, lambda split, root, download: _folder(path, split), path)
    if path.suffix == ".npz" or is_file:
        return DataSource(spec, lambda split, root, download: read_npz(path, split), path)
    if path.parent.name or spec.startswith(".") or spec.endswith("/"):
        raise DataError(f"expected images, found no file or folder {spec}; check `data`")
    close = nearest(spec, SOURCES)
    advice = f"did you mean `{close}`?" if close else f"choose {', '.join([*SOURCES, *FORMS])}"
    raise UsageError(f"expected images, found no file, folder or name {spec}; {advice}")


def _folder(path: Path, split: Split) -> RawSplit:
    pictures = ImageFolderSplit(path, split)
    return RawSplit(pictures, pictures.labels, path.resolve().name)
