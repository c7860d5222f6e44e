"""Messages of the library as the command line shows them."""

import re
from collections.abc import Mapping


def with_flags(message: str, flags: Mapping[str, str]) -> str:
    """Return a message with the parameters of a command in it as flags.

    The library writes a parameter in backticks. What a user gave also stands in backticks, after
    the word "found", and is unchanged.

    >>> with_flags("`max_eps`: expected a number, found `max_eps`", {"max_eps": "--max-eps"})
    '--max-eps: expected a number, found `max_eps`'
    """
    return re.sub(r"(?<!found )`([a-z_]+)`", lambda match: flags.get(match[1], match[0]), message)


def printable(text: str) -> str:
    r"""Return the text on one line, with ? for what a terminal would not print.

    >>> printable("a\x1b[31m")
    'a?[31m'
    """
    return "".join(c if c.isprintable() else "?" for c in text)
