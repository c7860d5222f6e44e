"""What a report holds, before it is written as HTML or Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Value = float | int | str | tuple[float, float]  # a pair is a range


@dataclass(frozen=True)
class Item:
    """One number of a table: its text, a word beside it, and the sources that gave it."""

    text: str
    note: str = ""
    sources: tuple[int, ...] = ()


Cell = Sequence[Item]


@dataclass(frozen=True)
class Table:
    """A titled table; the first cell of a row names it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Picture:
    """A figure: what it shows in words, its bytes, and its width in inches if it is known."""

    title: str
    media: str
    data: bytes
    width: float | None = None
    sources: tuple[int, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where numbers come from: a file, facts by name, and the commands that make it again."""

    number: int
    file: str
    facts: dict[str, str]
    script: Sequence[str]


@dataclass(frozen=True)
class Report:
    """A page: its title, what it is of, tables, figures, origins, and what should be known."""

    title: str
    lead: Sequence[str]
    tables: Sequence[Table]
    pictures: Sequence[Picture]
    origins: Sequence[Origin]
    notes: Sequence[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One line: how much it holds."""
        numbers = sum(
            bool(i.sources) for t in self.tables for row in t.rows for c in row for i in c
        )
        parts = {"tables": self.tables, "figures": self.pictures, "files": self.origins}
        said = ", ".join(f"{name} {len(values)}" for name, values in parts.items())
        return f"numbers {numbers}, {said}"
