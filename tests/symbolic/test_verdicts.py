"""The pages of verdicts on printed statements: every row says what its record claims, and no record is left out."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from sobolevkernels.symbolic.catalogue import identities

DOCS = Path(__file__).parents[2] / "docs"
#: Page -> source, and the chapters whose printed statements have a row there.
PAGES = {
    "descent_guarantees": ("bai2022", ("primal", "guarantees", "mirror", "proposition17")),
    "natural_gradient": ("bai2022", ("pullback", "empirical_loss", "pushforward", "flatness", "projection", "network")),
    "momentum": ("somacal2025", ("newton", "toys", "problems", "momentum")),
}
FLAWS = {"slip": "slip", "missing hypothesis": "hypothesis", "convention": "convention", "wrong": "error"}


def rows(page):
    """The cells of the rows whose last one names records: statement, verdict, what is true, labels."""
    lines = (DOCS / f"{page}.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if len(row) == 4 and "`" in row[-1] and row[1] in {"right", "contradicted", *FLAWS}]


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_speak_of_every_printed_record(page):
    source, chapters = PAGES[page]
    named = {label for row in rows(page) for cell in row for label in re.findall(r"`([^`]+)`", cell)}
    printed = [record.label for chapter in chapters
               for record in import_module(f"sobolevkernels.symbolic.{source}_{chapter}").IDENTITIES
               if record.label.startswith(f"{source}.")]
    assert len(rows(page)) > len(printed) / 2  # a row whose verdict is no known word would be left out
    assert [label for label in printed if label not in named] == []


@pytest.mark.parametrize(("page", "row"), [(page, row) for page in PAGES for row in rows(page)],
                         ids=lambda value: value if isinstance(value, str) else value[0][:40])
def test_the_verdict_is_that_of_the_record(page, row):
    _, verdict, _, labels = row
    first, *others = [identities[label] for label in re.findall(r"`([^`]+)`", labels)]
    if verdict in ("right", "contradicted"):
        assert first.claim == "proved"
        if page == "natural_gradient":  # the other pages name records of our own where nothing more is printed
            assert first.label.startswith("sobolev." if verdict == "contradicted" else "bai2022.")
    else:
        assert (first.claim, first.flaw) == ("refuted", FLAWS[verdict])
        assert first.label in others[0].corrects
