"""Statements run in an interpreter of their own, and what they report."""

import os
import subprocess
import sys
from collections.abc import Mapping

#: Names for the statements: the clock, and resident memory in bytes, VmRSS now and VmHWM at its peak (of this process
#: alone, whereas ru_maxrss is inherited).
PRELUDE = """\
import time
clock = time.perf_counter
def memory(name):
    with open("/proc/self/status") as status:
        return 1024 * next(int(line.split()[1]) for line in status if line.startswith(name))
"""


def fresh(statements: str, environment: Mapping[str, str] | None = None) -> list[float]:
    """The numbers that the statements print."""
    finished = subprocess.run([sys.executable, "-c", PRELUDE + statements], check=True, capture_output=True, text=True,
                              env={**os.environ, **(environment or {})})
    return [float(word) for word in finished.stdout.split()]
