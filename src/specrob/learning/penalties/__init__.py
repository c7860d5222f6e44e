"""Every penalty on the loss: one file and one row each.

A row makes a penalty of its coefficient and options; see `batch` for what a penalty is.
"""

from collections.abc import Callable, Mapping
from inspect import signature

from specrob.errors import UsageError
from specrob.grammar import parse_pairs
from specrob.learning.penalties.batch import Answer, Batch, Penalty
from specrob.learning.penalties.covariance import Covariance
from specrob.learning.penalties.jacobian import Jacobian, JacobianSum
from specrob.learning.penalties.l2 import L2
from specrob.learning.penalties.spectral import Spectral
from specrob.registry import suggest

__all__ = ["PENALTIES", "Answer", "Batch", "Penalty", "parse", "parse_all"]

PENALTIES: dict[str, Callable[..., Penalty]] = {
    "l2": L2,
    "jacobian": Jacobian,
    "spectral": Spectral,
    "covariance": Covariance,
    "jacobian-sum": JacobianSum,
}


def parse(text: str) -> tuple[str, Penalty]:
    """Return name and penalty of ``NAME=c[,key=value...]``.

    Raises
    ------
    UsageError
        If the name is unknown, the coefficient no number, or an option not the penalty's.

    Examples
    --------
    >>> parse("spectral=2,tau=10")[1].tau
    10
    """
    name, _, rest = text.partition("=")
    if name not in PENALTIES:
        raise UsageError(
            f"--penalty: expected a penalty, found `{name}`; {suggest(name, PENALTIES)}"
        )
    coefficient, *pairs = rest.split(",")
    given, takes = parse_pairs(pairs, "--penalty"), [*signature(PENALTIES[name]).parameters][1:]
    foreign = [key for key in given if key not in takes]
    if foreign:
        also = f"and any of {', '.join(takes)}" if takes else "alone"
        raise UsageError(f"--penalty: expected {name}=c {also}, found `{foreign[0]}` in `{text}`")
    try:
        return name, PENALTIES[name](float(coefficient), **given)
    except ValueError as error:
        raise UsageError(
            f"--penalty: expected {name}=c[,key=value...], found `{text}` ({error})"
        ) from error


def parse_all(texts: list[str]) -> Mapping[str, Penalty]:
    """Return penalties by name; one name may stand once.

    >>> list(parse_all(["l2=5e-4", "jacobian=0.01,of=loss"]))
    ['l2', 'jacobian']
    """
    penalties = dict(map(parse, texts))
    if len(penalties) < len(texts):
        raise UsageError(f"--penalty: expected each penalty once, found {' '.join(texts)}")
    return penalties
