"""Messages of the library and of Typer as the command line shows them."""

import re
from collections.abc import Mapping

from specrob.registry import suggest

SEEDED = {"model", "spectrum", "checkpoint"}  # arguments that may be files of several seeds


def with_flags(message: str, flags: Mapping[str, str]) -> str:
    """Return a message with the parameters of a command in it as flags.

    The library writes a parameter in backticks. What a user gave also stands in backticks, after
    the word "found", and is unchanged.

    >>> with_flags("`max_eps`: expected a number, found `max_eps`", {"max_eps": "--max-eps"})
    '--max-eps: expected a number, found `max_eps`'
    """
    return re.sub(r"(?<!found )`([a-z_]+)`", lambda match: flags.get(match[1], match[0]), message)


def in_house_words(message: str, parameters: Mapping[str, str]) -> str:
    """Return a message of Typer in the words of all others, where it is about a word too many.

    >>> in_house_words("Value error, 'L2' is not one of 'l2', 'linf'.", {})
    'expected l2 or linf, found `L2`; did you mean `l2`?'
    >>> in_house_words("Got unexpected extra argument(s) (a.npz)", {"data": "--data"})
    'expected no further argument, found `a.npz`; name images by --data a.npz'
    >>> in_house_words("Got unexpected extra argument(s) (net-1.st net-2.st)", {"model": "model"})
    "expected no further argument, found `net-1.st net-2.st`; name seeds as 'net-{seed}.st'"
    """
    if match := re.fullmatch(r"Got unexpected extra argument\S* \((.*)\)", message):
        word = match[1]
        first = next(iter(word.split()), "")
        takes_images = "data" in parameters and not word.endswith((".safetensors", ".json"))
        advice = f"name images by --data {first}" if takes_images else "drop it"
        if SEEDED & parameters.keys() and "seeds" not in parameters:
            of_seeds = re.sub(r"[0-9]+(?=\D*$)", "{seed}", first)
            advice = f"name seeds as '{of_seeds}'" if "{seed}" in of_seeds else advice
        return f"expected no further argument, found `{word}`; {advice}"
    if match := re.search(r"(?:Value error, )?'([^']*)' is not one of (.*?)\.?$", message):
        choices = re.findall(r"'([^']*)'", match[2])
        found = f"expected {' or '.join(choices)}, found `{match[1]}`"
        close = f"; {advice}" if (advice := suggest(match[1], choices)).startswith("did") else ""
        return message[: match.start()] + found + close
    return message.replace("Value error, ", "")
