"""The command line: look at the catalogue, verify it, print errata, tables and kernels."""

from __future__ import annotations

import argparse
import codecs
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sobolevkernels import PeriodicSobolevKernel, SobolevKernel, __version__

if TYPE_CHECKING:
    from sobolevkernels.batch import Outcome
    from sobolevkernels.symbolic.identity import Identity

# SymPy is loaded by the commands that need it, so that --help and numbers come at once.


class BadInput(Exception):
    """What the user typed cannot be used; the message is the whole of what they need to see."""


@contextmanager
def _input() -> Iterator[None]:
    """Around the use of what the user typed: the library's explanation becomes the program's."""
    try:
        yield
    except KeyError as error:
        raise BadInput(error.args[0]) from error
    except (ValueError, TypeError) as error:
        raise BadInput(str(error)) from error


# --- commands -----------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    from sobolevkernels.symbolic.identity import SYMBOLS

    records = _chosen(arguments)
    width = max((len(record.label) for record in records), default=0)
    for record in records:
        print(f"{SYMBOLS[record.claim]} {record.label:<{width}}  {record.title}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from sobolevkernels.report import record_text

    (record,) = _records([arguments.label])
    print(record_text(record, _columns()))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from sobolevkernels.report import outcome_json
    from sobolevkernels.symbolic.identity import SYMBOLS

    records = _chosen(arguments)
    width = max(len(record.label) for record in records)
    done: list[Outcome] = []
    interrupted = False
    try:
        for outcome in _verified(records, arguments.jobs):
            done.append(outcome)
            if arguments.format == "text":
                record, verdict = outcome.identity, outcome.verdict
                print(_cut(f"{SYMBOLS[verdict.status]} {record.label:<{width}} {outcome.seconds:6.2f} s  "
                           f"{record.source}"), flush=True)
                if not outcome.recomputes:
                    print(f"  ^ claimed {record.claim}, but {verdict}", flush=True)
    except KeyboardInterrupt:
        interrupted = True
    wrong = [outcome.identity.label for outcome in done if not outcome.recomputes]
    counts = {status: sum(outcome.verdict.status == status for outcome in done) for status in SYMBOLS}
    if arguments.format == "json":
        _print_json({"version": __version__, "identities": [outcome_json(outcome) for outcome in done],
                     "summary": counts, "as_claimed": not (wrong or interrupted), "interrupted": interrupted})
    else:
        number = f"{len(done)} of {len(records)}" if interrupted else len(done)
        shown = [f"{count} {SYMBOLS[status]} {status}" for status, count in counts.items() if count]
        print(f"\n{number} identities: {', '.join(shown) or 'none verified'}.")
        if wrong:
            print(f"{len(wrong)} of them do not recompute as claimed: {', '.join(wrong)}.")
        elif done:
            misprints = " The refuted ones are printed so and claimed false: see `sobolevkernels errata`."
            print("Every claim recomputes." + (misprints if counts["refuted"] else ""))
    if interrupted:
        raise KeyboardInterrupt
    return 1 if wrong else 0


def _errata(arguments: argparse.Namespace) -> int:
    from sobolevkernels.report import erratum_json, erratum_text
    from sobolevkernels.symbolic.catalogue import identities

    with _input():
        records = identities.find(claim="refuted", source=arguments.source)
    entries, wrong = [], []
    for number, outcome in enumerate(_verified(records, arguments.jobs), 1):
        if not outcome.recomputes:
            wrong.append(outcome.identity.label)
        if arguments.format == "json":
            entries.append(erratum_json(outcome))
        else:
            print(f"{number}. {erratum_text(outcome, _columns())}\n", flush=True)
    if arguments.format == "json":
        _print_json({"version": __version__, "errata": entries})
    else:
        print(f"{len(records)} printed statements; `sobolevkernels show LABEL` tells more of each record.")
    if wrong:
        print(f"sobolevkernels: not refuted by this run: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


def _table(arguments: argparse.Namespace) -> int:
    from sobolevkernels.tables import table

    with _input():
        made = table(arguments.name, dims=_dims(arguments.dims) if arguments.dims else None)
    printers = {"latex": made.to_latex, "markdown": made.to_markdown, "csv": made.to_csv}
    print(printers[arguments.format](), end="")
    return 0


def _kernel(arguments: argparse.Namespace) -> int:
    import mpmath

    with _input():
        kappa = _number(arguments.kappa, "--kappa")
        if arguments.bessel is not None:
            order = _number(arguments.bessel, "--bessel") / 2
        else:
            order = _number(arguments.order, "--order")
        kernel, place = _space(arguments, order, kappa)
        values = [(at, kernel.evaluate(place(at), arguments.digits)) for at in arguments.at or ()]
    if arguments.latex:
        print(kernel.latex())
    elif not values:
        from sobolevkernels.report import pretty

        print(kernel)
        print(pretty(kernel.expr, _columns()))
        print(f"   d(0) = {kernel.at_zero}, nu = {kernel.nu}")
    for at, value in values:
        print(f"d({at}) = {mpmath.nstr(value, arguments.digits)}")
    return 0


def _space(
    arguments: argparse.Namespace, order: Fraction, kappa: Fraction
) -> tuple[SobolevKernel | PeriodicSobolevKernel, Callable[[str], Any]]:
    """The kernel on R^n or on the torus, and how to read the place where it is wanted."""
    if arguments.period is None:
        return SobolevKernel(dim=arguments.dim, order=order, kappa=kappa), lambda text: _number(text, "--at")
    lengths = [_number(part, "--period") for part in arguments.period.split(",") if arguments.period]
    period = {} if not lengths else {"period": lengths[0] if len(lengths) == 1 else lengths}
    return (PeriodicSobolevKernel(dim=arguments.dim, order=order, kappa=kappa, **period),
            lambda text: [_number(part, "--at") for part in text.split(",")])


def _generate(arguments: argparse.Namespace) -> int:
    from sobolevkernels.generate import differing, files

    root = Path(__file__).resolve().parent.parent
    if not (root / "docs").is_dir():
        raise BadInput("generate writes into a checkout of the sources, and this is an installed package; "
                       "run it there as `python -m sobolevkernels generate`")
    texts = files(arguments.jobs)
    stale = differing(root, texts)
    for name in stale:
        if not arguments.check:
            (root / name).write_text(texts[name], encoding="utf-8")
        print(f"{'differs' if arguments.check else 'written'}: {name}")
    if not stale:
        print(f"all {len(texts)} generated files are up to date")
    return 1 if arguments.check and stale else 0


# --- what the commands share --------------------------------------------------------------------


def _records(labels: Sequence[str]) -> list[Identity]:
    from sobolevkernels.symbolic.catalogue import identities

    with _input():
        return [identities[label] for label in labels]


def _chosen(arguments: argparse.Namespace) -> Sequence[Identity]:
    from sobolevkernels.symbolic.catalogue import identities

    labels = getattr(arguments, "labels", [])
    if labels and (arguments.chapter or arguments.source):
        raise BadInput("give labels, or --chapter and --source, not both")
    if labels:
        return _records(labels)
    with _input():
        found = identities.find(source=arguments.source, chapter=arguments.chapter,
                                claim=getattr(arguments, "claim", None))
    if not found:
        raise BadInput("no record fits; `sobolevkernels list` shows all of them")
    return found


def _verified(records: Sequence[Identity], jobs: int) -> Iterator[Outcome]:
    """Verify, and show on a terminal which record is being waited for."""
    from sobolevkernels.batch import verify_all

    def progress(text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    outcomes = verify_all([record.label for record in records], jobs)
    try:
        for number, record in enumerate(records, 1):
            progress(f"[{number}/{len(records)}] {record.label} ...")
            outcome = next(outcomes)
            progress("")
            yield outcome
    finally:
        progress("")
        outcomes.close()


def _print_json(content: object) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))


def _columns() -> int:
    # A file or a pipe has no width; only a terminal makes us break or cut.
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100_000


def _cut(line: str) -> str:
    width = _columns()
    return line if len(line) <= width else line[:width - 1] + "…"


def _number(text: str, option: str) -> Fraction:
    """Exactly the number that was typed: 2.2 is 11/5."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise BadInput(f"{option} needs a number such as 3, 2.2 or 5/2, got {text!r}") from None


def _dims(text: str) -> list[int]:
    """`1-4,7` as [1, 2, 3, 4, 7]."""
    dims: list[int] = []
    for part in text.split(","):
        low, dash, high = part.partition("-")
        if not low.strip().isdecimal() or (dash and not high.strip().isdecimal()):
            raise BadInput(f"--dims needs dimensions such as 1-10 or 1,2,5, got {text!r}")
        dims += range(int(low), int(high if dash else low) + 1)
    if not dims:
        raise BadInput(f"--dims {text} is empty; write the smaller dimension first")
    return dims


# --- the parser ---------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sobolevkernels", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Reproducing kernels of Sobolev spaces: verified formulas, numbers printed from them.",
        epilog="examples:\n"
               "  sobolevkernels verify                 recompute every claim of the catalogue\n"
               "  sobolevkernels errata                 what is misprinted, and what is true\n"
               "  sobolevkernels show sobolev.radial    one record\n"
               "  sobolevkernels table constants --format latex\n"
               "  sobolevkernels kernel --dim 3 --order 3 --at 0.5 --digits 30\n\n"
               "marks: ✓ proved, ≈ checked by numbers only, ✗ refuted, ? unknown")
    parser.add_argument("--version", action="version", version=f"sobolevkernels {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str,
                *examples: str) -> argparse.ArgumentParser:
        epilog = "examples:\n" + "\n".join(f"  sobolevkernels {name}{' ' + example if example else ''}"
                                           for example in examples)
        sub = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
        sub.set_defaults(run=run)
        return sub

    def filters(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--chapter", help="records of one chapter, such as euclidean")
        sub.add_argument("--source", help="records of one source key: bai2022, sobolev")

    def jobs(sub: argparse.ArgumentParser, what: str = "verify in") -> None:
        sub.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N",
                         help=f"{what} N processes (default: the number of CPUs)")

    sub = command("list", _list, "list the records of the catalogue", "", "--source bai2022 --claim refuted")
    filters(sub)
    sub.add_argument("--claim", help="proved, checked or refuted")

    sub = command("show", _show, "show one record: statement, conditions, source, claim", "bai2022.lemma9")
    sub.add_argument("label", metavar="LABEL")

    sub = command("verify", _verify, "recompute the claims; exit with 1 if one does not recompute", "",
                  "bai2022.lemma9 sobolev.radial", "--chapter euclidean --jobs 4", "--format json > out.json")
    sub.add_argument("labels", nargs="*", metavar="LABEL")
    filters(sub)
    jobs(sub)
    sub.add_argument("--format", choices=("text", "json"), default="text")

    sub = command("errata", _errata, "print what is misprinted, what is true, and a witness", "",
                  "--source bai2022", "--format json")
    sub.add_argument("--source", help="errata of one source key")
    jobs(sub)
    sub.add_argument("--format", choices=("text", "json"), default="text")

    sub = command("table", _table, "print a table: constants, kernels or identities", "constants",
                  "constants --dims 1-20 --format latex", "kernels --dims 2,3 --format csv", "identities")
    sub.add_argument("name", metavar="NAME", help="constants, kernels or identities")
    sub.add_argument("--dims", metavar="1-10", help="dimensions: a range, or a list such as 1,2,5")
    sub.add_argument("--format", choices=("latex", "markdown", "csv"), default="markdown")

    sub = command("kernel", _kernel, "print one kernel, or its values", "--dim 3 --order 3",
                  "--dim 3 --bessel 6 --latex", "--dim 2 --order 2.2 --at 0.5 --at 1/3 --digits 40",
                  "--dim 1 --order 2 --period", "--dim 2 --order 2 --period 1,3 --at 1/2,1")
    sub.add_argument("--dim", type=int, required=True, metavar="N", help="dimension of the space")
    order = sub.add_mutually_exclusive_group(required=True)
    order.add_argument("--order", metavar="T", help="Sobolev order: the weight is (kappa² + |ξ|²)^T")
    order.add_argument("--bessel", metavar="S", help="order of the Bessel potential, 2T: the s of bai2022")
    sub.add_argument("--kappa", default="1", metavar="K", help="inverse length (default 1)")
    sub.add_argument("--period", nargs="?", const="", metavar="L",
                     help="the kernel on the torus of this period, or of these, one an axis: 1,3 (default 2π)")
    sub.add_argument("--latex", action="store_true", help="print the formula in LaTeX")
    sub.add_argument("--at", action="append", metavar="R",
                     help="print d(R), on the torus at a displacement such as 1/2,1; may be repeated")
    sub.add_argument("--digits", type=_positive, default=30, metavar="D", help="digits of d(R) (default 30)")

    sub = command("generate", _generate, "rewrite the generated files of a checkout", "", "--check")
    sub.add_argument("--check", action="store_true", help="only compare; exit with 1 if a file differs")
    jobs(sub, "use")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a positive integer, got {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    It is 0 for success, 1 when a claim does not recompute or a generated file differs, 2 for input
    that cannot be used, and 130 after an interrupt.

    Parameters
    ----------
    arguments : sequence of str, optional
        What would be typed after the program's name; `sys.argv[1:]` if absent.

    Examples
    --------
    >>> main(["kernel", "--dim", "3", "--order", "3", "--at", "0", "--digits", "20"])
    d(0) = 0.0099471839432434584856
    0
    """
    for stream in (sys.stdout, sys.stderr):
        # Our marks and formulas are not ASCII; a locale that is must not make the program fail.
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(encoding="utf-8")
    parsed = _parser().parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
        sys.stdout.flush()
    except BadInput as error:
        print(f"sobolevkernels: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sobolevkernels: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, say) has enough; what is still buffered goes nowhere, silently.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
