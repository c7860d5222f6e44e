"""The command table, and errors as one line with an exit code."""

import atexit
import errno
import gc
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup

from specrob import __version__
from specrob.commands.framework.interruptions import (
    as_they_came,
    ignore_stops,
    raise_terminated_at_stops,
    words_and_code,
)
from specrob.commands.framework.library_warnings import LibraryWarnings
from specrob.commands.framework.messages import in_house_words, with_flags
from specrob.commands.framework.record_options import fill_help
from specrob.commands.framework.torchrun import is_rank_zero
from specrob.commands.framework.words import RESUME, without_options
from specrob.errors import SpecrobError, UsageError
from specrob.family import load_object
from specrob.printable import printable

# also of unknown options, commands and arguments
CommandLineError = cast(type[typer.BadParameter], typer.BadParameter.__base__)

PATH_ERRORS = (errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENOTDIR)
RANK0_GRACE_S = 10.0  # for rank 0 to report an error first; torchrun then stops the others

# heading in --help -> commands; each is a file of specrob.commands, imported when it is needed
COMMANDS = {
    "Learn": ("train-kh", "prune", "train-sup", "respectrum", "import"),
    "Measure": (
        *("spectrum", "fit-alpha", "attack", "crit-dist", "certify", "landscape"),
        *("smoothness", "sensitivity", "dimension", "invert", "merge"),
    ),
    "Show": ("info", "table", "compare", "plot", "report"),
}
PANELS = {name: panel for panel, names in COMMANDS.items() for name in names}


def function_of(name: str) -> Callable[..., None]:
    """Return the function of a command.

    >>> function_of("fit-alpha").__name__
    'fit_alpha'
    """
    module = name.replace("-", "_") + ("_" if name == "import" else "")
    function: Callable[..., None] = load_object(f"specrob.commands.{module}:{module}")
    return function


class Toolbox(TyperGroup):
    """A group of commands whose errors are one line: expected, found, what to do."""

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self.commands: dict[str, Any] = {**dict.fromkeys(PANELS), **self.commands}

    def make_context(self, *words: Any, **settings: Any) -> Any:
        """Return the context of a command line; a signal ends it in one line here too."""
        try:
            with as_they_came():
                return super().make_context(*words, **settings)
        except KeyboardInterrupt as stop:
            raise typer.Exit(_say_stopped(stop)) from None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep the words of the command line for the provenance of what is made.

        What a run was resumed from is not kept: the result is that of an unbroken run.
        """
        ctx.obj = ("specrob", *without_options(args, RESUME))
        if isinstance(warnings.showwarning, LibraryWarnings):
            warnings.showwarning.begin(ctx.obj)
        with _one_line(ctx):
            return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command, its help naming the members of other packages too."""
        if cmd_name in PANELS and self.commands[cmd_name] is None:
            single = typer.Typer(add_completion=False)
            panel, function = PANELS[cmd_name], function_of(cmd_name)
            single.command(cmd_name, rich_help_panel=panel, no_args_is_help=False)(function)
            self.commands[cmd_name] = typer.main.get_command(single)
        command = super().get_command(ctx, cmd_name)
        fill_help(command.params if command else ())
        return command

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _one_line(ctx):
            return super().invoke(ctx)


def _say_stopped(stop: KeyboardInterrupt) -> int:
    """Say what stopped the program where no command runs; return the exit code."""
    word, code = words_and_code(stop)
    typer.echo(f"specrob: {word}", err=True)
    return code


@contextmanager
def _one_line(ctx: typer.Context) -> Iterator[None]:
    try:
        with as_they_came():
            yield
    except UsageError as error:
        raise _stop(ctx, error, 2) from None
    except SpecrobError as error:
        raise _stop(ctx, error, 1) from None
    except CommandLineError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        raise _stop(ctx, in_house_words(error.format_message(), _flags(ctx)), 2) from None
    except OSError as error:
        if error.errno in PATH_ERRORS and error.filename is not None:
            found = f"{os.strerror(error.errno or 0).lower()}: {error.filename}"
            raise _stop(ctx, f"expected a usable path, found {found}; change it", 1) from None
        if error.errno != errno.ENOSPC:
            raise  # Typer handles a closed pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python would try again at exit
        raise _stop(ctx, "expected room on stdout, found a full disk; free some", 1) from None
    except KeyboardInterrupt as stop:
        word, code = words_and_code(stop)
        message = "; ".join([word, "the result was not written", *getattr(stop, "__notes__", ())])
        raise _stop(ctx, message, code, wait=False) from None
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error).lower():
            raise
        advice = "lower --hidden, --batch-size or --limit"
        raise _stop(ctx, f"expected enough memory, found too little; {advice}", 1) from None


def _flags(ctx: typer.Context) -> dict[str, str]:
    """Return the flag of every parameter of the command that is run."""
    group = cast(Toolbox, ctx.command)
    command = group.get_command(ctx, ctx.invoked_subcommand or "")
    return {p.name: p.opts[0] for p in command.params if p.opts} if command else {}


def _stop(ctx: typer.Context, message: object, code: int, *, wait: bool = True) -> typer.Exit:
    seed_file = ctx.find_root().meta.get("seed_file")  # of a name with {seed}
    name = " ".join(filter(None, ("specrob", ctx.invoked_subcommand, seed_file)))
    line = printable(" ".join(with_flags(str(message), _flags(ctx)).split()))
    if not is_rank_zero():
        if not wait:
            return typer.Exit(code)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # torchrun ends the others by it
        time.sleep(RANK0_GRACE_S)
        name = f"{name}, another process"
    typer.echo(f"{name}: {line}", err=True)
    return typer.Exit(code)


app = typer.Typer(
    cls=Toolbox,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 99},
)


def _print_version(given: bool) -> None:
    if given:
        typer.echo(f"specrob {__version__}")
        raise typer.Exit


@app.callback()
def specrob(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Spectra and robustness of neural representations.

    Commands read one artifact (a file, or stdin) and write one (-o FILE, or
    stdout), so that they join by pipes.
    """


def main() -> None:
    """Run the command line."""
    warnings.showwarning = LibraryWarnings()
    raise_terminated_at_stops()
    atexit.register(gc.freeze)  # or the end of the process would search all of torch for cycles
    try:
        app()
    except KeyboardInterrupt as stop:  # before a command has begun, or after it has ended
        raise SystemExit(_say_stopped(stop)) from None
    finally:
        ignore_stops()  # the program ends anyway, and its exit code is known
