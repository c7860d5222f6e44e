"""Every penalty on the loss: one file and one row each.

A row makes a penalty of its coefficient and options; a penalty is a function of the model and a
batch of images to a number that is added to the loss.
"""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from specrob.errors import UsageError
from specrob.learning.penalties.l2 import l2
from specrob.words import options, suggest

Penalty = Callable[[nn.Module, Tensor], Tensor]
PENALTIES: dict[str, Callable[..., Penalty]] = {"l2": l2}


def parse(text: str) -> tuple[str, Penalty]:
    """Return name and penalty of ``NAME=c[,key=value...]``.

    Raises
    ------
    UsageError
        If the name is unknown, the coefficient no number, or an option not the penalty's.

    Examples
    --------
    >>> parse("l2=5e-4")[0]
    'l2'
    """
    name, _, rest = text.partition("=")
    if name not in PENALTIES:
        raise UsageError(
            f"--penalty: expected a penalty, found `{name}`; {suggest(name, PENALTIES)}"
        )
    coefficient, *pairs = rest.split(",")
    given = options(pairs, "--penalty")
    try:
        return name, PENALTIES[name](float(coefficient), **given)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"--penalty: expected {name}=c[,key=value...], found `{text}` ({error})"
        ) from error


def parse_all(texts: list[str]) -> Mapping[str, Penalty]:
    """Return penalties by name; one name may stand once."""
    penalties = dict(map(parse, texts))
    if len(penalties) < len(texts):
        raise UsageError(f"--penalty: expected each penalty once, found {' '.join(texts)}")
    return penalties
