"""The two verbs of a derivation.

`step` states one line and stops unless it is exact; `conclude` lands on a
record of the catalogue, which it reads and never retypes. A derivation that
runs to its end is therefore correct line by line. In a notebook both show the
equation they have just checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import mpmath
import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef

from sobolevkernels import identities
from sobolevkernels.symbolic.evaluate import CannotEvaluate, Value, evaluate
from sobolevkernels.symbolic.identity import Identity, Verdict
from sobolevkernels.symbolic.proofs import ratio, vanish
from sobolevkernels.symbolic.sampling import sample

#: Two numbers are the same when they agree to this many digits.
DIGITS = 25


class NotExact(AssertionError):
    """A line that does not hold; the message says what was left."""


@dataclass(frozen=True)
class Line:
    """What a step or a conclusion has established."""

    text: str
    formula: str

    def _repr_markdown_(self) -> str:
        return f"{self.text}\n\n$${self.formula}$$"


def step(text: str, left: sp.Expr, right: sp.Expr = sp.S.Zero, *, by_parts: sp.Expr | None = None,
         substitute: tuple[sp.Expr, sp.Symbol] | None = None) -> Line:
    """State that left = right and stop if it is not exactly so.

    Derivatives and substitutions are carried out. Sums, or integrals, over the
    same range are compared under the sign; an integral or a limit on the left
    that faces a closed form is computed by SymPy; other integrals need a reason.

    Parameters
    ----------
    text : str
        Why the line holds, in words.
    left, right : sympy.Expr
        The two sides, which may be matrices; without `right`, `left` must vanish.
    by_parts : sympy.Expr, optional
        The antiderivative of the difference of the integrands; it must vanish at both ends.
    substitute : (new expression, new variable), optional
        What replaces the left variable of integration; integrand, differential and ends must match.

    Raises
    ------
    NotExact
        If something is left.
    """
    left, right = sp.sympify(left), sp.sympify(right)
    if isinstance(left, sp.MatrixBase | sp.MatrixExpr):
        remainders = [remainder(*entries) for entries in zip(left.doit(), right.doit(), strict=True)]
    elif by_parts is not None:
        remainders = _by_parts(left, right, by_parts)
    elif substitute is not None:
        remainders = _substitution(left, right, *substitute)
    else:
        remainders = [remainder(left if right.has(sp.Integral) else _computed(left), right)]
    for rest in remainders:
        if rest != 0:
            raise NotExact(f"{text}\n  {left} = {right}\nis not exact; left over: {rest}")
    return Line(text, f"{sp.latex(left)} = {sp.latex(right)}" if left != right else sp.latex(left))


def conclude(label: str, value: sp.Expr, *, of: sp.Expr | None = None, refutes: bool = False) -> Line:
    """Land on the record `label`: what was derived is its right side, or refutes it.

    Symbols are matched by name.

    Parameters
    ----------
    label : str
        The record in the catalogue.
    value : sympy.Expr
        What was derived; it must equal the right side of the record exactly.
    of : sympy.Expr, optional
        Where the derivation began; it must equal the left side of the record.
    refutes : bool
        For a misprint. At the record's witness point `value` must then be the
        independent value of the left side, and differ from what is printed.

    Raises
    ------
    NotExact
        If the derivation did not arrive there.
    """
    record = identities[label]
    if refutes != (record.claim == "refuted"):
        raise NotExact(f"the catalogue claims that {label} is {record.claim}")
    here = {symbol.name: symbol for side in (value, of) if side is not None
            for symbol in sp.sympify(side).free_symbols}
    names = {symbol: here.get(symbol.name, symbol) for symbol in record.statement.free_symbols}
    left, right = (side.xreplace(names) for side in record.statement.args)
    if of is not None and (rest := remainder(of, left)) != 0:
        raise NotExact(f"the derivation did not begin with the left side of {label}; left over: {rest}")
    if refutes:
        return _refute(record, value)
    if (rest := remainder(value, right)) != 0:
        raise NotExact(f"the derivation did not arrive at {label}; left over: {rest}")
    return Line(f"∎ **{label}**: {record.title}", record.latex())


@cache
def _verdict(label: str) -> Verdict:
    return identities[label].verify()


def _refute(record: Identity, value: sp.Expr) -> Line:
    verdict = _verdict(record.label)
    if verdict.status != "refuted" or verdict.witness is None:
        raise NotExact(f"{record.label} was not refuted: {verdict}")
    numbers = {symbol.name: number for symbol, number in verdict.witness.point.items()}
    derived = evaluate(value.xreplace({symbol: numbers[symbol.name] for symbol in value.free_symbols}))
    true, printed = verdict.witness.left, verdict.witness.right
    if not _same(derived, true):
        raise NotExact(f"{record.label}: the derived value {derived} is not that of {verdict.witness}")
    if _same(derived, printed):
        raise NotExact(f"{record.label}: the derived value {derived} is the one printed")
    return Line(f"✗ **{record.label}**: {record.title}. Refuted {verdict.witness}. Printed:", record.latex())


def remainder(left: sp.Expr, right: sp.Expr = sp.S.Zero) -> sp.Expr:
    """What is left of left - right, or left/right - 1, in normal form: 0 iff they were seen to be equal.

    The numbers come first, and have a veto: normal forms of powers take branches on trust.
    """
    for one, other in _pairs(sp.sympify(left), sp.sympify(right)):
        one, other = _factor_powers(_carried_out(one)), _factor_powers(_carried_out(other))
        if one == other:
            continue
        if _numbers_differ(one, other):
            return one - other
        products = not (one.is_Add or other.is_Add or 0 in (one, other))
        rest = ratio(one, other) if products else vanish(one - other)
        if rest != 0 and not products and 0 not in (one, other):
            rest = ratio(one, other)
        if rest != 0:
            return rest
    return sp.S.Zero


def _pairs(left: sp.Expr, right: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """What to compare: the terms under each sum or integral, range by range; or just the two sides."""
    for kind in (sp.Sum, sp.Integral):
        variables: dict[tuple, sp.Symbol] = {}
        found = [_by_range(side, kind, variables) for side in (left, right)]
        if all(found) and found[0].keys() == found[1].keys():
            return [(found[0][ends], found[1][ends]) for ends in found[0]]
    return [_name_integrals(left, right)]


def _name_integrals(left: sp.Expr, right: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The two sides with one name for each integral that occurs on both."""
    for one in left.atoms(sp.Integral) if left not in left.atoms(sp.Integral) else ():
        for other in right.atoms(sp.Integral):
            if other.limits[0][1:] == one.limits[0][1:] and remainder(one, other) == 0:
                name = sp.Dummy("integral")
                left, right = left.xreplace({one: name}), right.xreplace({other: name})
    return left, right


