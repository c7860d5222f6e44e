"""Images and labels of an NPZ file."""

from pathlib import Path

import numpy as np

from specrob.artifacts.formats import BROKEN
from specrob.data.raw_split import RawSplit
from specrob.errors import DataError
from specrob.settings.images import Split


def read_npz(path: Path, split: Split) -> RawSplit:
    """Return one split of an NPZ with x_train, y_train, x_test and y_test.

    Raises
    ------
    DataError
        If the file is broken, or an array is missing.
    """
    images, labels = f"x_{split}", f"y_{split}"
    try:
        with np.load(path, allow_pickle=False) as archive:
            for key in (images, labels):
                if key not in archive.files:
                    raise DataError(
                        f"expected `{key}` in {path}, found {', '.join(archive.files)}; "
                        "save x_train, y_train, x_test and y_test"
                    )
            name = str(archive["name"]) if "name" in archive.files else path.stem
            return RawSplit(archive[images], archive[labels], name)
    except DataError:
        raise
    except BROKEN as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        reason = getattr(error, "strerror", None) or first
        raise DataError(
            f"expected an NPZ of images at {path}, found: {reason}; check `data`"
        ) from error
