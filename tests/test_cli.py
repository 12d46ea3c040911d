"""The command line as a user meets it: output, exit statuses, errors of one line."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import sobolevkernels as sk
from sobolevkernels import batch, generate
from sobolevkernels.__main__ import main
from sobolevkernels.symbolic import catalogue
from sobolevkernels.symbolic.catalogue import Catalogue

ROOT = Path(__file__).parent.parent
QUICK = ("sobolev.at-zero", "bai2022.eq38.simplified", "sobolev.matern-1-2")


@pytest.fixture
def run(capsys):
    def call(*arguments):
        status = main(arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def program(*arguments, **environment):
    return subprocess.run([sys.executable, "-m", "sobolevkernels", *arguments], cwd=ROOT, capture_output=True,
                          env={**os.environ, **environment}, check=False)


def test_list_filters(run):
    status, everything, _ = run("list")
    assert status == 0
    assert len(everything.splitlines()) == len(sk.identities)
    _, refuted, _ = run("list", "--source", "bai2022", "--claim", "refuted")
    lines = refuted.splitlines()
    assert lines
    assert all(line.startswith("✗ bai2022.") for line in lines)
    _, chapter, _ = run("list", "--chapter", "euclidean")
    assert [line.split()[1] for line in chapter.splitlines()] == [
        record.label for record in sk.identities.find(chapter="euclidean")]


def test_show_tells_all_of_a_record(run):
    status, text, _ = run("show", "bai2022.eq38.simplified")
    record = sk.identities["bai2022.eq38.simplified"]
    assert status == 0
    assert text.startswith("bai2022.eq38.simplified ✗ refuted\n" + record.title)
    for name in ("conditions:", "source:", "flaw:", "corrected by:"):
        assert name in text
    assert "sobolev.dimension-constant" in text
    assert "π" in text


def test_every_record_can_be_shown(run):
    for label in sk.identities:
        status, text, _ = run("show", label)
        assert status == 0
        assert text.startswith(label)


@pytest.mark.parametrize(("arguments", "message"), [
    (["show", "bai2022.eq38.simplfied"], "did you mean bai2022.eq38.simplified"),
    (["verify", "nonsense.at-all"], "there is no record 'nonsense.at-all'"),
    (["verify", "sobolev.at-zero", "--source", "sobolev"], "not both"),
    (["list", "--chapter", "bassoon"], "no chapter 'bassoon'; there are"),
    (["list", "--claim", "unknown"], "no record fits"),
    (["errata", "--source", "nobody"], "no source 'nobody'"),
    (["table", "chairs"], "there are constants, kernels, identities"),
    (["table", "constants", "--dims", "0-2"], "at least 1, got 0"),
    (["table", "constants", "--dims", "3-1"], "--dims 3-1 is empty"),
    (["table", "constants", "--dims", "one"], "such as 1-10 or 1,2,5, got 'one'"),
    (["table", "identities", "--dims", "1"], "has no dimensions"),
    (["kernel", "--dim", "3", "--order", "1"], "from_bessel_potential"),
    (["kernel", "--dim", "3", "--bessel", "3"], "must exceed"),
    (["kernel", "--dim", "0", "--order", "3"], "dim must be at least 1"),
    (["kernel", "--dim", "3", "--order", "three"], "--order needs a number such as 3, 2.2 or 5/2, got 'three'"),
    (["kernel", "--dim", "3", "--order", "1/0"], "--order needs a number"),
    (["kernel", "--dim", "3", "--order", "3", "--kappa", "-1"], "kappa"),
    (["kernel", "--dim", "3", "--order", "3", "--at", "-1"], "distance"),
    (["kernel", "--dim", "2", "--order", "2", "--period", "1,2,3"], "dim = 2 numbers, got 3"),
    (["kernel", "--dim", "1", "--order", "2", "--period", "x"], "--period needs a number"),
    (["kernel", "--dim", "1", "--order", "2", "--period", "1", "--at", "1,2"], "1 components, got 2"),
])
def test_bad_input_is_one_line_and_status_2(run, arguments, message):
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert re.fullmatch(r"sobolevkernels: .+\n", err)
    assert message in err


@pytest.mark.parametrize("arguments", [[], ["verfy"], ["verify", "--jobs", "0"], ["verify", "--jobs", "x"],
                                       ["kernel", "--dim", "3"], ["kernel", "--dim", "3", "--order", "3", "--bessel",
                                                                  "6"], ["table", "constants", "--format", "html"]])
def test_argparse_refuses_the_rest(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["list", "show", "verify", "errata", "table", "kernel", "generate"])
def test_the_examples_in_help_parse(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    examples = re.findall(rf"^  sobolevkernels {command}(.*)$", capsys.readouterr().out, re.MULTILINE)
    assert examples
    for example in examples:
        sk_arguments = example.split(" > ")[0].split()
        if command in {"list", "show", "table", "kernel"}:  # these are quick enough to run
            assert main([command, *sk_arguments]) == 0
            assert capsys.readouterr().out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_verify_prints_in_order_and_counts(run, jobs):
    status, out, err = run("verify", *QUICK, "--jobs", jobs)
    lines = out.splitlines()
    assert status == 0
    assert err == ""  # progress is for terminals
    assert [line.split()[:2] for line in lines[:3]] == [["✓", QUICK[0]], ["✗", QUICK[1]], ["✓", QUICK[2]]]
    assert all(re.search(r" \d+\.\d\d s  \S", line) for line in lines[:3])
    assert lines[4] == "3 identities: 2 ✓ proved, 1 ✗ refuted."
    assert lines[5].startswith("Every claim recomputes.")


def test_verify_as_json(run):
    status, out, _ = run("verify", *QUICK, "--jobs", "1", "--format", "json")
    content = json.loads(out)
    assert status == 0
    assert content["summary"] == {"proved": 2, "checked": 0, "refuted": 1, "unknown": 0}
    assert content["as_claimed"] is True
    assert [entry["label"] for entry in content["identities"]] == list(QUICK)
    witness = content["identities"][1]["witness"]
    assert float(witness["left"]) != float(witness["right"])


@pytest.mark.parametrize(("label", "claim"), [("sobolev.at-zero", "refuted"), ("bai2022.eq38.simplified", "proved"),
                                              ("sobolev.at-zero", "checked")])
def test_a_claim_that_does_not_recompute_fails(run, monkeypatch, label, claim):
    false = Catalogue({label: replace(sk.identities[label], claim=claim)})
    monkeypatch.setattr(catalogue, "identities", false)
    monkeypatch.setattr(batch, "identities", false)
    status, out, _ = run("verify", label, "--jobs", "1")
    assert status == 1
    assert f"claimed {claim}, but" in out
    assert "1 of them do not recompute as claimed" in out
    assert main(["verify", label, "--jobs", "1", "--format", "json"]) == 1


def test_errata_give_both_numbers_and_the_correction(run, monkeypatch):
    label = "bai2022.eq38.simplified"
    few = Catalogue({name: sk.identities[name] for name in (label, "sobolev.dimension-constant")})
    monkeypatch.setattr(catalogue, "identities", few)
    status, out, _ = run("errata", "--jobs", "1")
    assert status == 0
    assert out.startswith(f"1. {label}: ")
    for part in ("where:", "flaw:", "printed:", "true, ✓ proved as sobolev.dimension-constant:"):
        assert part in out
    left, right = re.search(r"witness: at n = \d+: left = (\S+), right = (\S+)", out).groups()
    assert abs(float(left) / float(right) - 1) > 0.1
    _, text, _ = run("errata", "--jobs", "1", "--format", "json")
    (entry,) = json.loads(text)["errata"]
    assert entry["flaw"] == sk.identities[label].flaw
    assert [true["label"] for true in entry["true"]] == ["sobolev.dimension-constant"]
    assert "Eq(" in entry["printed"]


def test_errata_fail_when_a_misprint_is_true(run, monkeypatch):
    label = "sobolev.at-zero"
    false = Catalogue({label: replace(sk.identities[label], claim="refuted", flaw="error")})
    monkeypatch.setattr(catalogue, "identities", false)
    monkeypatch.setattr(batch, "identities", false)
    status, out, err = run("errata", "--jobs", "1")
    assert status == 1
    assert "NOT REFUTED" in out
    assert label in err


def test_table_formats(run):
    csv = run("table", "constants", "--dims", "1-2,4", "--format", "csv")[1]
    assert csv == sk.table("constants", [1, 2, 4]).to_csv()
    assert run("table", "kernels", "--format", "latex")[1] == sk.table("kernels").to_latex()
    assert run("table", "identities")[1] == sk.table("identities").to_markdown()


def test_kernel(run):
    assert run("kernel", "--dim", "3", "--order", "3", "--latex")[1].strip() == sk.SobolevKernel(dim=3, order=3).latex()
    assert run("kernel", "--dim", "3", "--bessel", "6", "--at", "0", "--digits", "25") == (
        0, "d(0) = 0.009947183943243458485555235\n", "")
    # A decimal is read exactly: 2.2 is 11/5, not the nearest binary number.
    exact = run("kernel", "--dim", "2", "--order", "11/5", "--at", "1/3", "--digits", "40")
    assert run("kernel", "--dim", "2", "--order", "2.2", "--at", "1/3", "--digits", "40") == exact
    _, text, _ = run("kernel", "--dim", "1", "--order", "1", "--kappa", "2")
    assert "nu = 1/2" in text
    assert "d(0) = 0.25" in text


def test_kernel_on_the_torus(run):
    circle = sk.PeriodicSobolevKernel(order=1)
    assert run("kernel", "--dim", "1", "--order", "1", "--period", "--latex")[1].strip() == circle.latex()
    # (u² - u + 1/6)/2 at u = 1/3
    assert run("kernel", "--dim", "1", "--order", "1", "--kappa", "0", "--period", "1", "--at", "1/3",
               "--digits", "12") == (0, "d(1/3) = -0.0277777777778\n", "")
    square = run("kernel", "--dim", "2", "--order", "2", "--period", "3", "--at", "1/2,1", "--digits", "20")
    assert run("kernel", "--dim", "2", "--order", "2", "--period", "3,3", "--at", "7/2,-2", "--digits", "20") == (
        0, square[1].replace("1/2,1", "7/2,-2"), "")


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"sobolevkernels {sk.__version__}\n"


def test_generate_check_and_write(run, monkeypatch, tmp_path):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr("sobolevkernels.__main__.__file__", str(tmp_path / "sobolevkernels" / "__main__.py"))
    monkeypatch.setattr(generate, "files", lambda jobs: {"docs/a.md": "true\n", "docs/b.md": "∫\n"})
    assert run("generate", "--check")[:2] == (1, "differs: docs/a.md\ndiffers: docs/b.md\n")
    assert run("generate")[:2] == (0, "written: docs/a.md\nwritten: docs/b.md\n")
    assert (tmp_path / "docs" / "b.md").read_text(encoding="utf-8") == "∫\n"
    assert run("generate", "--check")[:2] == (0, "all 2 generated files are up to date\n")
    (tmp_path / "docs" / "a.md").write_text("false\n", encoding="utf-8")
    assert run("generate", "--check")[:2] == (1, "differs: docs/a.md\n")


def test_generate_needs_a_checkout(run, monkeypatch, tmp_path):
    monkeypatch.setattr("sobolevkernels.__main__.__file__", str(tmp_path / "sobolevkernels" / "__main__.py"))
    status, _, err = run("generate")
    assert status == 2
    assert "checkout" in err


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0",
                                                                         "PYTHONCOERCECLOCALE": "0"}])
def test_output_survives_an_ascii_locale(environment):
    finished = program("list", "--chapter", "euclidean", **environment)
    assert finished.returncode == 0
    assert "✓ sobolev.radial" in finished.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_error():
    writer = subprocess.Popen([sys.executable, "-u", "-m", "sobolevkernels", "table", "identities"], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writer.stdout.close()
    assert writer.wait() == 1
    assert writer.stderr.read() == b""
    writer.stderr.close()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_stops_cleanly(jobs):
    running = subprocess.Popen([sys.executable, "-m", "sobolevkernels", "verify", "--jobs", jobs], cwd=ROOT,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
                               start_new_session=True)
    first = running.stdout.readline()
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    out, err = running.communicate()
    assert running.returncode == 130
    assert first.split()[1] == next(iter(sk.identities))
    assert re.search(rf"\n\d+ of {len(sk.identities)} identities: ", "\n" + out)
    assert err == "sobolevkernels: interrupted\n"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:  # no worker survives
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a worker outlived the program")


def test_progress_only_on_a_terminal(run, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    run("verify", QUICK[0], "--jobs", "1")
    assert f"[1/1] {QUICK[0]} ..." in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")
