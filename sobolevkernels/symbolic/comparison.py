"""Whether a relation holds between two sides at one point, decided by thirty digits or by certified balls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.evaluate import DIGITS, CannotEvaluate, Value, evaluate
from sobolevkernels.symbolic.sampling import Point, format_point

#: Two sides agree when they do so to this many digits of the larger one.
AGREEMENT = 30


@dataclass(frozen=True)
class Witness:
    """A point where the two sides were compared, and both numbers."""

    point: Point
    left: Value
    right: Value

    def __str__(self) -> str:
        place = f"at {format_point(self.point)}: " if self.point else ""
        left, right = str(self.left), str(self.right)
        if left == right:  # the difference is further down
            left, right = (mpmath.nstr(side.middle, 40) for side in (self.left, self.right))
        return f"{place}left = {left}, right = {right}"


def differentiate(side: sp.Expr) -> sp.Expr:
    """Carry out derivatives of known order; integrals stay as they are.

    Before numbers are inserted, because one cannot differentiate in a number; and
    after, for derivatives whose order was a symbol (their variable is bound by a Subs).
    """
    while derivatives := [
        d for d in side.atoms(sp.Derivative) if all(order.is_Integer for _, order in d.variable_count)
    ]:
        inner = min(derivatives, key=sp.count_ops)
        outcome = sp.diff(inner.expr, *inner.variable_count)
        if outcome.has(inner):
            raise CannotEvaluate(f"SymPy does not know {inner}")
        side = side.xreplace({inner: outcome})
    return side.replace(
        lambda part: isinstance(part, sp.Subs) and not part.has(sp.Derivative), lambda part: part.doit()
    )


def decide(
    statement: Relational, left: sp.Expr, right: sp.Expr, point: Point, oracle: Callable[[], Any] | None
) -> tuple[bool, Witness]:
    """Whether the relation holds between the two numbers, at the first precision that can tell."""
    for digits in DIGITS:
        values = evaluate(left, digits, oracle), evaluate(right, digits)
        witness = Witness(point, *values)
        with mp.workdps(digits):
            terms = [abs(value.middle) for value in values]
            if oracle is None and 0 in terms:  # a zero has no digits of its own: take those of its terms
                terms += [
                    abs(evaluate(term, digits).middle) for side in (left, right) for term in sp.Add.make_args(side)
                ]
            tolerance = max(terms) * mp.mpf(10) ** -AGREEMENT
            error = values[0].error + values[1].error
            difference = values[0].middle - values[1].middle
            if all(value.certified for value in values) and abs(difference) > error:
                return _holds(statement, difference, error), witness  # the balls are apart: no tolerance needed
            if error > tolerance and not abs(difference) > 10 * (error + tolerance):
                continue
            return _holds(statement, difference, tolerance + error), witness
    raise CannotEvaluate(f"{DIGITS[-1]} digits did not suffice to compare the two sides")


def _holds(statement: Relational, difference: Any, tolerance: Any) -> bool:
    if isinstance(statement, sp.Eq):
        return bool(abs(difference) <= tolerance)
    if abs(mp.im(difference)) > tolerance:
        raise CannotEvaluate("an inequality between complex numbers")
    difference = mp.re(difference)
    tests: dict[type, bool] = {
        sp.Lt: difference < -tolerance,
        sp.Gt: difference > tolerance,
        sp.Le: difference <= tolerance,
        sp.Ge: difference >= -tolerance,
        sp.Ne: abs(difference) > tolerance,
    }
    return bool(tests[type(statement)])
