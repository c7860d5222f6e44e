"""The one number that each network has of a quantity."""

from collections.abc import Mapping, Sequence

from specrob.comparisons.differences import listed
from specrob.comparisons.measured_networks import MeasuredNetwork, Measurement
from specrob.errors import ArtifactError
from specrob.family import suggest
from specrob.quantities.names import RELATED
from specrob.quantities.rows import Cell, matches, matches_where_known
from specrob.settings.tables import CONDITIONS


def measurements(
    network: MeasuredNetwork,
    quantity: str,
    where: Mapping[str, Cell],
    *,
    where_known: bool = False,
) -> list[Measurement]:
    """Return the numbers of a quantity that a network has under the conditions, each once.

    Conditions that a number does not have at all do not matter if `where_known`.

    Of a quantity with several names, such as alpha, the best that there is; of images rather
    than of noise unless `where` says so.

    Examples
    --------
    >>> from specrob.quantities.networks import NetworkResults
    >>> measurements(MeasuredNetwork(NetworkResults("kh-0", "kh", 0, ())), "alpha", {})
    []
    """
    source = {} if "source" in where or quantity == "alpha_noise" else {"source": "images"}
    agrees = matches_where_known if where_known else matches
    for name in RELATED.get(quantity, (quantity,)):
        found = [
            one
            for one in network.numbers
            if one.row.quantity == name
            and agrees(one.row, where)
            and (one.row.source is None or matches(one.row, source))
            and (quantity != "alpha_noise" or one.row.source == "noise")
        ]
        if found:
            return _each_once(found)
    return []


def _each_once(numbers: Sequence[Measurement]) -> list[Measurement]:
    """Return numbers without those of fewer units of the same layer, each once.

    Of accuracies without an attack those of most images.
    """
    largest: dict[tuple[Cell, ...], int] = {}
    for one in numbers:
        key = one.row.layer, one.row.source
        largest[key] = max(_amount(one), largest.get(key, 0))
    found = [one for one in numbers if _amount(one) == largest[one.row.layer, one.row.source]]
    return list({(one.value, *one.conditions.items()): one for one in found}.values())


def _amount(one: Measurement) -> int:
    """Return the number of units; of an accuracy without an attack that of images."""
    return (one.row.n if one.row.quantity == "clean_accuracy" else one.row.size) or 0


def number_of_each(
    networks: Sequence[MeasuredNetwork],
    quantity: str,
    where: Mapping[str, Cell],
    *,
    where_known: bool = False,
) -> list[Measurement]:
    """Return one number for each network.

    Raises
    ------
    ArtifactError
        If a network has none, or several that differ in a condition.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.artifacts.folder import FolderEntry
    >>> from specrob.quantities.networks import NetworkResults
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> model = Artifact.of(Model(test_accuracy=0.5, train_accuracy=0.75, **facts))
    >>> kh = NetworkResults("kh-0", "kh", 0, [FolderEntry("kh-0", model, "")])
    >>> [one.value for one in number_of_each([MeasuredNetwork(kh)], "test_accuracy", {})]
    [0.5]
    """
    if quantity not in RELATED:
        raise ArtifactError(
            f"expected a quantity, found `{quantity}`; {suggest(quantity, RELATED)}"
        )
    numbers = []
    for network in networks:
        found = measurements(network, quantity, where, where_known=where_known)
        if not found:
            raise ArtifactError(
                f"expected {quantity} of {network.name}{conditions_in_words(where)}, found "
                f"{found_instead(network, quantity, where)}; measure it for every network"
            )
        if len(found) > 1:
            raise ArtifactError(
                f"expected one {quantity} of {network.name}{conditions_in_words(where)}, found "
                f"{len(found)}, which differ in {differences_of(found)}; "
                f"{_how_to_choose(found)}"
            )
        numbers += found
    return numbers


def _how_to_choose(several: Sequence[Measurement]) -> str:
    """Return what chooses among numbers: a condition, as a file of claims has it, or files."""
    for name in CONDITIONS:
        values = [getattr(one.row, name) for one in several]
        if len(set(values)) > 1:
            value = next(value for value in values if value is not None)
            shown = f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value:g}"
            return f"choose one, for instance by where = {{ {shown} }}"
    return "leave the files of the others out"


def found_instead(network: MeasuredNetwork, quantity: str, where: Mapping[str, Cell]) -> str:
    """Return the values that a network has of the conditions of which it has other ones.

    >>> from specrob.quantities.networks import NetworkResults
    >>> one = MeasuredNetwork(NetworkResults("kh-0", "kh", 0, ()))
    >>> found_instead(one, "robust_accuracy", {"eps": 0.1})
    'none'
    """
    others = [one.row for one in network.numbers if one.row.quantity in RELATED[quantity]]
    parts = [
        f"{name} {listed([*dict.fromkeys(getattr(row, name) for row in others)])}"
        for name, value in where.items()
        if others and not any(matches(row, {name: value}) for row in others)
    ]
    return ", ".join(parts) or "none"


def conditions_in_words(where: Mapping[str, Cell]) -> str:
    """Return conditions as the end of a sentence.

    >>> conditions_in_words({"method": "pgd", "eps": 0.1}), conditions_in_words({})
    (' with method pgd, eps 0.1', '')
    """
    words = ", ".join(f"{name} {value}" for name, value in where.items())
    return f" with {words}" if words else ""


def differences_of(several: Sequence[Measurement]) -> str:
    """Return in what several numbers of one network differ, with their values.

    >>> from specrob.artifacts import Artifact
    >>> from specrob.quantities.rows import rows_of
    >>> from specrob.results import Robustness
    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 1.0, "n_images": 4}
    >>> curve = {"eps": (0.1, 0.2), "relative_accuracy": (1.0, 0.5), "robust_accuracy": (1.0, 0.5)}
    >>> attack = Artifact.of(Robustness(n_attacked=4, **facts, **curve))
    >>> rows = [one for one in rows_of(attack) if one.quantity == "robust_accuracy"]
    >>> differences_of([Measurement(row, attack) for row in rows])
    'eps (0.1, 0.2)'
    """
    parts = []
    for name in (*CONDITIONS, "n"):
        values = dict.fromkeys(getattr(one.row, name) for one in several)
        if len(values) > 1:
            label = "number of images" if name == "n" else name
            parts.append(f"{label} ({listed([*values])})")
    return " and ".join(parts) or "their values"
