"""Benchmarks against peers: `python -m pytest tests/benchmarks` prints ratios, `run.py` writes docs/benchmarks.md."""

import os
import tempfile
from pathlib import Path

import interleaved
import pytest

import sobolevkernels as sk

collect_ignore = ["run.py", "accuracy.py"]  # scripts


def pytest_configure() -> None:
    # KeOps compiles into the home directory otherwise; other peers load it, so that later is too late.
    folder = Path(tempfile.gettempdir()) / "sobolevkernels-keops"
    folder.mkdir(exist_ok=True)
    os.environ.setdefault("KEOPS_CACHE_FOLDER", str(folder))
    os.environ.setdefault("PYKEOPS_VERBOSE", "0")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore"))  # what peers warn of is not our error


@pytest.fixture(autouse=True)
def as_it_comes():
    """Every benchmark begins with the library as it is imported."""
    yield
    sk.set_fast(True)
    sk.set_threads(None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if interleaved.ROWS:
        terminalreporter.section("ratios of medians, interleaved")
        for section, lines in interleaved.tables(interleaved.ROWS):
            widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
            lines[0][0] = section
            for line in lines:
                terminalreporter.write_line("  ".join(map(str.ljust, line, widths)).rstrip())
            terminalreporter.write_line("")
    if interleaved.ABSENT:
        terminalreporter.write_line(f"left out, not installed: {', '.join(sorted(interleaved.ABSENT))}")
