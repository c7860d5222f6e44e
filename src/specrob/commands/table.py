"""specrob table."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe
from specrob.settings.tables import TableSettings

Results = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RESULT",
        help="Files, names with {seed}, or folders of results; stdin without any.",
        show_default=False,
    ),
]


@command
def table(settings: TableSettings, pipe: Pipe, results: Results = None) -> None:
    """Write every number of some results into one table: CSV, JSON or Markdown.

    One row is one number of one network, with the conditions under which it was measured.

    Example: specrob table . -o numbers.csv
    """
    from specrob.artifacts.file_names import suffix_of
    from specrob.quantities.collect import collect, number_rows
    from specrob.reports.export import TABLE_WRITERS

    by_name = suffix_of(pipe.output, [*TABLE_WRITERS], "a table", binary=False)
    suffix = f".{settings.format}" if settings.format else by_name
    networks = collect(pipe.read_entries(results or ["-"]))
    rows = number_rows(networks, settings.quantity, settings.conditions())
    pipe.print(TABLE_WRITERS[suffix](rows))
    pipe.say(f"numbers {len(rows)}, networks {len(networks)}")