def _by_range(expr: sp.Expr, kind: type, variables: dict[tuple, sp.Symbol]) -> dict[tuple, sp.Expr]:
    """The combined term under the signs over each range, in one variable; empty if there is anything else."""
    terms: dict[tuple, sp.Expr] = {}
    for part in sp.Add.make_args(expr):
        signs = part.atoms(kind)
        if len(signs) != 1 or len(next(iter(signs)).limits) != 1:
            return {}
        (sign,) = signs
        ((variable, *range_),) = sign.limits
        ends = tuple(range_)
        common = variables.setdefault(ends, variable.as_dummy())
        term = sign.function.xreplace({variable: common})
        terms[ends] = terms.get(ends, 0) + _coefficient(part, sign) * term
    return terms


def _coefficient(expr: sp.Expr, sign: sp.Expr) -> sp.Expr:
    unit = sp.Dummy("unit")
    coefficient = expr.xreplace({sign: unit}) / unit
    if coefficient.has(unit):
        raise NotExact(f"{expr} is not a multiple of one sum or integral")
    return coefficient


def _computed(expr: sp.Expr) -> sp.Expr:
    """Integrals and limits by SymPy; the text of the step says when they converge."""
    expr = expr.replace(lambda part: isinstance(part, sp.Limit), lambda part: part.doit())
    return expr.replace(lambda part: isinstance(part, sp.Integral),
                        lambda part: sp.integrate(part.function, *part.limits, conds="none"))


