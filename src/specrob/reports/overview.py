"""What a report says first: answers to claims, and the numbers that matter most."""

from collections.abc import Sequence
from statistics import median

from specrob.comparisons.sentences import effect_in_words, left_out_in_words, statement
from specrob.quantities.table import largest_radius
from specrob.reports.numbers import Reported
from specrob.reports.page import Cell, Item, Table
from specrob.reports.seeds import seeds_cell
from specrob.reports.tables import cell_of, grouped
from specrob.results import Answer, Comparison

COLUMNS = 6  # beside the name of the network
ORDER = {"pgd": 0, "fgsm": 2, "random": 3, "noise": 3}  # of equally strong attacks; others are 1
# the quantities of the first table, the best first of those in one place
FIRST = (
    ("test_accuracy", "clean_accuracy"),
    ("alpha_corrected", "alpha"),
    ("distance",),
    ("certified_distance",),
    ("robust_accuracy",),
    ("jacobian_norm",),
    ("spectral_norm", "norm_on_plane"),
)


def answers_table(answers: Comparison, source: int, file: str = "") -> Table:
    """Return a row for every answer of a comparison, which has a file among several.

    A note names what was not compared, and why.
    """
    title = f"Statements of {file}" if file else "Statements"
    rows: list[Sequence[Cell]] = [
        [
            [Item(one.text or statement(one) or one.id, one.id if one.text else "")],
            [Item(one.verdict, one.reason or "", (source,))],
            [_effect(one)],
            [Item(one.paper or "")],
        ]
        for one in answers.answers
    ]
    header = ["statement", "answer", "effect", "published answer"]
    if not any(one.paper for one in answers.answers):
        header, rows = header[:3], [row[:3] for row in rows]
    left_out = left_out_in_words(answers.not_compared)
    return Table(title, header, rows, note=f"Not compared: {left_out}" if left_out else "")


def _effect(one: Answer) -> Item:
    effect, _, details = effect_in_words(one).partition(" (")
    return Item(effect, details.removesuffix(")"))


def headline(answers: Sequence[Comparison]) -> list[str]:
    """Return how many statements have which answer."""
    verdicts = [one.verdict for several in answers for one in several.answers]
    if not verdicts:
        return []
    counts = [f"{verdicts.count(v)} {v}" for v in ("yes", "no", "undecided") if v in verdicts]
    return [f"Statements: {', '.join(counts)}."]


def overview(numbers: Sequence[Reported]) -> Table | None:
    """Return the first table: a row for every group of networks, at most seven columns.

    Of several attacks the strongest is taken, of layers the first, of those that most networks
    have, and of radii the largest, as in relations; a note names the others. None where there is
    nothing beyond what the other tables show.
    """
    shown = [one for names in FIRST if (one := _representative(numbers, names))][:COLUMNS]
    titles = [one.title for one in shown]
    groups = list(grouped(numbers))
    if len(titles) < 2 or len(groups) < 2 and all(len(n) == 1 for _, n in groups):
        return None
    rows = []
    for group, networks in groups:
        own = [one for one in numbers if one.group == group]
        cells = [_cell(own, title, networks) for title in titles]
        note = f"{len(networks)} seeds" if len(networks) > 1 else ""
        name = group if len(networks) > 1 else networks[0]
        rows.append([[Item(name, note)], *cells])
    return Table("At a glance", ["network", *titles], rows, note=_others(numbers, shown))


def _representative(numbers: Sequence[Reported], names: Sequence[str]) -> Reported | None:
    """Return a number with the title that stands for the first of the quantities that is there."""
    for name in names:
        own = [one for one in numbers if one.value.name == name and one.eps != 0]
        own = [one for one in own if one.value.labels.get("source", "images") == "images"]
        counts: dict[str, set[str]] = {}
        for one in own:
            counts.setdefault(one.title, set()).add(one.network)
        if counts:
            most = max(map(len, counts.values()))
            common = [one for one in own if len(counts[one.title]) == most]
            attack = strongest_attack(common)
            alike = [one for one in common if one.value.labels.get("attack", "") == attack]
            largest = largest_radius(one.value for one in alike)
            return next(one for one in alike if (one.eps or 0.0) == largest)
    return None


def strongest_attack(numbers: Sequence[Reported]) -> str:
    """Return the attack with the least numbers at the radii that all have; "" where none is named.

    Of equals, and where no radius is shared, PGD goes first, then others, FGSM, and random ones;
    attacks in another norm than that one's are left out, since their radii are other lengths.
    """
    values: dict[str, dict[float | None, list[float]]] = {}
    for one in numbers:
        at = values.setdefault(str(one.value.labels.get("attack", "")), {})
        if isinstance(one.value.value, int | float):
            at.setdefault(one.eps, []).append(one.value.value)
    ordered = sorted(values, key=lambda attack: ORDER.get(attack.split(" ")[0], 1))
    norm = ordered[0].split()[1:2]
    alike = {attack: values[attack] for attack in ordered if attack.split()[1:2] == norm}
    shared = set.intersection(*(set(at) for at in alike.values()))
    return min(alike, key=lambda attack: sum(median(alike[attack][eps]) for eps in shared))


def _others(numbers: Sequence[Reported], shown: Sequence[Reported]) -> str:
    """Return which attacks and layers of the quantities shown stand only in the tables below."""
    names = {one.value.name for one in shown}
    parts = []
    for label in ("attack", "layer"):
        own = {str(one.value.labels[label]) for one in shown if label in one.value.labels}
        there = dict.fromkeys(
            str(one.value.labels[label])
            for one in numbers
            if one.value.name in names and label in one.value.labels
        )
        others = [name for name in there if name not in own]
        parts += [f"{label}{'s' * (len(others) > 1)} {', '.join(others)}"] if others else []
    return f"In the tables below: {'; '.join(parts)}." if parts else ""


def _cell(numbers: Sequence[Reported], title: str, networks: Sequence[str]) -> Cell:
    if len(networks) > 1:
        return seeds_cell(numbers, title, networks)
    return [Item(one.text, "", one.sources) for one in cell_of(numbers, networks[0], title)]
