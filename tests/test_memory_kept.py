"""Freed arrays stay with a command, so that no batch waits for the system to clear pages."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import torch
from specrob.devices import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
for _ in range(3):
    torch.ones(1 << 24)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    torch.ones(1 << 24)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone has the option")
def test_arrays_of_the_same_size_take_no_new_pages():
    found = {
        how: int(subprocess.check_output([sys.executable, "-c", FAULTS, how]))
        for how in ("kept", "given back")
    }
    assert found["kept"] * 4 < found["given back"]
