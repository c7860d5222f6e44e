"""What a report holds, and how it is written: as HTML, whole in one file, or as Markdown."""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from specrob import __version__
from specrob.printable import printable


@dataclass(frozen=True)
class Item:
    """One number of a table: its text, a note beside it, and the sources that gave it."""

    text: str
    note: str = ""
    sources: tuple[int, ...] = ()


Cell = Sequence[Item]


@dataclass(frozen=True)
class Table:
    """A titled table, and a note below; the first cell of a row names it; `heads` are groups."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    heads: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure: what it shows in words, its bytes, and its width in inches if it is known."""

    title: str
    media: str
    data: bytes
    width: float | None = None
    sources: tuple[int, ...] = ()
    link: str = ""  # to its file, for formats that cannot hold it

    @property
    def base64(self) -> str:
        """The bytes as text."""
        return b64encode(self.data).decode()


@dataclass(frozen=True)
class Origin:
    """Where numbers come from: a file, facts by name, and the commands to reproduce it."""

    number: int
    file: str
    facts: dict[str, str]
    script: Sequence[str]

    @property
    def name(self) -> str:
        """The file, and the command that wrote it if it is known."""
        return ": ".join(filter(None, (self.file, self.facts.get("command"))))


@dataclass(frozen=True)
class Page:
    """A report: its title, what it is of, tables, figures, origins, and notes on them.

    `left_out` says which numbers no table shows, `images` are the digests of images.
    """

    title: str
    intro: Sequence[str]
    tables: Sequence[Table]
    pictures: Sequence[Picture]
    origins: Sequence[Origin]
    notes: Sequence[str] = field(default_factory=list)
    left_out: str = ""
    images: Sequence[str] = ()

    def origin(self, number: int) -> Origin:
        """Return the origin of that number."""
        return next(origin for origin in self.origins if origin.number == number)

    @property
    def summary(self) -> str:
        """One line: how much it holds."""
        items = (i for t in self.tables for row in t.rows for cell in row for i in cell)
        numbers = sum(bool(item.sources) for item in items)
        parts = {"tables": self.tables, "figures": self.pictures, "files": self.origins}
        counts = ", ".join(f"{name} {len(values)}" for name, values in parts.items())
        return f"numbers {numbers}, {counts}"


def to_html(page: Page) -> str:
    """Return the whole page.

    >>> html = to_html(Page("<runs>", ["Images: digits."], [], [], []))
    >>> "<h1>Results in &lt;runs&gt;</h1>" in html, "//" in html
    (True, False)
    """
    return _fill("page.html.jinja", page, plain_text, autoescape=True)


def to_markdown(page: Page) -> str:
    r"""Return title, tables, notes and sources.

    >>> to_markdown(Page("runs", ["Images: digits."], [], [], []))
    '# Results in runs\n\nImages: digits.'
    """
    return _fill("page.md.jinja", page, markdown_text, autoescape=False)


def _fill(name: str, page: Page, finalize: Callable[[Any], str], *, autoescape: bool) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template(name)
    return template.render(page=page, version=__version__, raw=Markup).rstrip()


def plain_text(value: object) -> str:
    """Return a value as text on one line; what a macro made is left as it is.

    >>> plain_text("a" + chr(0))
    'a?'
    """
    return value if isinstance(value, Markup) else printable(str(value))


def markdown_text(value: object) -> str:
    r"""Return text that Markdown shows as it is, on one line.

    >>> markdown_text("a|b <i>") == r"a\|b &lt;i&gt;"
    True
    """
    if isinstance(value, Markup):
        return value
    line = printable(str(value))
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]|#!~$])", r"\\\1", line)


# suffix -> how a report is written
WRITERS = {".html": to_html, ".htm": to_html, ".md": to_markdown}
