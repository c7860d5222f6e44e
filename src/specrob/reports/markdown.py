"""The tables of a report, and where their numbers come from, as Markdown."""

import re

from specrob.reports.report import Cell, Report, Table


def plain(text: str) -> str:
    r"""Return text that Markdown shows as it is, on one line.

    >>> plain("a|b <i>") == r"a\|b &lt;i&gt;"
    True
    """
    line = "".join(c if c.isprintable() else "?" for c in text)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]|#!~$])", r"\\\1", line)


def to_markdown(report: Report) -> str:
    r"""Return title, tables, notes and sources.

    >>> to_markdown(Report("runs", ["Images: digits."], [], [], []))
    '# Results in runs\n\nImages: digits.'
    """
    parts = [f"# Results in {plain(report.title)}", *map(plain, report.lead)]
    for table in report.tables:
        parts += [f"## {plain(table.title)}", _table(table)]
    if report.notes:
        parts += ["## Notes", "\n".join(f"- {plain(note)}" for note in report.notes)]
    if report.origins:
        parts += ["## Where the numbers come from", _origins(report)]
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    rows = [[plain(name) for name in table.header], ["---"] * len(table.header)]
    rows += [[_cell(cell) for cell in row] for row in table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(cell: Cell) -> str:
    return "<br>".join(
        plain(item.text)
        + (f" ({plain(item.note)})" if item.note else "")
        + "".join(f" \\[{number}\\]" for number in item.sources)
        for item in cell
    )


def _origins(report: Report) -> str:
    return "\n".join(
        f"{o.number}. {plain(o.file)}: "
        + ", ".join(f"{plain(name)} {plain(value)}" for name, value in o.facts.items())
        for o in report.origins
    )
