"""The numbers of artifacts that reports show, each with its network and its source."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from specrob.artifacts import Artifact
from specrob.quantities.image_titles import transform_of
from specrob.quantities.networks import NetworkResults
from specrob.quantities.quantity import Value, fill
from specrob.quantities.table import QUANTITIES, of_all_units, quantities_of

BESIDE = {"initial": {"source": "images"}}  # a null stands in the table of what it is the null of
REPORTED_KINDS = {quantity.kind for quantity in QUANTITIES if quantity.topic}


@dataclass(frozen=True)
class Reported:
    """A number of a report.

    Parameters
    ----------
    network, group, topic, title : str
        Its row, the group of that row, its table and its column.
    without_seed : str
        The name of the network without its seed.
    value : Value
    note : str
    source : int
        Number of the artifact that gave it.
    fit : tuple
        Which fit it is of, where several artifacts may hold it.
    transform : str
        What was done to the images.
    """

    network: str
    group: str
    topic: str
    title: str
    value: Value
    note: str
    source: int
    fit: tuple[Hashable, ...] = ()
    transform: str = ""
    without_seed: str = ""

    @property
    def is_resampled(self) -> bool:
        """Whether its fit has an interval from resampled images."""
        return self.value.labels.get("interval from") == "bootstrap"

    @property
    def eps(self) -> float | None:
        """The radius of the attack, where the number is of one."""
        eps = self.value.labels.get("eps")
        return None if eps is None else float(eps)

    @property
    def ranks(self) -> str:
        """First and last rank of the fit, where it is of one."""
        return str(self.value.labels.get("ranks", ""))

    @property
    def key(self) -> Hashable:
        """What is the same for equal numbers of several sources."""
        one = self.value
        return one.value, one.low, one.high, one.error, self.note


def reported_numbers(
    artifact: Artifact, member: NetworkResults, source: int
) -> Iterator[Reported]:
    """Yield all numbers of an artifact that reports show; of several sizes the largest.

    >>> facts = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
    >>> model = Artifact("model", fields=facts | {"train_accuracy": 0.5, "test_accuracy": 0.25})
    >>> kh = NetworkResults("kh", "kh", None, ())
    >>> [(one.title, one.value.value) for one in reported_numbers(model, kh, 1)]
    [('test accuracy', 0.25), ('train accuracy', 0.5)]
    """
    data = artifact.provenance.lineage_data()
    images = (data.name, *sorted(data.digests.items())) if data else ()  # size is in the name
    transforms = transform_of(data) or ""
    omit = ["size"] if _asks_for_layers(artifact) else ["size", "layer"]  # of spectra
    seen = set()
    for one in of_all_units(quantities_of(artifact)):
        if not one.quantity.topic:
            continue
        notes, fit = [one.remarks], tuple[Hashable, ...]()
        if artifact.kind == "power-law":
            fit = *(v for name, v in one.labels.items() if name != "interval from"), *images
            which = [] if fit in seen else ["{layer} of {size} units".format(**one.labels)]
            notes = [*which, one.remarks, transforms]
            seen.add(fit)
        row, left_out = one.quantity, omit if "source" in one.labels else ()
        beside = {**one.labels, **BESIDE.get(str(one.labels.get("source")), {})}
        topic, title = fill(row.topic, beside, left_out), fill(row.title, one.labels, left_out)
        note = ", ".join(filter(None, notes))
        names = member.network, member.group, topic, title
        yield Reported(*names, one, note, source, fit, transforms, member.without_seed)


def _asks_for_layers(artifact: Artifact) -> bool:
    commands = [source.provenance.command for source in artifact.provenance.inputs]
    return any(word.split("=")[0] == "--layer" for words in commands for word in words)


def prefer_bootstrapped(numbers: Sequence[Reported]) -> list[Reported]:
    """Return the numbers without those of fits that were repeated with resampled images."""
    best = {(one.network, one.fit) for one in numbers if one.is_resampled}
    return [one for one in numbers if one.is_resampled or (one.network, one.fit) not in best]


def details_left_out(artifacts: Iterable[Artifact]) -> str:
    """Return a line that names the quantities of artifacts that no table of a report shows.

    >>> facts = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
    >>> model = Artifact("model", fields=facts | {"history": {"loss": [2.0]}})
    >>> details_left_out([model])
    'not in the tables, but in `specrob table`: train_loss'
    """
    there = (one.quantity for artifact in artifacts for one in quantities_of(artifact))
    names = dict.fromkeys(quantity.name for quantity in there if not quantity.topic)
    return f"not in the tables, but in `specrob table`: {', '.join(names)}" if names else ""
