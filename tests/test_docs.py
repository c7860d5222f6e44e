"""The documentation: its blocks run, what is generated is fresh, and the site builds.

Blocks of ``bash`` and ``python`` run, page by page, in one folder a page; a ``toml`` block is
written to the file that its first line names. Blocks of ``shell`` are not run: they need a
network, a GPU, or a data set.
"""

import contextlib
import importlib.util
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from specrob.cli import app
from specrob.registry import KINDS
from specrob.results import Fit, array_axes

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(bash|python|toml)\n(.*?)^```", re.DOTALL | re.MULTILINE)
WITH_BLOCKS = [page for page in PAGES if BLOCK.search(page.read_text())]

spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)


def run_line(line):
    """Run a pipe of specrob commands, in this process."""
    passed = b""
    for stage in line.split(" | "):
        name, *rest = shlex.split(stage)
        if name == "mkdir":
            Path(rest[-1]).mkdir()
            continue
        assert name == "specrob", f"only specrob and mkdir run here: {stage}"
        result = CliRunner().invoke(app, rest, input=passed)
        assert result.exit_code == 0, f"{stage}: {result.stderr or result.exception}"
        passed = result.stdout_bytes


def run_block(language, text, names):
    if language == "bash":
        for line in text.replace("\\\n", " ").splitlines():
            if line.strip() and not line.startswith("#"):
                run_line(line)
    elif language == "python":
        exec(compile(text, "block", "exec"), names)
    elif match := re.match(r"# (\S+\.toml)\n", text):
        Path(match[1]).write_text(text)


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    names = {"__name__": "page"}
    with contextlib.chdir(tmp_path):
        for language, text in BLOCK.findall(page.read_text()):
            run_block(language, text, names)


def test_what_is_generated_is_fresh():
    for path, text in generate.pages().items():
        assert path.read_text() == text, f"{path}: run `python docs/generate.py`"


def fields_without_text(record):
    """Return the fields of a record that neither axes nor docstrings document."""
    known = {name: axes.text for name, axes in array_axes(record).items()}
    known |= generate.documented_fields(record)
    return [field.name for field in fields(record) if not known.get(field.name)]


RECORDS = [*KINDS.values(), *generate.nested_records(KINDS.values())]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_of_a_result_is_documented(record):
    assert fields_without_text(record) == []
    names = {field.name for field in fields(record)} - array_axes(record).keys()
    assert generate.documented_fields(record).keys() <= names, "of a field that there is not"


def test_a_new_field_of_a_result_is_noticed():
    @dataclass(frozen=True, kw_only=True)
    class Wider(Fit):
        """A fit with more.

        Parameters
        ----------
        told : float
            What it is.
        """

        told: float
        added: float | None = None

    assert fields_without_text(Wider) == ["added"]


def test_the_readme_is_short_and_gives_the_commands_that_ci_and_strangers_run():
    text = (ROOT / "README.md").read_text()
    last = (ROOT / ".ci" / "run").read_text().strip().splitlines()[-1]
    assert last in text
    assert "bash examples/quickstart.sh" in text
    assert len(text.encode()) <= 10_000


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    words = [sys.executable, "-m", "sphinx", "-W", "-q", str(ROOT / "docs"), str(tmp_path)]
    result = subprocess.run(words, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
