"""specrob compare."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe
from specrob.settings.claims import ComparisonSettings

Results = Annotated[
    list[str],
    typer.Argument(
        metavar="A B",
        help="Results of two groups, each a name with {seed}, a file or a folder; with --claims "
        "any number of files or folders.",
        show_default=False,
    ),
]


@command
def compare(settings: ComparisonSettings, pipe: Pipe, results: Results) -> None:
    """Say whether two kinds of networks differ, with effect, interval and p over seeds.

    Seeds are the unit: fewer than three in a group say nothing about its kind
    of network. Numbers are of the images that all members classify correctly.

    Example: specrob compare bp.safetensors hybrid.safetensors -o comparison.json
    """
    pipe.check_outputs("comparison")
    from specrob.comparisons import answer_claims, compare_groups, read_claims
    from specrob.comparisons.words import lines_of
    from specrob.quantities.collect import collect

    groups = settings.groups(results)
    members = [collect(pipe.read_entries(list(group))) for group in groups]
    if settings.claims is not None:
        comparison = answer_claims(members[0], read_claims(settings.claims))
    else:
        comparison = compare_groups(members[0], members[1], settings)
    pipe.write(comparison)
    pipe.say_all(lines_of(comparison))
