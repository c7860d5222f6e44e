"""Every number of an artifact as one row, with the conditions under which it was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from math import isclose

from specrob.artifacts import Artifact, Provenance, to_result
from specrob.artifacts.contract import record_of
from specrob.artifacts.provenance import ROOTS
from specrob.grammar import parse_number
from specrob.quantities.attack_names import attack_settings
from specrob.quantities.image_titles import images_of, transform_of
from specrob.quantities.quantity import Value, fill
from specrob.quantities.table import quantities_of
from specrob.results import AttackResult

Cell = str | int | float | None


@dataclass(frozen=True)
class TableRow:
    """One number of one network.

    Parameters
    ----------
    network, seed
        The network, and the seed that it was trained from where that is known.
    quantity, title, unit
        What the number is: its name, its title for people, its unit.
    method, norm, bounds, settings, eps
        The attack, and the radius.
    layer, source, size, range, weighting, rank
        Of a spectrum: images or noise, the number of units, first and last rank of a fit and the
        weights of its ranks, where they have any; the rank of one eigenvalue.
    images, transform, split
        The title of the images, what was done to their pixels, and which split they are.
    value, low, high
        The number and its 95% interval, which may be of the bootstrap, of a model or of images.
    error
        Standard error.
    n
        Number of images that it is of.
    note
        What a reader has to know of it.
    file
        The file that holds it.
    """

    network: str
    seed: int | None
    quantity: str
    title: str
    method: str | None
    norm: str | None
    bounds: str | None
    settings: str | None
    layer: str | None
    source: str | None
    images: str | None
    transform: str | None
    split: str | None
    size: int | None
    range: str | None
    weighting: str | None
    rank: int | None
    eps: float | None
    value: Cell
    low: float | None
    high: float | None
    error: float | None
    n: int | None
    unit: str
    note: str
    file: str


COLUMNS = tuple(f.name for f in fields(TableRow) if f.name != "title")


def rows_of(
    artifact: Artifact, network: str = "", seed: int | None = None, file: str = ""
) -> Iterator[TableRow]:
    """Yield a row for every number of an artifact, in the order of the table of quantities.

    A range, such as the norms on a plane, gives its ends as interval and no value.

    >>> facts = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
    >>> model = Artifact("model", fields=facts | {"train_accuracy": 0.5, "test_accuracy": 0.25})
    >>> [(row.network, row.quantity, row.value) for row in rows_of(model, "kh")]
    [('kh', 'test_accuracy', 0.25), ('kh', 'train_accuracy', 0.5)]
    """
    result = to_result(artifact, record_of(artifact.kind))
    data = artifact.provenance.lineage_data()
    splits = _splits(artifact.provenance)
    attack = result if isinstance(result, AttackResult) else None
    for one in quantities_of(artifact):
        ends = one.value if isinstance(one.value, tuple) else (one.low, one.high)
        yield TableRow(
            network=network,
            seed=seed,
            quantity=one.name,
            title=fill(one.quantity.title, one.labels, ["size"]).replace(" images", ""),
            method=attack.method if attack else _text(one, "method"),
            norm=attack.norm if attack else _text(one, "norm"),
            bounds=attack.bounds if attack else _text(one, "bounds"),
            settings=(attack_settings(attack) if attack else _text(one, "settings")) or None,
            layer=_text(one, "layer"),
            source=_text(one, "source"),
            images=images_of(data),
            transform=transform_of(data),
            split=_text(one, "split") or (splits[-1] if len(splits) == 1 else None),
            size=_whole(one, "size"),
            range=_text(one, "ranks"),
            weighting=_weighting(one),
            rank=_whole(one, "rank"),
            eps=float(one.labels["eps"]) if "eps" in one.labels else None,
            value=None if isinstance(one.value, tuple) else one.value,
            low=ends[0],
            high=ends[1],
            error=one.error,
            n=one.n,
            unit=one.unit,
            note=one.remarks,
            file=file,
        )


def _splits(run: Provenance) -> list[str]:
    """Return the splits of the images that were measured, not of those that trained a network."""
    if run.data:
        return [run.data.split] if run.data.split else list(run.data.digests)
    measures = [source for source in run.inputs if source.kind not in ROOTS]
    return [split for source in measures[:1] for split in _splits(source.provenance)]


def _text(one: Value, label: str) -> str | None:
    return str(one.labels[label]) if label in one.labels else None


def _weighting(one: Value) -> str | None:
    """Return the weights of ranks; fits have none in files of 0.1, or by default."""
    weighting = _text(one, "weighting")
    return None if weighting in ("", "none") else weighting


def _whole(one: Value, label: str) -> int | None:
    return int(one.labels[label]) if label in one.labels else None


def matches(row: TableRow, where: Mapping[str, Cell]) -> bool:
    """Return whether a row was measured under all of the conditions.

    Numbers match to a relative 1e-6, text as it is; "none" matches what has no such condition.

    >>> facts = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
    >>> (row, _) = rows_of(Artifact("model", fields=facts | {"train_accuracy": 0.5, \
"test_accuracy": 0.25}))
    >>> matches(row, {"layer": "none"}), matches(row, {"eps": "0.1"})
    (True, False)
    """
    return all(_agrees(getattr(row, name), wanted) for name, wanted in where.items())


def matches_where_known(row: TableRow, where: Mapping[str, Cell]) -> bool:
    """Return whether a row was measured under those of the conditions that it has at all.

    A row of an attack always has settings, "none" where all are the defaults, so that this
    condition is never passed over.

    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 1.0, "n_images": 4}
    >>> curve = {"eps": [0.1], "relative_accuracy": [0.5], "robust_accuracy": [0.5]}
    >>> attack = Artifact("robustness", fields={**facts, **curve, "n_attacked": 4})
    >>> *_, row = rows_of(attack)
    >>> [matches_where_known(row, {"settings": text}) for text in ("none", "steps 20")]
    [True, False]
    >>> matches_where_known(row, {"layer": "hidden"})
    True
    """
    conditions = {
        name: value
        for name, value in where.items()
        if getattr(row, name) is not None or (name == "settings" and row.method is not None)
    }
    return matches(row, conditions)


def _agrees(value: Cell, wanted: Cell) -> bool:
    if value is None or wanted in (None, "none"):
        return value in (None, "none") and wanted in (None, "none")  # bounds may be "none"
    if isinstance(value, float | int):
        try:
            number = parse_number(wanted) if isinstance(wanted, str) else float(wanted or 0)
        except ValueError:
            return False
        return isclose(value, number, rel_tol=1e-6, abs_tol=1e-12)
    return value == str(wanted)
