"""Freed memory stays with the process while the recogniser works, and goes back afterwards."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from qc_pipeline.asr import malloc_tuning

glibc = pytest.mark.skipif(
    malloc_tuning._glibc() is None, reason="only glibc keeps memory on request"
)

# In a process of its own, as other tests' memory would blur the count.
KEEPS = """
import resource
import numpy as np
from qc_pipeline.asr.malloc_tuning import kept_heap, share_heap

def faults(times):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        np.ones(64 << 17)  # 64 MiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

share_heap()
faults(1)
outside = faults(10)
with kept_heap():
    first = faults(1)
    within = faults(10)
    kept = resident()
left = resident()
print(outside, first, within, kept, left)
"""


@glibc
def test_a_block_is_not_fetched_anew_and_all_is_given_back() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", KEEPS], capture_output=True, text=True, check=True, timeout=60
    )
    outside, first, within, kept, left = map(int, ran.stdout.split())
    assert within < outside / 50, "the pages of ten blocks were all fetched again"
    assert within <= first
    assert kept - left > 60 << 20, "the heap was kept afterwards"


def test_elsewhere_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(malloc_tuning, "_glibc", lambda: None)
    malloc_tuning.share_heap()
    with malloc_tuning.kept_heap():
        assert np.ones(10).sum() == 10


@glibc
def test_an_error_within_gives_the_memory_back_too() -> None:
    with pytest.raises(ValueError, match="broken"), malloc_tuning.kept_heap():
        raise ValueError("broken")
