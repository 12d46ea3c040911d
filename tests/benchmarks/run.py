"""Run every benchmark and write docs/benchmarks.md: `python tests/benchmarks/run.py`."""

import os
import sys
from pathlib import Path

import pytest
from interleaved import ABSENT, ROWS, tables
from machine import machine, versions

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "benchmarks.md"
PACKAGES = ("sobolevkernels", "numpy", "scipy", "numba", "scikit-learn", "gpytorch", "torch", "gpjax", "tinygp", "jax",
            "george", "pykeops", "pyfftw", "mkl_fft")
TEXT = """\
# Benchmarks

<!-- written by tests/benchmarks/run.py -->

How the library compares with others that compute the same numbers. Times are given as ratios: in each comparison
everybody takes one turn a round, and the medians over the rounds are divided, so that a machine that slows down
slows everybody down. Before the clock starts, every contender's values are compared with ours. In brackets stands the
*bar*, which is what we set out to reach, and *missed* where we have not, on this machine, on that day.

The columns say which code of ours ran: `numba` with the extra `fast`, `NumPy` without it; the same call takes the
one that is installed. `out=` writes into an array that is there; elsewhere a new one is made, whose page faults cost
about as much as the kernel. Peers are called as their documentation advises, in float64, those on JAX compiled (`jit`)
before the clock starts. Large arrays are shared among all cores, by us and by those of them that do so themselves
(NumPy, SciPy and scikit-learn do not).

Machine: {machine}; {load:.1f} processes were running when the benchmarks began.
{versions}.
{absent}
{tables}

To repeat it:

```bash
pip install -e ".[bench,fast]"
python tests/benchmarks/run.py
```

`python -m pytest tests/benchmarks` prints the same tables and writes nothing.
"""


def page(load: float) -> str:
    sections = []
    for name, lines in tables(ROWS):
        head, *rows = [f"| {' | '.join(line)} |" for line in lines]
        sections.append("\n".join([f"## {name}", "", head, "|---" * len(lines[0]) + "|", *rows]))
    return TEXT.format(machine=machine(), load=load, versions=versions(PACKAGES), tables="\n\n".join(sections),
                       absent=f"Left out, not installed: {', '.join(sorted(ABSENT))}.\n" if ABSENT else "")


if __name__ == "__main__":
    load = os.getloadavg()[0]
    status = pytest.main([str(HERE), *sys.argv[1:]])
    if status == 0:
        PAGE.write_text(page(load), encoding="utf-8")
    sys.exit(status)