def _carried_out(expr: sp.Expr) -> sp.Expr:
    """Derivatives taken and substitutions made; integrals and sums stay as they are."""
    expr = expr.replace(lambda part: isinstance(part, sp.Derivative),
                        lambda part: sp.diff(part.expr, *part.variable_count))
    return expr.replace(lambda part: isinstance(part, sp.Subs),
                        lambda part: part.expr.subs(dict(zip(part.variables, part.point, strict=True))))


def _factor_powers(expr: sp.Expr) -> sp.Expr:
    """(a² + a²b²)^p as a^(2p) (1+b²)^p, for positive a."""
    return expr.replace(lambda part: part.is_Pow and part.base.is_Add and not part.exp.is_Integer,
                        lambda part: sp.expand_power_base(sp.factor(part.base) ** part.exp, force=True))


def _numbers_differ(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether the sides differ at a sampled point; one where a side has no value is passed over.

    An unknown function gets an example; every point is tried again with the signs changed that may change.
    """
    for function in {call.func for call in left.atoms(AppliedUndef) | right.atoms(AppliedUndef)}:
        v = sp.Dummy("v")
        example = sp.Lambda(v, sp.exp(v / 3) + v**7 / 5)
        left, right = (_carried_out(side.subs(function, example)) for side in (left, right))
    points = sample(left.free_symbols | right.free_symbols, count=4)
    mirrored = [{symbol: value if symbol.is_nonnegative else -value for symbol, value in point.items()}
                for point in points]
    for point in points + [point for point in mirrored if point not in points]:
        try:
            values = [evaluate(side.xreplace(point)) for side in (left, right)]
        except (CannotEvaluate, mpmath.libmp.libhyper.NoConvergence, ZeroDivisionError, ValueError):
            continue
        if not _same(*values):
            return True
    return False


def _same(one: Value, other: Value) -> bool:
    """Whether two numbers agree, up to their errors."""
    with mp.workdps(2 * DIGITS):
        size = max(abs(one.middle), abs(other.middle))
        tolerance = size * mp.mpf(10) ** -DIGITS + 10 * (one.error + other.error)
        return bool(abs(one.middle - other.middle) <= tolerance)


def _by_parts(left: sp.Expr, right: sp.Expr, antiderivative: sp.Expr) -> list[sp.Expr]:
    (one,), (other,) = left.atoms(sp.Integral), right.atoms(sp.Integral)
    (variable, low, high), = one.limits
    if other.limits != one.limits:
        raise NotExact("integration by parts keeps the variable and the range")
    difference = _coefficient(left, one) * one.function - _coefficient(right, other) * other.function
    return [remainder(difference, sp.diff(antiderivative, variable)),
            sp.limit(antiderivative, variable, low, "+"), sp.limit(antiderivative, variable, high, "-")]


def _substitution(left: sp.Expr, right: sp.Expr, new: sp.Expr, variable: sp.Symbol) -> list[sp.Expr]:
    (one,), (other,) = left.atoms(sp.Integral), right.atoms(sp.Integral)
    (old, *ends), = one.limits
    (found, *new_ends), = other.limits
    if found != variable:
        raise NotExact(f"the right side is an integral over {found}, not over {variable}")
    reached = [sp.limit(new, variable, end, side) for end, side in zip(new_ends, "+-", strict=True)]
    slope = sp.diff(new, variable)
    if reached == ends[::-1] != ends:  # a decreasing substitution turns the range around
        slope, reached = -slope, ends
    if reached != ends:
        raise NotExact(f"the ends become {reached}, not {ends}")
    substituted = _coefficient(left, one) * one.function.subs(old, new) * slope
    return [remainder(substituted, _coefficient(right, other) * other.function)]
