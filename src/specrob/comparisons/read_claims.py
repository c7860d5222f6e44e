"""A file of claims."""

import tomllib
from dataclasses import fields
from typing import get_args

import msgspec

from specrob.artifacts.streams import read_bytes
from specrob.errors import ArtifactError, UsageError
from specrob.family import suggest
from specrob.settings.claims import Claim, ClaimKind

KINDS: tuple[str, ...] = get_args(ClaimKind)
FIELDS = tuple(field.name for field in fields(Claim))


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
        claims = [_claim(table, at) for at, table in enumerate(_tables(path), 1)]
    except UsageError as error:
        raise ArtifactError(f"{path}: {_plain(error)}") from error
    except (ValueError, RecursionError) as error:  # of TOML, or of its bytes
        raise ArtifactError(
            f"{path}: {_plain(error)}; expected TOML with a table [[claim]] for each claim"
        ) from error
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


def _plain(error: Exception) -> str:
    """Return a message without the marks of options: a file of claims has none."""
    return str(error).replace("`", "")


def _tables(path: str) -> list[dict[str, object]]:
    found = tomllib.loads(read_bytes(path).decode())
    claims = found.pop("claim", [])
    if found or not isinstance(claims, list) or not all(isinstance(c, dict) for c in claims):
        others = ", ".join(found) or "claim"
        raise UsageError(f"expected claims alone, found {others}; write [[claim]] above each")
    if not claims:
        raise UsageError("expected claims, found none; write [[claim]] above each")
    return claims


def _claim(table: dict[str, object], at: int) -> Claim:
    for name in table:
        if name not in FIELDS:
            raise UsageError(f"claim {at}: found {name}; {suggest(name, FIELDS)}")
    kind = table.get("kind", KINDS[0])
    if kind not in KINDS:
        raise UsageError(f"claim {at}: expected a kind, found {kind}; {suggest(str(kind), KINDS)}")
    try:
        return msgspec.convert(table, Claim)
    except msgspec.ValidationError as error:
        raise UsageError(f"claim {at}: {error}") from error
