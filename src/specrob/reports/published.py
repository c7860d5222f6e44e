"""Numbers that others published, to stand beside one's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from specrob.artifacts.formats import loads
from specrob.artifacts.streams import read_bytes
from specrob.artifacts.validation import conforms
from specrob.errors import ArtifactError
from specrob.reports.report import Value

HEAD = ("title", "source")
SHAPE = '{"title": ..., "source": ..., "networks": {"kh": {"test accuracy": 0.472}}}'


@dataclass(frozen=True)
class Published:
    """What was published of which network: a number, or a range by its ends.

    Parameters
    ----------
    file, title, source : str
    networks : mapping of str to mapping of str to float or pair of float
    """

    file: str
    title: str
    source: str
    networks: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


def read_published(path: str) -> Published:
    """Return the published numbers in a JSON file.

    ``title`` and ``source`` are texts and may be missing; ``networks`` has, by name of a network
    and of a quantity, a number or [low, high].

    Raises
    ------
    ArtifactError
        If it is anything else.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> from specrob.artifacts.streams import write_bytes
    >>> with NamedTemporaryFile() as file:
    ...     write_bytes(b'{"networks": {"kh": {"alpha images": [2, 3]}}}', file.name)
    ...     read_published(file.name).networks
    {'kh': {'alpha images': (2, 3)}}
    """
    try:
        whole = loads(read_bytes(path))
    except ValueError as error:
        raise ArtifactError(f"expected JSON in {path}, found: {error}; write {SHAPE}") from error
    networks = whole.get("networks") if isinstance(whole, dict) else None
    if not conforms(networks, Mapping[str, Mapping[str, Any]]):
        raise ArtifactError(f"expected `networks` in {path}, found none of that shape; {SHAPE}")
    for name in HEAD:
        if not isinstance(whole.get(name, ""), str):
            raise ArtifactError(f"expected a text as `{name}` in {path}, found another type")
    values = {
        network: {quantity: _value(v, quantity, network, path) for quantity, v in row.items()}
        for network, row in networks.items()
    }
    return Published(Path(path).name, *(whole.get(name, "") for name in HEAD), values)


def _value(value: Any, quantity: str, network: str, path: str) -> Value:
    where = f"as `{quantity}` of `{network}` in {path}"
    if not conforms(value, float | tuple[float, float]):
        raise ArtifactError(f"expected a number or [low, high] {where}, found `{value!r:.40}`")
    if isinstance(value, list) and value[0] > value[1]:
        raise ArtifactError(f"expected [low, high] {where}, found `{value}`; swap them")
    return tuple(value) if isinstance(value, list) else value


def difference(ours: Value | None, theirs: Value) -> Value | str | None:
    """Return ours less theirs, a range if one of them is; None where ours is no number.

    >>> f"{difference(0.449, 0.472):.3f}", difference((10, 20), (15, 28)), difference("yes", 1)
    ('-0.023', (-5, -8), None)
    """
    if ours is None or isinstance(ours, str):
        return None
    if isinstance(ours, tuple) or isinstance(theirs, tuple):
        low, high = (pair if isinstance(pair, tuple) else (pair, pair) for pair in (ours, theirs))
        return low[0] - high[0], low[1] - high[1]
    return ours - theirs
