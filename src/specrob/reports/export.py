"""Rows of numbers as CSV, JSON or Markdown."""

import csv
import io
import json
import math
from collections.abc import Callable, Sequence

from specrob.printable import printable
from specrob.quantities.rows import COLUMNS, TableRow
from specrob.reports.page import markdown_text


def to_csv(rows: Sequence[TableRow]) -> str:
    """Return a line for every number below a line of names; what is not known is empty.

    >>> to_csv([]).split(",")[:3]
    ['network', 'seed', 'quantity']
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(
        [COLUMNS, *([_shown(getattr(row, name)) for name in COLUMNS] for row in rows)]
    )
    return text.getvalue().rstrip("\n")


def _shown(value: object) -> object:
    return printable(value) if isinstance(value, str) else value


def to_json(rows: Sequence[TableRow]) -> str:
    """Return an array of objects; what is infinite, undefined or not known is null.

    >>> to_json([])
    '[]'
    """
    plain = [{name: _finite(getattr(row, name)) for name in COLUMNS} for row in rows]
    return json.dumps(plain, indent=1)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def to_markdown(rows: Sequence[TableRow]) -> str:
    r"""Return a table of the columns that hold anything, numbers with four digits.

    >>> to_markdown([])
    '| network | quantity | value |\n| --- | --- | --- |'
    """
    always = ("network", "quantity", "value")
    names = [
        name
        for name in COLUMNS
        if name in always or any(getattr(row, name) not in (None, "") for row in rows)
    ]
    lines = [_line(names), _line(["---"] * len(names))]
    lines += [_line([_text(getattr(row, name)) for name in names]) for row in rows]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else markdown_text(value)


TABLE_WRITERS: dict[str, Callable[[Sequence[TableRow]], str]] = {
    ".csv": to_csv,
    ".json": to_json,
    ".md": to_markdown,
}
