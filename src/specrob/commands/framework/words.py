"""Words of a command line, and what is left without some of its options."""

import re
from collections.abc import Collection, Iterator, Sequence

RESUME = ("--resume",)


def without_options(words: Sequence[str], names: Collection[str]) -> Iterator[str]:
    """Yield the words of a command line without some options and their values.

    >>> " ".join(without_options("train-kh --resume a.st --seed=3 -o b.st".split(), RESUME))
    'train-kh --seed=3 -o b.st'
    """
    rest = iter(words)
    for word in rest:
        if word in names:
            next(rest, None)
        elif word.partition("=")[0] not in names:
            yield word


def value_of(words: Sequence[str], option: str) -> str | None:
    """Return what follows an option in a command line, the last of several; None without it.

    >>> value_of(["attack", "--shard=1/2", "--shard", "2/2"], "--shard")
    '2/2'
    """
    found = None
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if word == option:
            found = following
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found


def without_output(words: Sequence[str]) -> Iterator[str]:
    """Yield the words without the output, and without what keeps a command quiet.

    >>> " ".join(without_output("attack a.st -qo b -oc --quiet --output d --eps 1".split()))
    'attack a.st --eps 1'
    """
    rest = iter(words)
    for word in rest:
        if re.fullmatch(r"--output|-q*o", word):
            next(rest, None)
        elif not re.fullmatch(r"--output=.*|-q*o.+|-q+|--quiet", word):
            yield word
