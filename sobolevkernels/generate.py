"""Everything that is printed from the formulas: the pages of docs/ and the evaluators of closed forms.

The pages hold what is claimed and what is true at every run; nothing that depends on the machine, on
timing or on which extras are installed. `sobolevkernels generate` rewrites them, a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import sympy as sp

from sobolevkernels.batch import verify_all
from sobolevkernels.report import conditions, corrections, flaw, witness
from sobolevkernels.symbolic.activations import activations_module
from sobolevkernels.symbolic.catalogue import CHAPTERS, identities
from sobolevkernels.symbolic.identity import SYMBOLS, Identity
from sobolevkernels.symbolic.losses import loss_functions_module
from sobolevkernels.symbolic.mirror_formulas import mirror_maps_module
from sobolevkernels.symbolic.multipliers import symbols_module
from sobolevkernels.symbolic.printing import fused_half_integer_module, half_integer_module
from sobolevkernels.tables import table

GENERATED = "Printed from the catalogue by `sobolevkernels generate`; edit the records, not this page."


def files(jobs: int = 1) -> dict[str, str]:
    """Path, relative to the root of the sources, and text of every generated file.

    Parameters
    ----------
    jobs : int
        Number of processes for the witnesses of the errata.
    """
    return {
        "sobolevkernels/evaluation/half_integer.py": half_integer_module(),
        "sobolevkernels/evaluation/fused_half_integer.py": fused_half_integer_module(),
        "sobolevkernels/evaluation/symbols.py": symbols_module(),
        "sobolevkernels/evaluation/mirror_maps.py": mirror_maps_module(),
        "sobolevkernels/evaluation/activations.py": activations_module(),
        "sobolevkernels/evaluation/loss_functions.py": loss_functions_module(),
        "docs/identities.md": identities_page(),
        "docs/errata.md": errata_page(jobs),
        "docs/constants.md": constants_page(),
    }


def differing(root: Path, texts: dict[str, str]) -> list[str]:
    """The generated files under `root` that are absent or hold another text."""
    return [name for name, text in texts.items()
            if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text]


# --- pages --------------------------------------------------------------------------------------


def identities_page() -> str:
    """docs/identities.md: every record with its statement, conditions, source, claim and note."""
    parts = ["# The catalogue", GENERATED,
             f"{len(identities)} records: {identities.count()}. What the marks mean, and what they do not, "
             "stands on [verification](verification.md). The refuted ones, with witnesses, are the "
             "[errata](errata.md)."]
    for chapter in CHAPTERS:
        (heading, _, _) = (import_module(f"sobolevkernels.symbolic.{chapter}").__doc__ or "").partition("\n")
        parts += [f"## {chapter}", _sentence(heading)]
        for identity in identities.find(chapter=chapter):
            parts += _record(identity)
    return _page(parts)


def _record(identity: Identity) -> Iterable[str]:
    yield f'### <a id="{identity.label}"></a>`{identity.label}` {SYMBOLS[identity.claim]}'
    yield f"{SYMBOLS[identity.claim]} {identity.claim}. {_sentence(identity.title)}"
    yield _display(identity)
    lines = [f"*Source:* {_sentence(identity.source)}"]
    if holds := conditions(identity, _inline):
        lines.insert(0, f"*Conditions:* {holds}.")
    if identity.flaw:
        lines.append(f"*Flaw:* {flaw(identity)}.")
    if identity.repeats:
        lines.append(f"*Repeats:* {_link(identity.repeats)}.")
    for word, labels in (("Corrects", identity.corrects),
                         ("Corrected by", [correction.label for correction in corrections(identity.label)])):
        if labels:
            lines.append(f"*{word}:* {', '.join(map(_link, labels))}.")
    yield "  \n".join(lines)
    if identity.note:
        yield _sentence(identity.note)


def errata_page(jobs: int = 1) -> str:
    """docs/errata.md: each refuted record with what is true instead, and a witness."""
    refuted = identities.find(claim="refuted")
    parts = ["# Errata", GENERATED,
             f"{len(refuted)} statements of our sources, or common readings of them, are refuted. Each stands here as "
             "printed, with a point at which its two sides differ and with what is true instead. "
             "`sobolevkernels errata` recomputes them.",
             "| record | where | flaw | repeats |\n| :-- | :-- | :-- | :-- |\n" + "\n".join(
                 f"| [`{record.label}`](#{record.label}) | {_text(record.source)} | {flaw(record)} | "
                 f"{_link(record.repeats) if record.repeats else ''} |" for record in refuted)]
    for outcome in verify_all([record.label for record in refuted], jobs):
        record = outcome.identity
        point, left, right = witness(outcome.verdict)
        place = f"At {point}: left" if point else "Left"
        parts += [f'## <a id="{record.label}"></a>`{record.label}`', _sentence(record.title),
                  f"*Where:* {_sentence(record.source)}  \n*Flaw:* {flaw(record)}"
                  + (f", repeating {_link(record.repeats)}." if record.repeats else "."),
                  "As printed:", _display(record), f"*Witness.* {place} = `{left}`, right = `{right}`."]
        for correction in corrections(record.label):
            parts += [f"True, {SYMBOLS[correction.claim]} {correction.claim} as {_link(correction.label)}:",
                      _display(correction)]
        if record.note:
            parts.append(_sentence(record.note))
    return _page(parts)


def constants_page() -> str:
    """docs/constants.md: the tables of constants and kernels."""
    constants, kernels = table("constants"), table("kernels")
    return _page([
        "# Constants and kernels", GENERATED,
        "The weight is $(1+|\\xi|^2)^{s/2}$ and $r = |x-y|$; see [conventions](conventions.md). "
        "`sobolevkernels table constants --format latex` prints the first table for a paper.",
        "## The constant $C_n$",
        "For $s = n+3$ the kernel is $d(r) = C_n\\, e^{-r}(1+r)$, so that $C_n = d(0)$, proved as "
        f"{_link('sobolev.dimension-constant')}. Beside it stands what bai2022 prints, in (38) for odd $n$ "
        f"({_link('bai2022.eq38.simplified')}) and in (39) for even $n$ ({_link('bai2022.eq39')}); "
        "a dash where the printed formula has no value.",
        constants.to_markdown().rstrip(),
        "## Kernels of half-integer smoothness",
        "Here $\\nu = (s-n)/2$ and $t = s/2$ is the Sobolev order.",
        kernels.to_markdown().rstrip()])


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _inline(expr: sp.Basic) -> str:
    return f"${sp.latex(expr)}$"


def _display(identity: Identity) -> str:
    return f"$$\n{identity.latex()}\n$$"


def _link(label: str) -> str:
    return f"[`{label}`](identities.md#{label})"


def _sentence(text: str) -> str:
    return _text(text.rstrip(".")) + "."


def _text(text: str) -> str:
    """Plain text for Markdown: nothing starts emphasis, and a label in backticks becomes a link."""
    pieces = text.split("`")
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            pieces[index] = "".join("\\" + char if char in r"\*_<$|" else char for char in piece)
        else:
            pieces[index] = _link(piece) if piece in identities else f"`{piece}`"
    return "".join(pieces)
