"""Penalties on the loss: one file each, found by name through `specrob.registry.PENALTIES`."""

from collections.abc import Iterable

from specrob.errors import UsageError
from specrob.learning.penalties.penalty import Batch, Penalty, SpectrumEstimate
from specrob.registry import PENALTIES
from specrob.settings.flag import build_record

__all__ = ["Batch", "Penalty", "SpectrumEstimate", "parse_penalties", "parse_penalty"]


def parse_penalty(text: str) -> tuple[str, Penalty]:
    """Return name and penalty of ``NAME=c[,key=value...]``.

    Raises
    ------
    UsageError
        If there is no such penalty, or its coefficient or an option is wrong.

    Examples
    --------
    >>> parse_penalty("spectral=2,tau=5")[1].tau
    5
    """
    name, _, rest = text.partition("=")
    coefficient, *pairs = rest.split(",")
    try:
        record: type[Penalty] = PENALTIES[PENALTIES.check(name)]
        if not coefficient:
            raise UsageError(f"expected {name}=C[,KEY=VALUE...], found `{text}`")
        return name, build_record(record, [f"coefficient={coefficient}", *pairs], {}, what=name)
    except UsageError as error:
        raise UsageError(f"`penalty` {text}: {error}") from error


def parse_penalties(texts: Iterable[str]) -> dict[str, Penalty]:
    """Return penalties by name; each may be given once.

    >>> list(parse_penalties(["l2=5e-4", "jacobian=0.01,of=loss"]))
    ['l2', 'jacobian']
    """
    penalties: dict[str, Penalty] = {}
    for name, penalty in map(parse_penalty, texts):
        if name in penalties:
            raise UsageError(f"`penalty`: expected each penalty once, found {name} twice")
        penalties[name] = penalty
    return penalties
