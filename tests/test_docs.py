"""The pages that are generated, linked, executed or promised."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sobolevkernels as sk
from sobolevkernels import generate, report

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def test_generated_files_are_up_to_date():
    assert generate.differing(ROOT, generate.files(jobs=1)) == [], "run `python -m sobolevkernels generate`"


@pytest.mark.slow
def test_generated_files_do_not_depend_on_extras_or_hashing():
    code = ("import sys; sys.modules['flint'] = None\n"
            "from pathlib import Path; from sobolevkernels import generate\n"
            "print(*generate.differing(Path('.'), generate.files(jobs=1)))")
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True,
                              env={"PYTHONHASHSEED": "7", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)})
    assert finished.stdout.split() == []


def test_pages_hold_every_record():
    identities = (DOCS / "identities.md").read_text(encoding="utf-8")
    errata = (DOCS / "errata.md").read_text(encoding="utf-8")
    for label, record in sk.identities.items():
        assert f'<a id="{label}"></a>`{label}`' in identities
        assert (f'<a id="{label}"></a>`{label}`' in errata) == (record.claim == "refuted")
    assert errata.count("*Witness.*") == len(sk.identities.find(claim="refuted"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)", text):
        assert not target or (page.parent / target).exists(), target
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]*)\)", text):
        other = page.parent / target if target else page
        assert f'<a id="{anchor}"></a>' in other.read_text(encoding="utf-8"), anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_labels_in_backticks_are_records(page):
    text = page.read_text(encoding="utf-8")
    for label in re.findall(r"`((?:sobolev|bai2022|jo2026|somacal2025)\.[a-z0-9.\-]+)`", text):
        assert label in sk.identities or label == "sobolev.odd-numbers"  # the record that verification.md adds


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mathematics_is_balanced(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"`[^`]*`", "", text)
    assert text.count("$$") % 2 == 0
    assert len(re.findall(r"(?<![\\$])\$(?!\$)", text)) % 2 == 0


def test_readme_examples():
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 8
    assert result.failed == 0


def test_readme_has_the_two_commands_that_ci_runs():
    blocks = re.findall(r"^```bash\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"),
                        re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    assert "sobolevkernels verify" in blocks[0]
    assert "sobolevkernels errata" in blocks[0]
    assert "pytest" in blocks[1]
    for block in blocks:  # one command each
        assert subprocess.run(["bash", "-n", "-c", block], check=False).returncode == 0
        assert all(line.endswith("&&") for line in block.splitlines()[:-1])


def test_tutorial_runs():
    source = (DOCS / "tutorial.py").read_text(encoding="utf-8")
    assert source.count("# %%") > 10
    exec(compile(source, "tutorial.py", "exec"), {"__name__": "__main__"})


@pytest.mark.slow
def test_tutorial_opens_and_runs_as_a_notebook():
    jupytext = pytest.importorskip("jupytext")
    nbclient = pytest.importorskip("nbclient")
    notebook = jupytext.read(DOCS / "tutorial.py")
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [set(output.get("data", {})) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("text/html" in kinds for kinds in shown)  # the table
    assert any("text/markdown" in kinds for kinds in shown)  # records and verdicts
    assert any("text/latex" in kinds for kinds in shown)  # the kernel


def test_conditions_in_words():
    import sympy as sp

    n, x = sp.Symbol("n", integer=True, positive=True), sp.Symbol("x", real=True)
    y = sp.Symbol("y")
    record = report.Identity(label="a.b", title="", statement=sp.Eq(x * y, n, evaluate=False), source="",
                             claim="proved", where=(sp.Gt(x, n), sp.Q.odd(n), sp.Eq(n, 2) | sp.Eq(n, 4)))
    assert report.conditions(record) == "n positive integer; x real; y complex; x > n; n odd; n = 2 or n = 4"
