"""Write what is generated: reference pages, the table of the parts, and completions/.

Run as ``python docs/generate.py``; `tests/test_docs.py` checks that nothing has gone stale.
"""

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

from specrob import results
from specrob.cli import PANELS
from specrob.quantities.table import QUANTITIES
from specrob.registry import KINDS
from specrob.results import Axes

ROOT = Path(__file__).parents[1]
DOCS, SRC = ROOT / "docs", ROOT / "src" / "specrob"
FACTS = "| fact | type | |\n|---|---|---|\n"  # the head of a table
COMPLETIONS = {"bash": "specrob.bash", "zsh": "_specrob", "fish": "specrob.fish"}
LETTERS = (results.__doc__ or "").partition("\n\nLetters:")[2].replace("``", "`").strip()


def run(*words: str, **environment: str) -> str:
    """Return what specrob prints, without a terminal and 100 columns wide."""
    plain = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    code = "from specrob.cli import app; app(prog_name='specrob')"
    result = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **plain, **environment},
    )
    return result.stdout


def commands() -> str:
    """Return the page with the help of every command."""
    parts = ["# Commands", "What `specrob COMMAND --help` prints."]
    for name in PANELS:
        lines = [line.rstrip() for line in run(name, "--help").strip("\n").splitlines()]
        parts += [f"## {name}", "```text\n" + "\n".join(lines) + "\n```"]
    return "\n\n".join(parts) + "\n"


def artifacts() -> str:
    """Return the page with the fields of every kind of artifact, made from the records."""
    parts = [
        "# Artifacts",
        "Every artifact is one file: models are safetensors, arrays are NPZ, results that people "
        "read are JSON. Beside the fields below it holds, as `meta`, its kind, the schema (1) and "
        "its provenance: command, specrob version, seed, device, precision, the images with their "
        "SHA-256, and the same of every artifact it was made from. Reading a file checks it "
        "against these records (`specrob.results`).",
        "A fact that is optional may be missing, which is the same as None. Where its text does "
        "not say what None means, the version of specrob that wrote the file did not record it.",
        f"Letters: {LETTERS}",
    ]
    for kind, record in KINDS.items():
        text = (record.__doc__ or "").strip().splitlines()[0]
        parts.append(f"## {kind}")
        parts.append(f"{text} Format: {record.format}; written by `specrob {record.maker}`.")
        arrays, facts = _rows(record)
        if arrays:
            head = "| array | axes | | unit |\n|---|---|---|---|\n"
            parts.append(head + "\n".join(arrays))
        if facts:
            parts.append(FACTS + "\n".join(facts))
    parts.append("## Parts of results")
    for record in nested_records(KINDS.values()):
        text = (record.__doc__ or "").strip().splitlines()[0]
        parts += [f"### {record.__name__}", text, FACTS + "\n".join(_rows(record)[1])]
    return "\n\n".join(parts) + "\n"


def nested_records(records: Iterable[type]) -> list[type]:
    """Return the records that occur in the fields of some records, or of these again, once each.

    >>> [record.__name__ for record in nested_records([results.PowerLaw])]
    ['Fit', 'AlphaMap']
    """
    found: dict[type, None] = {}
    for record in records:
        own = [part for hint in get_type_hints(record).values() for part in _records_in(hint)]
        found |= dict.fromkeys(one for part in own for one in (part, *nested_records([part])))
    return list(found)


def _records_in(hint: object) -> Iterator[type]:
    """Yield the records in a type."""
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from _records_in(part)


def documented_fields(record: type) -> dict[str, str]:
    """Return what the docstrings of a record and its bases say of each field, after its type.

    >>> documented_fields(results.Robustness)["n_images"]
    '1 or more: Number of images.'
    """
    texts: dict[str, str] = {}
    for base in reversed(record.__mro__):
        docstring = inspect.cleandoc(vars(base).get("__doc__") or "") + "\n"
        section = re.search(r"^Parameters\n-+\n((?:\w.*\n(?: .*\n)*)*)", docstring, re.M)
        entries = re.findall(r"^(\w.*)\n((?: .*\n)+)", section[1] if section else "", re.M)
        for head, lines in entries:
            names, _, type_ = head.partition(" : ")
            range_ = type_.partition(", ")[2]
            text = ": ".join(filter(None, (range_, " ".join(lines.split()))))
            texts |= dict.fromkeys(names.split(", "), text)
    return texts


