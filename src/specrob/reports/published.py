"""Numbers that others published, beside those of a folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import msgspec

from specrob.artifacts.streams import read_bytes
from specrob.artifacts.strict_json import loads
from specrob.errors import ArtifactError
from specrob.grammar import format_number
from specrob.quantities.quantity import Number
from specrob.registry import suggest
from specrob.reports.numbers import Reported
from specrob.reports.page import Cell, Item, Table
from specrob.reports.seeds import seeds_cell
from specrob.reports.tables import cell_of

SHAPE = '{"title": ..., "source": ..., "networks": {"kh": {"test accuracy": 0.472}}}'
Range = tuple[float, float]
PublishedValue = float | Range


class Published(msgspec.Struct):
    """What was published: by network and quantity a number, or a range by its ends."""

    networks: dict[str, dict[str, Any]]  # of PublishedValue
    file: str = ""
    title: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        """Title and source, or the name of the file."""
        return ", ".join(filter(None, (self.title, self.source))) or self.file


def read_published(path: str) -> Published:
    """Return the published numbers in a JSON file.

    ``title`` and ``source`` are texts and may be missing; ``networks`` has, by name of a network
    or of its seeds, and by name of a quantity, a number or [low, high]. What was done to
    the images follows the name of the quantity: "alpha images, pca:8".

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
    {'kh': {'alpha images': (2.0, 3.0)}}
    """
    data = read_bytes(path)
    try:
        published = msgspec.convert(loads(data), Published)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        reason = str(error).replace("`", "")
        raise ArtifactError(f"expected JSON {SHAPE} in {path}, found: {reason}") from error
    published.file = Path(path).name
    published.networks = {
        network: {name: _value(v, f"`{name}` of `{network}` in {path}") for name, v in row.items()}
        for network, row in published.networks.items()
    }
    return published


def _value(plain: object, where: str) -> PublishedValue:
    try:
        value: PublishedValue = msgspec.convert(plain, PublishedValue)
    except msgspec.ValidationError:
        raise ArtifactError(
            f"expected a number or [low, high] as {where}, found `{plain!r:.40}`"
        ) from None
    if isinstance(value, tuple) and value[0] > value[1]:
        raise ArtifactError(f"expected [low, high] as {where}, found `{plain}`; swap them")
    return value


def tabulate_published(numbers: Sequence[Reported], published: Published) -> Table:
    """Return each published number of the networks at hand beside one's own.

    >>> from specrob.artifacts import Artifact
    >>> from specrob.quantities.networks import NetworkResults
    >>> from specrob.reports.numbers import reported_numbers
    >>> facts = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
    >>> model = Artifact("model", fields=facts | {"train_accuracy": 0.5, "test_accuracy": 0.25})
    >>> paper = Published({"kh": {"test accuracy": 0.5, "clean accuracy": 1}}, "p.json")
    >>> kh = NetworkResults("kh", "kh", None, ())
    >>> table = tabulate_published([*reported_numbers(model, kh, 1)], paper)
    >>> [[cell[0].text for cell in row] for row in table.rows]
    [['kh', 'test accuracy', '0.25', '0.5', '-0.25'], ['kh', 'clean accuracy', 'none', '1', '']]
    """
    rows = [
        _row(own, network, title, value)
        for network, quantities in published.networks.items()
        if (own := _numbers_of(network, numbers))
        for title, value in quantities.items()
    ]
    header = ["network", "quantity", "here", "published", "difference"]
    return Table(f"Compared with {published.title or published.file}", header, rows)


def _numbers_of(name: str, numbers: Sequence[Reported]) -> list[Reported]:
    """Return the numbers of a network, of a group, or of the one seed that there is of a name."""
    own = [one for one in numbers if name in (one.network, one.group)]
    alone = [one for one in numbers if one.without_seed == name]
    return own or (alone if len({one.network for one in alone}) == 1 else [])


def _row(
    numbers: Sequence[Reported], name: str, title: str, published: PublishedValue
) -> list[Cell]:
    """Return the row of a network, or of the seeds of a group, of which the numbers are."""
    same = [one for one in numbers if _title(one) == title]
    networks = list(dict.fromkeys(one.network for one in same))
    if len(networks) > 1:
        cell = seeds_cell(same, same[0].title, networks)
        values = [v for one in same if isinstance(v := one.value.value, int | float)]
        ours: list[Number | None] = [mean(values)] if values else []
    else:
        cell = (
            cell_of(same, networks[0], same[0].title) if same else [Item("none", "not measured")]
        )
        ours = list({one.key: one.value.value for one in same}.values())
    apart = [Item(_signed(difference(value, published))) for value in ours]
    names = [[Item(name)], [Item(title)]]
    return [*names, cell, [Item(format_number(published))], apart or [Item("")]]


def _title(one: Reported) -> str:
    """Return the title of a number, and what was done to the images."""
    return ", ".join(filter(None, (one.title, one.transform)))


def difference(ours: Number | None, theirs: PublishedValue) -> PublishedValue | None:
    """Return ours less theirs, a range if one of them is; None where ours is no number.

    >>> f"{difference(0.449, 0.472):.3f}", difference((10, 20), (15, 28)), difference("yes", 1)
    ('-0.023', (-5, -8), None)
    """
    if ours is None or isinstance(ours, str):
        return None
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return ours - theirs
    low, high = (pair if isinstance(pair, tuple) else (pair, pair) for pair in (ours, theirs))
    return low[0] - high[0], low[1] - high[1]


def _signed(value: PublishedValue | None) -> str:
    if isinstance(value, tuple):
        return " to ".join(map(_signed, value))
    return "" if value is None else f"{value:+.3g}"


def unmatched(numbers: Sequence[Reported], published: Published) -> list[str]:
    """Return a line for the published networks, and for the quantities, that are not at hand."""
    quantities = (title for row in published.networks.values() for title in row)
    return [
        *_unknown(
            published.file,
            [name for name in published.networks if not _numbers_of(name, numbers)],
            [name for one in numbers for name in (one.network, one.group)],
        ),
        *_unknown(published.file, quantities, map(_title, numbers)),
    ]


def _unknown(file: str, names: Iterable[str], known: Iterable[str]) -> list[str]:
    known = list(dict.fromkeys(known))
    lacking = [name for name in dict.fromkeys(names) if name not in known]
    if not lacking:
        return []
    advice = (
        suggest(lacking[0], known) if len(lacking) == 1 else f"choose one of {', '.join(known)}"
    )
    words = ", ".join(f"`{name}`" for name in lacking)
    return [f"{file}: no network or quantity of the folder is called {words}; {advice}"]
