"""Where numbers are computed, and random numbers that have nothing to do with one another."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from specrob.commands.framework.run import Run
from specrob.devices import resolve_device
from specrob.random import STREAMS, make_generator, normals
from specrob.settings.run import ComputeSettings, OutputSettings

SCRIPT = """
import torch
from specrob.devices import flush_subnormals

torch.set_num_threads(2)
with flush_subnormals():
    small = torch.full((1000, 1000), 1e-40)
    print(torch.get_num_threads(), int((small * 1).count_nonzero()), float((small @ small).max()))
print(float(torch.tensor(1e-40) * 1) > 0)
"""
# seeds 2^32 apart are one seed to torch's generator on the CPU
SEEDS = (0, 1, 3, 2**32, 3 + 2**32)


def test_numbers_too_small_for_float32_are_zero_in_all_threads():
    """Else products with weights that weight decay drove to 1e-40 take ten times as long."""
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["2", "0", "0.0", "True"]


def drawn_in_order(seed, stream, part=0):
    return torch.randn(
        1000, generator=make_generator(seed, stream, part), dtype=torch.float64
    ).numpy()


def drawn_for_an_image(seed, stream, draw=0):
    return normals([1000], seed=seed, index=[0], stream=stream, draw=draw)[0].double().numpy()


@pytest.mark.parametrize("draw", [drawn_in_order, drawn_for_an_image])
def test_streams_differ_among_seeds_purposes_and_parts(draw):
    keys = [*itertools.product(SEEDS, ("order", "weights", "starts", "noise images"))]
    keys += [(3, "weights", 1), (3, "weights", 2)]
    numbers = np.array([draw(*key) for key in keys])
    assert len(keys) == 22
    for one, other in itertools.combinations(numbers, 2):
        assert (one == other).sum() <= 1  # of float32 numbers in 1,000 pairs, by chance
        shifted = set(one).intersection(other)  # the same numbers at other places
        assert len(shifted) <= 10
    apart = np.corrcoef(numbers)[np.triu_indices(len(keys), 1)]
    assert np.abs(apart).max() < 5 / np.sqrt(1000)
    assert np.isclose(np.std(apart), 1 / np.sqrt(1000), rtol=0.25)  # as of independent ones


def test_a_stream_is_the_same_again():
    np.testing.assert_array_equal(drawn_in_order(3, "order"), drawn_in_order(3, "order"))


@pytest.mark.parametrize("draw", [drawn_in_order, drawn_for_an_image])
def test_an_unknown_stream_is_refused(draw):
    with pytest.raises(ValueError, match="expected a stream among directions, .*found `weight`"):
        draw(0, "weight")


def test_every_stream_has_a_place_of_its_own():
    assert len(set(STREAMS.values())) == len(STREAMS)
    assert max(STREAMS.values()) < 2**8  # what `normals` leaves for them


def test_commands_on_a_gpu_repeat_their_bits_and_notebooks_keep_their_algorithms(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    try:
        assert resolve_device("auto").type == "cuda"
        assert not torch.are_deterministic_algorithms_enabled()
        monkeypatch.setattr("specrob.distributed.join_processes", lambda device: None)
        Run((), OutputSettings(), ComputeSettings()).start()
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert torch.backends.cudnn.deterministic
        assert not (torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32)
    finally:
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32 = False, True


WARN = """
import sys, warnings
from specrob import cli

def invoke(group, context):
    no = "op does not have a deterministic implementation, but"
    for text in ("a\\x1b[0m\\nb", "a\\x1b[0m", no):
        with warnings.catch_warnings():
            warnings.warn(text)

cli.Toolbox.invoke = invoke
sys.argv = ["specrob", "attack", *sys.argv[1:]]
cli.main()
"""


@pytest.mark.parametrize("quiet", [True, False])
def test_what_libraries_warn_of_is_said_once_in_a_line(quiet):
    words = [sys.executable, "-c", WARN, *(["-q"] if quiet else [])]
    said = subprocess.run(words, capture_output=True, text=True).stderr.splitlines()
    texts = ("a?[0m", "op has no deterministic algorithm here; the last bits may differ each time")
    assert said == ([] if quiet else [f"specrob attack: warning: {text}" for text in texts])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_gives_the_same_bytes_again():
    """Also where many threads add to one number."""
    script = """
import hashlib, torch
from specrob.devices import repeat_bits, resolve_device

device = resolve_device("cuda")
repeat_bits()
torch.manual_seed(0)
rows = torch.zeros(50, 3000, device=device)
to, what = torch.randint(50, (9000,), device=device), torch.randn(9000, 3000, device=device)
rows.index_add_(0, to, what)
print(hashlib.sha256(rows.cpu().numpy().tobytes()).hexdigest())
"""
    told = {subprocess.check_output([sys.executable, "-c", script]) for _ in range(3)}
    assert len(told) == 1
