"""A file of claims."""

import tomllib

import msgspec

from specrob.artifacts.streams import read_bytes
from specrob.errors import ArtifactError, UsageError
from specrob.settings.claims import Claim

SHAPE = "[[claim]] id, kind, quantity, where, a, b"


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
        raise ArtifactError(f"expected {SHAPE} in {path}, found: {error}") from error
    except UsageError as error:
        raise ArtifactError(f"{path}: {error}") from error
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
    unknown = set(table) - {field.name for field in msgspec.inspect.type_info(Claim).fields}  # type: ignore[attr-defined]
    if unknown:
        raise UsageError(f"expected {SHAPE} in claim {at}, found `{min(unknown)}`")
    return msgspec.convert(table, Claim)