def _rows(record: type) -> tuple[list[str], list[str]]:
    """Return the table rows of a record's arrays and of its facts."""
    arrays, facts = [], []
    hints, texts = get_type_hints(record, include_extras=True), documented_fields(record)
    for field in fields(record):
        hint = hints[field.name]
        optional = (field.default, field.default_factory) != (MISSING, MISSING)
        name = f"`{field.name}`" + (" (optional)" if optional else "")
        axes = [part for part in getattr(hint, "__metadata__", ()) if isinstance(part, Axes)]
        if axes:
            shape = ", ".join(axes[0].names.split())
            arrays.append(f"| {name} | ({shape}) | {axes[0].text} | {axes[0].unit} |")
        else:
            text = texts.get(field.name, "").replace("|", "&#124;")
            facts.append(f"| {name} | {_type(hint)} | {text} |")
    return arrays, facts


def _type(hint: object) -> str:
    """Return a type as people write it."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    text = (
        getattr(hint, "__name__", None) if isinstance(hint, type) and not get_args(hint) else None
    )
    text = text or str(hint)
    text = re.sub(r"specrob\.results\.\w+\.|collections\.abc\.|typing\.", "", text)
    text = re.sub(r"Optional\[(.+)\]", r"\1 or None", text)
    return "`" + text.replace("NoneType", "None").replace("|", "or") + "`"


def quantities() -> str:
    """Return the page with the names of all numbers, by the kind of artifact that holds them."""
    parts = [
        "# Quantities",
        "The names of all numbers that artifacts hold, for `table --quantity`, `plot --relate`, "
        "and `quantity` in claims. What stands in braces, such as `{attack}` or `{layer}`, "
        "depends on the measure; conditions (`--where`, `where` in claims) choose among several.",
    ]
    for kind in dict.fromkeys(one.kind for one in QUANTITIES):
        rows = [
            f"| `{one.name}` | {one.title.replace('|', '&#124;')} | {one.unit} |"
            for one in QUANTITIES
            if one.kind == kind
        ]
        parts += [f"## {kind}", "| name | number | unit |\n|---|---|---|\n" + "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def parts() -> str:
    """Return the table of the parts of the package: what each is, and what it imports."""
    rows = ["| part | what it holds | imports |", "|---|---|---|"]
    own = sorted({path.relative_to(SRC).parts[0].removesuffix(".py") for path in _files()})
    imported = {name: sorted(set(_imports(name)) - {name}) for name in own}
    depth: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((height(other) for other in imported[name]), default=0)
        return depth[name]

    for name in sorted((n for n in own if not n.startswith("__")), key=lambda n: (height(n), n)):
        path = SRC / name / "__init__.py"
        source = path if path.exists() else SRC / f"{name}.py"
        text = (ast.get_docstring(ast.parse(source.read_text())) or "").splitlines()[0]
        rows.append(f"| `{name}` | {text} | {', '.join(imported[name]) or 'nothing of specrob'} |")
    return "\n".join(rows)


def _files() -> list[Path]:
    return sorted(SRC.rglob("*.py"))


def _imports(name: str) -> Iterator[str]:
    """Yield the parts that a part imports, types apart."""
    for path in _files():
        if path.relative_to(SRC).parts[0].removesuffix(".py") != name:
            continue
        tree = ast.parse(path.read_text())
        typed = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)
        ]
        skip = {id(inner) for n in typed for inner in ast.walk(n)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and id(node) not in skip:
                words = (node.module or "").split(".")
                if words[0] == "specrob" and len(words) > 1:
                    yield words[1]
                elif words == ["specrob"]:
                    yield from (
                        a.name
                        for a in node.names
                        if (SRC / a.name).exists() or (SRC / f"{a.name}.py").exists()
                    )


def architecture() -> str:
    """Return the page about the code with its table of parts made anew."""
    text = (DOCS / "explanation" / "architecture.md").read_text()
    before, _, rest = text.partition("<!-- parts -->")
    _, _, after = rest.partition("<!-- end -->")
    return f"{before}<!-- parts -->\n\n{parts()}\n\n<!-- end -->{after}"


def completion(shell: str) -> str:
    """Return the completion script of one shell."""
    return run(_SPECROB_COMPLETE=f"source_{shell}").strip() + "\n"


def pages() -> dict[Path, str]:
    """Return every generated file with its text."""
    made = {
        DOCS / "reference" / "commands.md": commands(),
        DOCS / "reference" / "artifacts.md": artifacts(),
        DOCS / "reference" / "quantities.md": quantities(),
        DOCS / "explanation" / "architecture.md": architecture(),
    }
    return made | {ROOT / "completions" / n: completion(s) for s, n in COMPLETIONS.items()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text)
