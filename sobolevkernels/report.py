"""A record, or the outcome of its verification, in words: what the command line and the pages share."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp
from sympy.assumptions import AppliedPredicate

from sobolevkernels.batch import Outcome
from sobolevkernels.symbolic.catalogue import identities
from sobolevkernels.symbolic.identity import FLAWS, SYMBOLS, Identity, Verdict
from sobolevkernels.symbolic.sampling import format_point


def corrections(label: str) -> tuple[Identity, ...]:
    """The records that state what is true where the record `label` is refuted.

    Examples
    --------
    >>> [identity.label for identity in corrections("bai2022.eq39")]
    ['sobolev.dimension-constant']
    """
    return tuple(identity for identity in identities.values() if label in identity.corrects)


def conditions(identity: Identity, show: Callable[[sp.Basic], str] = sp.sstr) -> str:
    """What the symbols must satisfy, in words: their own assumptions, then the conditions of the record.

    Examples
    --------
    >>> conditions(identities["sobolev.half-integer"])
    'A positive integer; n, r positive; n >= 1'
    >>> conditions(identities["sobolev.at-zero"])
    'n, s positive; s > n; n >= 1'
    """
    kinds: dict[str, list[str]] = {}
    symbols = identity.statement.free_symbols.union(*(condition.free_symbols for condition in identity.where))
    for symbol in sorted(symbols, key=lambda symbol: symbol.name):
        kinds.setdefault(_kind(symbol), []).append(show(symbol))
    parts = [f"{', '.join(names)} {kind}" for kind, names in kinds.items()]
    return "; ".join([*parts, *(_condition(condition, show) for condition in identity.where)])


def _condition(condition: sp.Basic, show: Callable[[sp.Basic], str]) -> str:
    if isinstance(condition, AppliedPredicate):
        return f"{show(condition.arg)} {condition.function.name}"
    if isinstance(condition, sp.Or):
        return " or ".join(sorted(_condition(part, show) for part in condition.args))
    if isinstance(condition, sp.Eq) and show is sp.sstr:
        return f"{show(condition.lhs)} = {show(condition.rhs)}"
    return show(condition)


def _kind(symbol: sp.Symbol) -> str:
    words = {
        "positive": symbol.is_positive, "non-negative": symbol.is_nonnegative and not symbol.is_positive,
        "negative": symbol.is_negative, "odd": symbol.is_odd, "even": symbol.is_even,
        "integer": symbol.is_integer and not (symbol.is_odd or symbol.is_even),
        "not an integer": symbol.is_real and symbol.is_integer is False,
        "real": symbol.is_real and not (symbol.is_integer or symbol.is_nonnegative or symbol.is_negative),
        "complex": not symbol.is_real,
    }
    return " ".join(word for word, true in words.items() if true)


def witness(verdict: Verdict, digits: int = 12) -> tuple[str, str, str]:
    """The point of the verdict's witness and the two sides there; empty strings if there is none."""
    found = verdict.witness
    if found is None:
        return "", "", ""
    left, right = (_number(value.middle, digits) for value in (found.left, found.right))
    return format_point(found.point), left, right


def _number(value: mpmath.mpf | mpmath.mpc, digits: int) -> str:
    # The two arithmetics may leave different dust in the imaginary part of a real number.
    dust = abs(mpmath.im(value)) <= abs(mpmath.re(value)) * mpmath.mpf(10) ** -digits
    return str(mpmath.nstr(mpmath.re(value) if dust else value, digits))


def flaw(record: Identity) -> str:
    """What is wrong with a refuted record, in words."""
    return FLAWS[record.flaw] if record.flaw else ""


def pretty(expr: sp.Basic, columns: int, indent: int = 6) -> str:
    """The expression in two-dimensional Unicode, broken to fit into that many columns."""
    text: str = sp.pretty(expr, use_unicode=True, num_columns=max(columns - indent, 40))
    return "\n".join(" " * indent + line for line in text.splitlines())


def record_text(record: Identity, columns: int) -> str:
    """All that a record says: statement, conditions, source, claim, flaw, what it corrects, note."""
    fields = {
        "conditions": conditions(record),
        "source": record.source,
        "flaw": flaw(record),
        "repeats": record.repeats,
        "corrects": ", ".join(record.corrects),
        "corrected by": ", ".join(correction.label for correction in corrections(record.label)),
        "note": record.note,
    }
    return "\n".join([
        f"{record.label} {SYMBOLS[record.claim]} {record.claim}", record.title, "",
        pretty(record.statement, columns), "",
        *(_field(f"{name}:", 14, value, columns) for name, value in fields.items() if value)])


def erratum_text(outcome: Outcome, columns: int) -> str:
    """Where a refuted record is printed, what is printed, what is true, and a witness with both numbers."""
    record = outcome.identity
    point, left, right = witness(outcome.verdict)
    repeats = f"; repeats {record.repeats}" if record.repeats else ""
    lines = [f"{record.label}: {record.title}", _field("   where:", 12, record.source, columns),
             _field("   flaw:", 12, flaw(record) + repeats, columns),
             "   printed:", pretty(record.statement, columns)]
    for correction in corrections(record.label):
        lines += [f"   true, {SYMBOLS[correction.claim]} {correction.claim} as {correction.label}:",
                  pretty(correction.statement, columns)]
    if outcome.recomputes:
        lines.append(f"   witness: {f'at {point}: ' if point else ''}left = {left}, right = {right}")
    else:
        lines.append(f"   NOT REFUTED by this run: {outcome.verdict.detail}")
    if record.note:
        lines.append(_field("   note:", 12, record.note, columns))
    return "\n".join(lines)


def _field(name: str, indent: int, value: str, columns: int) -> str:
    """A name and a paragraph beside it, no wider than is comfortable to read."""
    return textwrap.fill(value, min(columns, 110), initial_indent=f"{name:<{indent}}",
                         subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain data."""
    record, verdict = outcome.identity, outcome.verdict
    point, left, right = witness(verdict, 17)
    return {
        "label": record.label, "title": record.title, "source": record.source, "claim": record.claim,
        "status": verdict.status, "as_claimed": outcome.recomputes, "seconds": round(outcome.seconds, 3),
        "detail": verdict.detail, "witness": {"point": point, "left": left, "right": right},
    }


def erratum_json(outcome: Outcome) -> dict[str, Any]:
    """An erratum as plain data; statements as `sympy.sympify` reads them."""
    record = outcome.identity
    return {
        **outcome_json(outcome), "printed": sp.sstr(record.statement), "flaw": record.flaw,
        "repeats": record.repeats, "note": record.note,
        "true": [{"label": true.label, "claim": true.claim, "statement": sp.sstr(true.statement)}
                 for true in corrections(record.label)],
    }
