"""Which way imports may go, which modules are heavy, and how long files and functions may be."""

import ast
import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "specrob"

ORDER = (
    *("errors", "printable", "progress", "grammar", "radii", "family", "registry", "settings"),
    *("censored_median", "statistics", "results", "artifacts"),
    *("linalg", "norms", "random", "devices", "distributed"),
    *("data", "models", "learning", "measures", "quantities"),
    *("comparisons", "plots", "reports"),
    *("experiments", "api", "commands", "cli", "__main__"),
)
# a part imports from those before it in the order, but not from these
MUST_NOT_IMPORT = {
    "measures": {"models", "learning", "data"},
    "models": {"data"},
    "quantities": {"data", "models"},
    "comparisons": {"data", "models", "learning", "measures", "linalg", "devices"},
    "plots": {"data", "models", "learning", "linalg", "devices"},
    "reports": {"data", "models", "learning", "linalg", "devices"},
    "experiments": {"plots", "reports"},
}
MAY_IMPORT = {
    part: set(ORDER[:place]) - MUST_NOT_IMPORT.get(part, set()) for place, part in enumerate(ORDER)
} | {"__init__": set()}
TYPES_ONLY = ("settings", "results", "__init__")
FILES = sorted(SRC.rglob("*.py"))


def part(path):
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports(path):
    tree = ast.parse(path.read_text())
    if part(path) in TYPES_ONLY:  # whose records are made ready by parts that stand above
        tree.body = [node for node in tree.body if ast.unparse(node)[:16] != "if TYPE_CHECKING"]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_imports_follow_the_table(path):
    own = part(path)
    inner = {name.split(".")[1] for name in imports(path) if name.startswith("specrob.")}
    assert inner - {own, "__version__"} <= MAY_IMPORT[own]


def test_every_part_stands_in_the_table():
    assert {part(path) for path in FILES} <= set(MAY_IMPORT)


def test_typer_stays_at_the_edge_and_click_nowhere():
    for path in FILES:
        roots = {name.split(".")[0] for name in imports(path)}
        assert "click" not in roots
        assert "typer" not in roots or part(path) in ("commands", "cli"), path


def test_commands_do_not_import_one_another():
    for path in SRC.glob("commands/*.py"):
        inner = {n.split(".")[2] for n in imports(path) if n.startswith("specrob.commands.")}
        assert inner <= {"framework"}, path


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"\bprint\(", "nowhere"),
        (r"\bopen\(", r"artifacts|data"),
        (r"\*\*vars\(", "nowhere"),
        (r"\bAny\b", r"(?!commands)"),
        (r"sys\.(argv|exit)", "nowhere"),
        (r"os\.environ", "commands"),
        (r"torch\.manual_seed|np\.random\.seed|\.cuda\(\)", "nowhere"),
        (r"except Exception|allow_pickle=True|torch\.save\(", "nowhere"),
        (r"torch\.load\((?!.*weights_only=True)", "nowhere"),
    ],
)
def test_library_functions_never(pattern, allowed):
    for path in FILES:
        code = re.sub(r'"""(?s:.*?)"""', "", path.read_text())
        code = re.sub(r"self\.print\(|pipe\.print\(|def print\(|_open\(|\.open\(", "", code)
        found = re.search(pattern, code)
        assert found is None or re.match(allowed, part(path)), f"{path}: {found}"


def test_files_and_functions_are_short():
    for path in FILES:
        text = path.read_text()
        assert text.count("\n") <= 220, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1 if ast.get_docstring(node) else 0 :]
                lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                assert lines <= 45, f"{path}: {node.name} has {lines} lines"


def test_commands_are_thin():
    for path in SRC.glob("commands/[a-z]*.py"):
        tree = ast.parse(path.read_text())
        loops = (ast.For, ast.While, ast.comprehension, ast.BinOp)
        body = next(n for n in tree.body if isinstance(n, ast.FunctionDef)).body
        arithmetic = [n for line in body for n in ast.walk(line) if isinstance(n, loops)]
        assert all(isinstance(getattr(n, "op", None), ast.BitOr) for n in arithmetic), path
        assert len([n for n in tree.body if isinstance(n, ast.FunctionDef)]) == 1, path
        assert path.read_text().count("\n") <= 55, path
