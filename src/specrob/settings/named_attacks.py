"""Attacks by their names, with options: ``NAME[,key=value...]``."""

from specrob.errors import UsageError
from specrob.registry import ATTACKS
from specrob.settings.attack import Attack
from specrob.settings.flag import build_record, field_types


def parse_attack(text: str, **options: object) -> Attack:
    """Return the attack of ``NAME[,key=value...]`` with further options.

    Raises
    ------
    UsageError
        If there is no such attack, or it does not take an option.

    Examples
    --------
    >>> parse_attack("pgd,steps=20")  # doctest: +ELLIPSIS
    PGD(steps=20, ...)
    """
    name, *pairs = text.split(",")
    record = attack_type(name)
    for option in options:
        _check_option(option, name)
    return build_record(record, pairs, options, what=name)


def attack_type(name: str) -> type[Attack]:
    """Return the record of the attack of a name; raise UsageError if there is none."""
    record: type[Attack] = ATTACKS[ATTACKS.check(name)]
    return record


def _check_option(option: str, name: str) -> None:
    """Raise UsageError, naming the attacks that take the option, unless this attack does."""
    takes = [other for other in (name, *ATTACKS.rows) if option in field_types(attack_type(other))]
    if name not in takes:
        raise UsageError(
            f"`{option}`: expected with {' or '.join(takes) or 'another attack'}, "
            f"found with {name}; drop it"
        )
