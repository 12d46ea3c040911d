"""Exact rational points that satisfy a list of conditions: small, large, at the edge, and in between.

The points are the same in every run. A symbol without any condition is taken
to be real.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import zip_longest

import sympy as sp
from sympy.assumptions import AppliedPredicate
from sympy.core.relational import Relational

Point = dict[sp.Symbol, sp.Rational]

#: Ordered so that any short beginning has a middling, a small and a large value.
_REALS = [
    sp.Rational(*pair)
    for pair in ((1, 1), (1, 1000), (60, 1), (1, 2), (10, 1), (27, 10), (1, 3), (25, 1), (3, 2), (1, 10), (5, 1))
]
_INTEGERS = [sp.Integer(j) for j in (1, 2, 3, 5, 16, 4, 30, 6, 7, 9, 12, 8, 21, 11, 0)]
#: Distances from a boundary such as s > n, where a formula is likeliest to break.
_OFFSETS = [sp.Rational(*pair) for pair in ((1, 1), (1, 1000), (2, 1), (1, 2), (3, 1), (17, 10), (4, 1), (9, 1))]


def holds(condition: sp.Basic, point: Point) -> bool:
    """Whether a relation or predicate is true at a point that gives every one of its symbols a number."""
    try:
        closed = condition.xreplace(point)
    except TypeError:  # an order relation that has no real meaning at this point
        return False
    if isinstance(closed, AppliedPredicate | sp.Basic) and closed.has(AppliedPredicate):
        closed = sp.ask(closed)
    if closed in (sp.true, sp.false):
        return bool(closed)
    raise ValueError(
        f"the condition {condition} is not decided at {format_point(point)}; "
        "use relations such as r > 0 or predicates such as Q.integer(n)"
    )


def format_point(point: Point) -> str:
    """The point as `n = 3, r = 1/2`."""
    return ", ".join(f"{symbol} = {value}" for symbol, value in sorted(point.items(), key=lambda kv: kv[0].name))


def sample(symbols: Iterable[sp.Symbol], where: Sequence[sp.Basic] = (), count: int = 12) -> list[Point]:
    """Up to `count` distinct points at which every condition holds.

    Parameters
    ----------
    symbols : iterable of sympy.Symbol
        The symbols to give values to; their own assumptions count as conditions.
    where : sequence of relations or predicates
        Conditions such as `s > n`, `Q.odd(s - n)`.
    count : int
        Number of points wanted.

    Raises
    ------
    ValueError
        If no point was found: the conditions contradict each other, or they
        single out values too special to be hit; give points yourself then.

    Examples
    --------
    >>> import sympy as sp
    >>> n, s = sp.symbols("n s", positive=True)
    >>> all(point[s] > point[n] for point in sample([n, s], [s > n]))
    True
    """
    order = sorted(set(symbols), key=lambda symbol: symbol.name)
    if not order:
        return [{}]
    rng = random.Random(2022)
    edges = {symbol: _edges(symbol, where) for symbol in order}
    found: list[Point] = []
    barren = 0  # attempts since the last new point
    for attempt in range(100 * count):
        point: Point = {}
        for symbol in order:
            # The first attempts walk the lists in step, so that every kind of value is met early.
            choices = _candidates(symbol, where, [edge.xreplace(point) for edge in edges[symbol]])
            walk = attempt < 15 or len(order) == 1
            point[symbol] = choices[attempt % len(choices)] if walk else rng.choice(choices)
        barren += 1
        if point not in found and all(holds(condition, point) for condition in where):
            found.append(point)
            barren = 0
        if len(found) == count or barren > (len(choices) if len(order) == 1 else 400):
            break
    if not found:
        listed = ", ".join(map(str, where)) or "the assumptions of the symbols"
        raise ValueError(f"no point satisfies {listed}; do the conditions contradict each other?")
    return found


def _candidates(symbol: sp.Symbol, where: Sequence[sp.Basic], edges: Sequence[sp.Expr]) -> list[sp.Rational]:
    integral = symbol.is_integer or any(
        condition.has(sp.Q.integer(symbol), sp.Q.odd(symbol), sp.Q.even(symbol)) for condition in where
    )
    usual = _INTEGERS if integral else _REALS
    near = [edge + sign * offset for edge in edges if edge.is_Rational for offset in _OFFSETS for sign in (1, -1)]
    at = [edge for edge in edges if edge.is_Rational]
    mirrored = [-value for value in usual]
    values = [value for group in zip_longest(usual, near, mirrored) for value in group if value is not None]
    allowed = [
        value
        for value in dict.fromkeys([*values, *at, sp.Integer(0)])
        if (value.is_Integer or not integral) and _assumed(symbol, value)
    ]
    if not allowed:
        raise ValueError(f"no rational sample value has the assumptions {symbol.assumptions0} of {symbol}; give points")
    return allowed


def _edges(symbol: sp.Symbol, where: Sequence[sp.Basic]) -> list[sp.Expr]:
    """Where a relation or predicate that is linear in the symbol has its boundary, in terms of the other symbols."""
    relations = [part for condition in where for part in condition.atoms(Relational)]
    arguments = [
        argument for condition in where for part in condition.atoms(AppliedPredicate) for argument in part.arguments
    ]
    edges = []
    for difference in [*(relation.lhs - relation.rhs for relation in relations), *arguments]:
        slope = sp.diff(difference, symbol)
        if slope.is_Rational and slope:
            edges.append(sp.expand(symbol - difference / slope))
    return edges


def _assumed(symbol: sp.Symbol, value: sp.Rational) -> bool:
    """Whether the value has every property that the symbol was declared with."""
    return all(getattr(value, f"is_{name}") == truth for name, truth in symbol._assumptions_orig.items())
