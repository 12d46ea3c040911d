"""Negative controls: true statements made false on purpose, to see that the verifier notices.

An equation has its right side changed in sign, by a small factor, in an exponent
and in an index; an inequality is reversed. The control of a misprint is its
correction, which the test suite looks up in the catalogue.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.identity import equation

#: Small enough to be overlooked by eye, large enough for thirty digits.
FACTOR = sp.Rational(1_000_001, 1_000_000)


def perturbations(statement: Relational) -> dict[str, Relational]:
    """False variants of a true statement, by the kind of change.

    Examples
    --------
    >>> import sympy as sp
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> for kind, false in perturbations(sp.Eq(sp.Symbol("x"), n * 2**n)).items():
    ...     print(kind, false.rhs)
    sign -2**n*n
    factor 1000001*2**n*n/1000000
    exponent 2**(n + 1)*n
    index 2**(n + 1)*(n + 1)
    """
    if not isinstance(statement, sp.Eq):
        opposite = {sp.Le: sp.Ge, sp.Ge: sp.Le, sp.Lt: sp.Gt, sp.Gt: sp.Lt}[type(statement)]
        return {"reversed": opposite(*statement.args, evaluate=False)}
    left, right = statement.args
    variants = {
        "sign": -right,
        "factor": FACTOR * right,
        "exponent": _change_exponent(right),
        "index": _change_index(right),
    }
    return {kind: equation(left, changed) for kind, changed in variants.items() if changed is not None}


def _change_exponent(expr: sp.Expr) -> sp.Expr | None:
    """One power of something other than ±1, its exponent raised by 1; outside of integrals, sums and products."""
    for part in _outside(expr):
        if part.is_Pow and abs(part.base) != 1 and not part.base.is_zero:
            return expr.xreplace({part: part.base ** (part.exp + 1)})
        if isinstance(part, sp.exp) and part.exp != 0:
            return expr.xreplace({part: sp.exp(2 * part.exp)})
    return None


def _change_index(expr: sp.Expr) -> sp.Expr | None:
    """One integer symbol raised by 1, or by 2 if its parity is fixed."""
    for symbol in sorted(expr.free_symbols, key=str):
        if symbol.is_integer:
            return expr.subs(symbol, symbol + (2 if symbol.is_odd or symbol.is_even else 1))
    return None


def _outside(expr: sp.Expr) -> list[sp.Expr]:
    """The subexpressions in a fixed order, not looking into integrals, sums and products."""
    if isinstance(expr, sp.Integral | sp.Sum | sp.Product):
        return []
    inner = [part for arg in sorted(expr.args, key=sp.default_sort_key) for part in _outside(arg)]
    return [expr, *inner]


def left_perturbations(statement: Relational) -> dict[str, Relational]:
    """False variants of a true equation whose left side, the definition, was tampered with.

    They are for proofs: where an oracle stands in for the left side, numbers do not see it.
    """
    if not isinstance(statement, sp.Eq):
        return {}
    left, right = statement.args
    variants = {"left sign": -left, "left factor": FACTOR * left, "left limit": _change_limit(left)}
    return {kind: equation(changed, right) for kind, changed in variants.items() if changed is not None}


def _change_limit(expr: sp.Expr) -> sp.Expr | None:
    """The first integral, or else the first sum, with its lower end moved by one (from -∞ to 0)."""
    for kind in (sp.Integral, sp.Sum):
        for part in sorted(expr.atoms(kind), key=sp.default_sort_key):
            (index, low, high), *others = part.limits
            moved = sp.Integer(0) if low.is_infinite else low + 1
            return expr.xreplace({part: kind(part.function, (index, moved, high), *others)})
    return None
