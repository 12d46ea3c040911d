"""Proofs by algebra: terms that cancel, rational functions, sums of squares, convex gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.identity import Proof
from sobolevkernels.symbolic.proofs import OTHER_RANGE, sides


def differentiated(statement: Relational) -> Iterable[sp.Expr]:
    """Derivatives are taken and points inserted; then the two sides cancel."""
    left, right = sides(statement)
    return [zero(left.doit() - right.doit())]


def zero(expr: sp.Expr) -> sp.Expr:
    """0 if the terms cancel once logarithms and powers of positive quantities are taken apart."""
    expr = expr.xreplace({symbol: -sp.Dummy(positive=True) for symbol in expr.free_symbols if symbol.is_negative})
    for simplify in (sp.expand, lambda e: sp.expand_log(sp.powdenest(e, force=True), force=True), sp.simplify,
                     lambda e: sp.simplify(sp.powsimp(sp.expand(sp.expand_log(e, force=True)), force=True))):
        if expr == 0:
            break
        expr = simplify(expr)
    return expr


def least_at(variable: sp.Symbol, point: sp.Expr) -> Proof:
    """Proof of an inequality whose gap is convex in `variable` and least, with value 0, at `point`."""

    def proof(statement: Relational) -> Iterable[sp.Expr]:
        gap = statement.gts - statement.lts
        slope = sp.diff(gap, variable)
        curvature = sp.simplify(sp.diff(slope, variable))
        return [zero(gap.subs(variable, point)), zero(slope.subs(variable, point)),
                sp.Integer(0) if curvature.is_positive else OTHER_RANGE]

    proof.__doc__ = f"""The larger side minus the smaller is strictly convex in {variable}: its second derivative is
    positive. At {variable} = {point} it has value and slope 0, so that it is nowhere negative."""
    return proof


def rational(statement: Relational) -> Iterable[sp.Expr]:
    """Derivatives are taken; with a letter for each e^z both sides are rational functions (or roots), which cancel."""
    left, right = (side.doit() for side in sides(statement))
    exponents = {symbol for part in (left - right).atoms(sp.exp) for symbol in part.free_symbols}
    letters = {symbol: sp.log(sp.Dummy(positive=True)) for symbol in exponents}
    return [cancelled((left - right).xreplace(letters))]


def cancelled(expr: sp.Expr) -> sp.Expr:
    """The numerator of a rational expression, expanded: 0 iff the expression is 0."""
    return sp.expand(sp.numer(sp.together(expr.doit())))


def squares(why: str, terms: Sequence[sp.Expr], given: Sequence[sp.Expr] = ()) -> Proof:
    """A proof that the larger side exceeds the smaller one by the terms, each of which is non-negative.

    SymPy confirms the signs from the assumptions of the symbols; `given` are the quantities that are
    positive by a condition of the record, or not negative where the terms are continuous in them.
    """
    positive = {quantity: sp.Dummy(positive=True) for quantity in given}
    signed = [sp.sympify(term).xreplace(positive) for term in terms]
    if not all(term.is_nonnegative for term in signed):
        raise ValueError(f"the sign of one of {terms} is not known")

    def proof(statement: Relational) -> Iterable[sp.Expr]:
        if isinstance(statement, sp.Lt | sp.Gt) and not any(term.is_positive for term in signed):
            raise ValueError("a strict inequality needs a positive term")
        return [cancelled(statement.gts - statement.lts - sp.Add(*terms))]

    proof.__doc__ = why
    return proof
