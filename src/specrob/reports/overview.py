"""What a report says first: answers to claims, and the numbers that matter most."""

from collections.abc import Sequence

from specrob.comparisons.sentences import effect_in_words, statement
from specrob.quantities.table import largest_radius
from specrob.reports.numbers import Reported
from specrob.reports.page import Cell, Item, Table
from specrob.reports.tables import cell_of, grouped, seeds_cell
from specrob.results import Answer, Comparison

COLUMNS = 6  # beside the name of the network
# the quantities of the first table, the best first of those in one place
FIRST = (
    ("test_accuracy", "clean_accuracy"),
    ("alpha_corrected", "alpha"),
    ("distance",),
    ("robust_accuracy",),
    ("jacobian_norm",),
    ("spectral_norm", "norm_on_plane"),
)


def answers_table(answers: Comparison, source: int) -> Table:
    """Return a row for every answer of a comparison."""
    rows: list[Sequence[Cell]] = [
        [
            [Item(one.text or statement(one), one.id if one.text else "")],
            [Item(one.verdict, one.reason or "", (source,))],
            [_effect(one)],
            [Item(one.paper or "")],
        ]
        for one in answers.answers
    ]
    header = ["statement", "answer", "effect", "published answer"]
    if not any(one.paper for one in answers.answers):
        return Table("Statements", header[:3], [row[:3] for row in rows])
    return Table("Statements", header, rows)


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

    Of several attacks or layers the first is taken that most networks have, and of its radii the
    largest, as in relations; None where there is nothing beyond what the other tables show.
    """
    titles = [title for names in FIRST if (title := _title(numbers, names))]
    groups = list(grouped(numbers))
    if len(titles) < 2 or len(groups) < 2 and all(len(n) == 1 for _, n in groups):
        return None
    rows = []
    for group, networks in groups:
        own = [one for one in numbers if one.group == group]
        cells = [_cell(own, title, networks) for title in titles[:COLUMNS]]
        note = f"{len(networks)} seeds" if len(networks) > 1 else ""
        name = group if len(networks) > 1 else networks[0]
        rows.append([[Item(name, note)], *cells])
    return Table("At a glance", ["network", *titles[:COLUMNS]], rows)


def _title(numbers: Sequence[Reported], names: Sequence[str]) -> str:
    """Return the title that most networks have of the first of the quantities that is there."""
    for name in names:
        own = [one for one in numbers if one.value.name == name and one.eps != 0]
        own = [one for one in own if one.value.labels.get("source", "images") == "images"]
        counts: dict[str, set[str]] = {}
        for one in own:
            counts.setdefault(one.title, set()).add(one.network)
        if counts:
            most = max(map(len, counts.values()))
            common = [one for one in own if len(counts[one.title]) == most]
            attack = common[0].value.labels.get("attack")
            alike = [one for one in common if one.value.labels.get("attack") == attack]
            largest = largest_radius(one.value for one in alike)
            return next(one.title for one in alike if (one.eps or 0.0) == largest)
    return ""


def _cell(numbers: Sequence[Reported], title: str, networks: Sequence[str]) -> Cell:
    if len(networks) > 1:
        return seeds_cell(numbers, title, networks)
    return [Item(one.text, "", one.sources) for one in cell_of(numbers, networks[0], title)]
