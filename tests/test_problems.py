"""The worked problems and the experiments run, and what is printed of them is what they are now."""

import re
from pathlib import Path

import pytest

import sobolevkernels as sk

DOCS = Path(__file__).parent.parent / "docs"
FOLDERS = {
    "problems": ("elliptic", "deconvolution", "matern_mean"),
    "experiments": ("toys", "escape", "mackey_glass", "physics_informed", "poisson", "classification",
                    "sobolev_metric"),
}
PAGES = [f"{folder}/{page}" for folder, pages in FOLDERS.items() for page in pages]
#: Pages that take most of a minute: they run with `pytest -m experiment`, the others in every run.
LONG = {f"experiments/{page}" for page in ("escape", "mackey_glass", "physics_informed", "sobolev_metric")}
LARGEST_FIGURE = 120_000  # bytes


def cells(source):
    """The cells of a percent notebook as they stand in rendered Markdown."""
    jupytext = pytest.importorskip("jupytext")
    return [f"```python\n{cell.source}\n```" if cell.cell_type == "code" else cell.source
            for cell in jupytext.reads(source, fmt="py:percent").cells]


def missing(source, rendered):
    """The cells that the rendered page does not hold, in order; each is looked for behind the one before."""
    absent, place = [], 0
    for cell in cells(source):
        found = rendered.find(cell, place)
        if found < 0:
            absent.append(cell)
        else:
            place = found + len(cell)
    return absent


def texts(page):
    return tuple((DOCS / f"{page}.{kind}").read_text(encoding="utf-8") for kind in ("py", "md"))


@pytest.mark.parametrize("page", [
    pytest.param(page, marks=pytest.mark.experiment if page in LONG else pytest.mark.slow) for page in PAGES])
def test_page_runs(page, monkeypatch):
    import matplotlib
    import threadpoolctl

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figures = []

    def show():
        figures.extend(plt.get_fignums())
        plt.close("all")

    monkeypatch.setattr(plt, "show", show)
    source, rendered = texts(page)
    with threadpoolctl.threadpool_limits(1):  # many small decompositions: a second thread only waits
        exec(compile(source, f"{page}.py", "exec"), {"__name__": "__main__"})
    assert len(figures) == rendered.count("![png](") > 0


@pytest.mark.parametrize("page", PAGES)
def test_rendered_page_is_up_to_date(page):
    source, rendered = texts(page)
    assert len(cells(source)) > 8
    assert missing(source, rendered) == [], f"render docs/{page}.py again, as the README beside it says"
    assert "Traceback" not in rendered


@pytest.mark.parametrize("page", PAGES)
def test_a_stale_page_would_be_noticed(page):
    source, rendered = texts(page)
    assert len(missing(source.replace("import numpy as np", "import numpy as xp"), rendered)) >= 1
    assert len(missing(source.replace("**What is tested.**", "**Tested.**"), rendered)) == 1
    last = cells(source)[-1]
    assert missing(source, rendered.replace(last, "")) == [last]


@pytest.mark.parametrize("page", PAGES)
def test_figures_are_there_and_small(page):
    _, rendered = texts(page)
    names = re.findall(r"!\[png\]\(([^)]*)\)", rendered)
    files = DOCS / f"{page}_files"
    assert names
    assert sorted(names) == sorted(f"{files.name}/{path.name}" for path in files.iterdir())
    assert all((files.parent / name).stat().st_size <= LARGEST_FIGURE for name in names)


@pytest.mark.parametrize("page", PAGES)
def test_page_says_first_what_is_tested_and_names_records(page):
    source, _ = texts(page)
    assert "**What is tested.**" in cells(source)[0]
    for label in re.findall(r"`((?:sobolev|bai2022|jo2026|somacal2025)\.[a-z0-9.\-]+)`", source):
        assert label in sk.identities


@pytest.mark.parametrize("folder", FOLDERS)
def test_index_leads_to_every_page(folder):
    text = (DOCS / folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\(([a-z_]*)\.md\)", text) == list(FOLDERS[folder])
