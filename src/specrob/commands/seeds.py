"""``--seeds 0,1,2``: a command run once for each seed, each run as if it stood alone."""

from collections.abc import Iterator, Sequence
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from specrob import grammar
from specrob.commands import parse
from specrob.commands.options import RUN
from specrob.errors import UsageError

PLACE = "{seed}"
Seeds = Annotated[
    Any,
    typer.Option(
        parser=parse.checked(grammar.parse_seeds),
        metavar="S,...",
        help="One member for each seed, in files whose names hold {seed}.",
        show_default=False,
        rich_help_panel=RUN,
    ),
]


def for_each_seed(command: Any) -> Any:
    """Return the command with ``--seeds``; {seed} in any of its words becomes the seed."""

    @wraps(command)
    def members(ctx: typer.Context, *, seeds: Seeds = None, **values: Any) -> None:
        words = ctx.find_root().obj
        if seeds is not None:
            check(values)
        for seed in seeds or ():
            own = {name: _fill(value, seed) for name, value in values.items()}
            ctx.find_root().obj = tuple(member_words(words, seed))
            command(ctx, **own | {"seed": seed})
        if seeds is None:
            command(ctx, **values)

    own = signature(command)
    option = Parameter("seeds", Parameter.KEYWORD_ONLY, default=None, annotation=Seeds)
    members.__signature__ = own.replace(parameters=[*own.parameters.values(), option])
    members.__annotations__ = {**command.__annotations__, "seeds": Seeds}
    return members


def check(values: dict[str, Any]) -> None:
    """Raise UsageError where members would share a file, or the one standard input."""
    for name in ("output", "checkpoint", "resume"):
        if name in values and values[name] is not None and PLACE not in values[name]:
            raise UsageError(
                f"--{name}: expected a file with {PLACE} in its name beside --seeds, "
                f"found `{values[name]}`"
            )
    if values["seed"]:
        raise UsageError("--seed: expected --seed or --seeds, found both")
    model = values.get("model", "")
    if model == "-" or (model is None and not values.get("arch")):
        raise UsageError("expected MODEL as a file beside --seeds, found stdin; name it")


def member_words(words: Sequence[str], seed: int) -> Iterator[str]:
    """Yield the command line that makes one member by itself.

    >>> list(member_words(["train-sup", "--seeds", "0,1", "-o", "bp-{seed}"], 1))
    ['train-sup', '-o', 'bp-1', '--seed', '1']
    """
    words = iter(words)
    for word in words:
        if word == "--seeds":
            next(words)
        elif not word.startswith("--seeds="):
            yield word.replace(PLACE, str(seed))
    yield from ("--seed", str(seed))


def _fill(value: Any, seed: int) -> Any:
    return value.replace(PLACE, str(seed)) if isinstance(value, str) else value
