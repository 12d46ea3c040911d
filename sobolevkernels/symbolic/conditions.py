"""Symbols by name: one symbol for each name, carrying what the conditions imply.

Someone who types r in one line and Symbol("r", positive=True) in the next means
the same r; SymPy sees two.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.assumptions import AppliedPredicate
from sympy.core.facts import InconsistentAssumptions
from sympy.core.relational import Relational

_SIGNS: dict[type, str] = {sp.Gt: "positive", sp.Ge: "nonnegative", sp.Lt: "negative", sp.Le: "nonpositive"}


def unite_symbols(relation: Relational, where: tuple[Any, ...]) -> tuple[Relational, tuple[sp.Basic, ...]]:
    """One symbol for each name, with every assumption made anywhere and every one the conditions imply."""
    conditions = tuple(sp.sympify(condition) for condition in where)
    if False in conditions:
        raise ValueError("one of the conditions is already false: do the symbols' assumptions contradict it?")
    conditions = tuple(condition for condition in conditions if condition is not sp.true)
    for condition in conditions:
        if isinstance(condition, sp.Symbol) or not isinstance(condition, sp.logic.boolalg.Boolean):
            raise TypeError(f"a condition must be a relation or predicate such as r > 0 or Q.odd(n), got {condition!r}")
    everywhere = set(relation.atoms(sp.Symbol)).union(*(c.atoms(sp.Symbol) for c in conditions))
    assumptions: dict[str, dict[str, bool]] = {}
    for symbol in everywhere:
        merged = assumptions.setdefault(symbol.name, {})
        for name, truth in symbol._assumptions_orig.items():
            if merged.setdefault(name, truth) != truth:
                raise ValueError(f"the symbol {symbol.name} is used with {name}=True and {name}=False")
    for condition in conditions:
        _assume(condition, assumptions)
    names = {symbol.name for symbol in relation.free_symbols}
    if any(symbol.name in names for part in relation.atoms(sp.Integral, sp.Sum) for symbol in part.bound_symbols):
        relation = relation.func(*(side.as_dummy() for side in relation.args), evaluate=False)
    bound = {symbol for part in relation.atoms(sp.Integral, sp.Sum, sp.Product) for symbol in part.bound_symbols}
    united = {
        symbol: _declare(symbol.name, assumptions[symbol.name] or {"real": True})
        for symbol in everywhere
        if symbol not in bound
    }
    sides = [side.xreplace(united) for side in relation.args]
    return relation.func(*sides, evaluate=False), tuple(
        condition for condition in (c.xreplace(united) for c in conditions) if condition is not sp.true
    )


def _declare(name: str, assumptions: dict[str, bool]) -> sp.Symbol:
    try:
        return sp.Symbol(name, **assumptions)
    except InconsistentAssumptions:
        listed = ", ".join(f"{fact}={truth}" for fact, truth in assumptions.items())
        raise ValueError(f"the conditions on {name} contradict each other: together they ask for {listed}") from None


def _assume(condition: sp.Basic, assumptions: dict[str, dict[str, bool]]) -> None:
    """Turn r > c with c ≥ 0, and Q.odd(n), into assumptions of the symbol."""
    if isinstance(condition, sp.And):
        for part in condition.args:
            _assume(part, assumptions)
    elif (
        isinstance(condition, AppliedPredicate)
        and len(condition.arguments) == 1
        and isinstance(condition.arg, sp.Symbol)
    ):
        assumptions[condition.arg.name][condition.function.name] = True
    elif isinstance(condition, Relational) and type(condition) in _SIGNS:
        if isinstance(condition.rhs, sp.Symbol):
            condition = condition.reversed
        if isinstance(condition.lhs, sp.Symbol) and condition.rhs.is_number:
            bound, up = condition.rhs, isinstance(condition, sp.Gt | sp.Ge)
            facts = assumptions[condition.lhs.name]
            facts.setdefault("real", True)
            if (up and bound.is_nonnegative) or (not up and bound.is_nonpositive):
                facts["positive" if up else "negative"] = True
                if bound == 0 and isinstance(condition, sp.Ge | sp.Le):
                    del facts["positive" if up else "negative"]
                    facts["nonnegative" if up else "nonpositive"] = True
