"""specrob report."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe

Folder = Annotated[
    str, typer.Argument(metavar="DIR", help="Folder of artifacts and figures, at any depth.")
]
Compare = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="JSON of published numbers to stand beside these."),
]


@command
def report(folder: Folder, pipe: Pipe, compare: Compare = None) -> None:
    """Put the numbers, figures and origins of a folder on one page, HTML or Markdown.

    Example: specrob report . -o report.html
    """
    from specrob.artifacts.file_names import suffix_of
    from specrob.reports import WRITERS, build_report, with_files

    suffix = suffix_of(pipe.output, [*WRITERS], "a report")
    page = build_report(folder, compare, exclude=pipe.output)
    if suffix == ".md":
        page = with_files(page, pipe.output)
    pipe.print(WRITERS[suffix](page))
    pipe.say_all([*page.notes, page.summary])
