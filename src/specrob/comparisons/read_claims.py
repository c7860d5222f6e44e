"""A file of claims."""

import tomllib
from dataclasses import fields
from typing import get_args

import msgspec

from specrob.artifacts.streams import read_bytes
from specrob.errors import ArtifactError, UsageError
from specrob.family import suggest
from specrob.results.comparisons import ClaimKind
from specrob.settings.claims import Claim

KINDS: tuple[str, ...] = get_args(ClaimKind)
FIELDS = tuple(field.name for field in fields(Claim))
SHAPE = f"[[claim]] {', '.join(FIELDS)}"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    claim: list[dict[str, object]]


def read_claims(path: str) -> list[Claim]:
    """Return the claims of a TOML file, in their order.

    Raises
    ------
    ArtifactError
        If it is no such file, a claim lacks what its kind needs, or two have one id.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> from specrob.artifacts.streams import write_bytes
    >>> with NamedTemporaryFile() as file:
    ...     write_bytes(b'''[[claim]]
    ... id = "robust"
    ... kind = "greater"
    ... quantity = "distance"
    ... a = "spec-{seed}"
    ... b = "plain-{seed}"''', file.name)
    ...     read_claims(file.name)[0].a
    'spec-{seed}'
    """
    try:
        tables = msgspec.convert(tomllib.loads(read_bytes(path).decode()), _File).claim
        claims = [_claim(table, at) for at, table in enumerate(tables, 1)]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        reason = str(error).replace("`", "")  # no names of options
        raise ArtifactError(f"expected {SHAPE} in {path}, found: {reason}") from error
    except UsageError as error:
        raise ArtifactError(f"{path}: {str(error).replace('`', '')}") from error
    names = [claim.id for claim in claims]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ArtifactError(f"expected an id for each claim in {path}, found `{twice}` twice")
    for claim in claims:
        for other in claim.all:
            if other not in names[: names.index(claim.id)]:
                raise ArtifactError(
                    f"expected claims above `{claim.id}` in {path} as its parts, found `{other}`"
                )
    return claims


def _claim(table: dict[str, object], at: int) -> Claim:
    for name in table:
        if name not in FIELDS:
            raise UsageError(f"claim {at}: found {name}; {suggest(name, FIELDS)}")
    kind = table.get("kind", KINDS[0])
    if kind not in KINDS:
        raise UsageError(f"claim {at}: expected a kind, found {kind}; {suggest(str(kind), KINDS)}")
    return msgspec.convert(table, Claim)
