"""Architectures of one's own: the code that builds them."""

import hashlib
import inspect
from pathlib import Path

from specrob.family import load_object
from specrob.models.architectures import architecture_of


def code_digest(arch: str) -> str | None:
    """Return the SHA-256 of the file that defines an architecture; None if it is specrob's.

    Also None where the code is not in a file, or is a library's.

    Examples
    --------
    >>> code_digest("mlp") is None, len(code_digest("specrob.models:Network"))
    (True, 64)
    """
    if architecture_of(arch) is not None or ":" not in arch:
        return None
    try:
        file = inspect.getsourcefile(inspect.unwrap(load_object(arch)))
        return hashlib.sha256(Path(file or "").read_bytes()).hexdigest()
    except (TypeError, OSError):
        return None
