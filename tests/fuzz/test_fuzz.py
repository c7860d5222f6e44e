"""Whatever bytes and words come: one line, the right code, and no file harmed.

`campaign.py` with the seed, the numbers of inputs and lines, and `--first N --count 1` tries
number N again.
"""

import os
import random

import pytest
from campaign import READERS, make_corpus
from disturbed import run_campaign
from typer.testing import CliRunner

from specrob.cli import app

SEED = int(os.environ.get("SPECROB_FUZZ_SEED", "0"))
INPUTS = int(os.environ.get("SPECROB_FUZZ_INPUTS", "20000"))


def test_a_few_damaged_files_and_strange_lines():
    assert ", 0 faults," in run_campaign(
        "campaign.py", "--seed", SEED, "--inputs", 250, "--lines", 60
    )


def test_every_line_reads_one_of_its_files_when_it_is_whole(tmp_path, monkeypatch):
    corpus = make_corpus(tmp_path)
    monkeypatch.chdir(tmp_path)
    kinds: dict[str, list[str]] = {}
    for kind, lines in READERS.items():
        for line in lines:
            kinds.setdefault(line, []).append(kind)
    for line, names in kinds.items():
        files = [corpus[name].name for name in names]
        each = ([file if word == "F" else word for word in line.split()] for file in files)
        results = (CliRunner().invoke(app, words) for words in each)
        assert any(result.exit_code == 0 for result in results), line


@pytest.mark.slow
def test_many_damaged_files_and_strange_lines():
    found = run_campaign(
        "campaign.py", "--seed", SEED + 1, "--inputs", INPUTS, "--lines", INPUTS // 10
    )
    assert ", 0 faults," in found


def test_mutations_change_bytes_and_are_the_same_for_a_seed():
    from mutations import mutate

    data = b'{"kind": "power-law", "fits": [{"alpha": 1.0}], "meta": {"schema": 1}}'
    changed = [mutate(data, random.Random(seed)) for seed in range(200)]
    assert changed == [mutate(data, random.Random(seed)) for seed in range(200)]
    assert len({*changed, data}) > 150
