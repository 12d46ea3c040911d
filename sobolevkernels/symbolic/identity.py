"""Identity, Verdict and the one verb: verify.

An `Identity` is plain data around a plain SymPy equation or inequality: where
it was printed, what must hold for its symbols, what is claimed of it, and the
evidence. `verify` recomputes the claim, numbers first: both sides to thirty
digits, the left side from its definition or from an independent oracle. Only
when the numbers agree is the proof run; its residuals must be exactly zero.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.comparison import AGREEMENT, Witness, decide, differentiate
from sobolevkernels.symbolic.conditions import unite_symbols
from sobolevkernels.symbolic.evaluate import CannotEvaluate
from sobolevkernels.symbolic.sampling import Point, format_point, holds, sample

Status = Literal["proved", "checked", "refuted", "unknown"]
Flaw = Literal["slip", "hypothesis", "convention", "error"]

#: What each outcome looks like on a page.
SYMBOLS: dict[str, str] = {"proved": "✓", "checked": "≈", "refuted": "✗", "unknown": "?"}

#: What each kind of flaw means.
FLAWS: dict[str, str] = {
    "slip": "a slip of the pen (or of the transcription)",
    "hypothesis": "a missing hypothesis",
    "convention": "an unstated or mixed convention",
    "error": "an error of substance",
}


Proof = Callable[[Relational], Iterable[sp.Expr]]


def equation(left: Any, right: Any) -> Relational:
    """left = right as typed: SymPy is kept from deciding it on the spot."""
    return sp.Eq(sp.sympify(left), sp.sympify(right), evaluate=False)


@dataclass(frozen=True)
class Identity:
    """A statement, where it was printed, what is claimed of it, and the evidence.

    Parameters
    ----------
    label : str
        `<source key>.<as printed>`, for example `bai2022.eq38`; `sobolev.<name>` for our own.
    title : str
        What the statement says, in a few words.
    statement : sympy relation
        The left side is the definition, kept unevaluated.
    source : str
        Where it is printed, with the equation number, or how it is known.
    claim : {"proved", "checked", "refuted"}
        What `verify` must find.
    where : tuple of relations or predicates
        Conditions on the free symbols, beyond the assumptions they carry.
    points : tuple of mappings, optional
        Where the numbers are compared: {symbol name: number}. Sampled from the conditions if empty.
    oracle : callable, optional
        Independent value of the left side; called with the symbols' exact
        values by name, it returns an Arb ball or an mpmath number.
    proof : callable, optional
        Maps the statement to residuals, each of which must be exactly 0.
    corrects : tuple of str
        Labels of the refuted records for which this is the true statement.
    flaw : {"", "slip", "hypothesis", "convention", "error"}
        What is wrong with a refuted printed statement.
    repeats : str
        The earlier record whose error this one inherits.
    note : str
        What a reader should know besides.

    Examples
    --------
    >>> import sobolevkernels as sk
    >>> sk.identities["bai2022.lemma9.at-zero"].verify().status
    'proved'
    """

    label: str
    title: str
    statement: Relational
    source: str
    claim: Status
    where: tuple[sp.Basic, ...] = ()
    points: tuple[Mapping[str, Any], ...] = ()
    oracle: Callable[..., Any] | None = field(default=None, repr=False)
    proof: Proof | None = field(default=None, repr=False)
    corrects: tuple[str, ...] = ()
    flaw: Flaw | Literal[""] = ""
    repeats: str = ""
    note: str = ""
    chapter: str = ""

    def verify(self) -> Verdict:
        """Recompute the claim; see `verify`."""
        return verify(self)

    def latex(self) -> str:
        """The statement in LaTeX."""
        return sp.latex(self.statement)

    def _repr_markdown_(self) -> str:
        conditions = "".join(f", ${sp.latex(condition)}$" for condition in self.where)
        lines = [
            f"**{self.label}** {SYMBOLS[self.claim]} {self.claim}: {self.title}",
            f"$${self.latex()}$$",
            f"{self.source}{conditions}",
        ]
        if self.flaw:
            lines.append(f"Flaw: {FLAWS[self.flaw]}.")
        return "\n\n".join([*lines, *([self.note] if self.note else [])])


@dataclass(frozen=True)
class Verdict:
    """The outcome of a verification; true in a boolean context iff proved or checked.

    Attributes
    ----------
    status : {"proved", "checked", "refuted", "unknown"}
    witness : Witness or None
        For a refutation, the point at which the two sides differ, with both
        values; otherwise the last point compared.
    detail : str
        How the outcome was reached.
    residuals : tuple of sympy.Expr
        What the proof left; all zero for a proved statement.
    """

    status: Status
    witness: Witness | None
    detail: str
    residuals: tuple[sp.Expr, ...] = ()

    def __bool__(self) -> bool:
        return self.status in ("proved", "checked")

    def __str__(self) -> str:
        witness = f"\n  {self.witness}" if self.witness is not None and self.status == "refuted" else ""
        return f"{SYMBOLS[self.status]} {self.status}: {self.detail}{witness}"

    def _repr_markdown_(self) -> str:
        witness = f"; {self.witness}" if self.witness is not None and self.status == "refuted" else ""
        return f"{SYMBOLS[self.status]} **{self.status}**: {self.detail}{witness}"


def verify(
    statement: Identity | Relational | sp.Expr | Any,
    rhs: Any = None,
    *,
    where: Sequence[Any] | Any = (),
    points: Sequence[Mapping[str, Any]] = (),
) -> Verdict:
    """Verify a record of the catalogue, an equation, an inequality, or two sides of your own.

    The numbers come first: both sides to thirty digits at points that satisfy
    the conditions (sampled small, large and near every boundary, the same in
    each run). A difference refutes and names its witness. Then the proof: a
    record brings its own; for a formula of yours, SymPy is asked whether the
    difference simplifies to zero. Integrals and sums are left as typed and
    computed numerically, so that they are tested against their definition.

    Parameters
    ----------
    statement : Identity, sympy relation, or expression
        What to verify, or the left side of an equation.
    rhs : expression, optional
        The right side, when `statement` is the left one.
    where : relation, predicate, or a sequence of them
        Conditions on the symbols, such as `[r > 0, Q.odd(n), s > n]`. Symbols
        are matched by name, whatever their assumptions.
    points : sequence of mappings, optional
        Points {symbol or name: number} to compare at, instead of sampling.

    Returns
    -------
    Verdict

    Raises
    ------
    TypeError
        If the statement is not one of the above.
    ValueError
        If no point satisfies the conditions, or assumptions contradict each other.

    Examples
    --------
    >>> import sympy as sp
    >>> import sobolevkernels as sk
    >>> x, r = sp.symbols("x r")
    >>> fourier = sp.Integral(sp.cos(r*x)/(1 + x**2)**2, (x, -sp.oo, sp.oo))
    >>> bool(sk.verify(fourier, sp.pi/2*(1 + r)*sp.exp(-r), where=[r > 0]))
    True
    >>> print(sk.verify(fourier, sp.pi/2*(1 + r**2)*sp.exp(-r), where=[r > 0], points=[{"r": 2}]))
    ✗ refuted: differs at 1 of 1 point (left: quadrature; right: Arb balls)
      at r = 2: left = 0.63775249738145449, right = 1.0629208289690908
    """
    if isinstance(statement, Identity):
        if rhs is not None or where or points:
            raise TypeError("an Identity carries its own sides, conditions and points; pass it alone")
        return _verify_record(statement)
    if isinstance(statement, bool):
        raise TypeError("got a bool: == compares the structure of two expressions; write verify(lhs, rhs)")
    try:
        relation: Any = sp.sympify(statement) if rhs is None else equation(statement, rhs)
    except sp.SympifyError:
        raise TypeError(
            f"expected SymPy expressions, got {statement!r} and {rhs!r}; a kernel's formula is its .expr"
        ) from None
    points = (points,) if isinstance(points, Mapping) else points
    if relation in (True, False):
        status: Status = "proved" if relation else "refuted"
        return Verdict(status, None, f"SymPy reduced the statement to {relation} when it was written down")
    if not isinstance(relation, Relational):
        raise TypeError(
            f"expected an Identity, an equation, an inequality or two sides, got {statement!r}; "
            "write verify(lhs, rhs) or verify(Eq(lhs, rhs))"
        )
    conditions = tuple(where) if isinstance(where, Iterable) else (where,)
    relation, conditions = unite_symbols(relation, conditions)
    named = tuple({str(symbol): value for symbol, value in point.items()} for point in points)
    return _verify_record(
        Identity(
            label="",
            title="",
            statement=relation,
            source="",
            claim="checked",
            where=conditions,
            points=named,
            proof=_simplify,
        )
    )


def _verify_record(identity: Identity) -> Verdict:
    numbers = _compare(identity)
    if numbers.status != "checked" or identity.proof is None:
        return numbers
    residuals = tuple(identity.proof(identity.statement))
    if residuals and all(residual == 0 for residual in residuals):
        plural = "residual is" if len(residuals) == 1 else "residuals are"
        return Verdict("proved", numbers.witness, f"{len(residuals)} {plural} exactly 0; {numbers.detail}", residuals)
    return Verdict("checked", numbers.witness, numbers.detail, residuals)


def _simplify(statement: Relational) -> tuple[sp.Expr, ...]:
    """The road to a proof of a stranger's equation: does SymPy see that the difference is zero?"""
    difference = statement.lhs - statement.rhs
    if not isinstance(statement, sp.Eq) or difference.has(sp.Integral, sp.Sum, sp.Product, sp.Limit):
        return ()
    for attempt in (sp.expand, sp.gammasimp, sp.simplify):
        if difference == 0:
            break
        difference = attempt(difference)
    return (difference,)


# --- the numbers --------------------------------------------------------------------------------


def _compare(identity: Identity) -> Verdict:
    """Both sides at every point: refuted with a witness, checked, or unknown with the reason."""
    try:
        left_side, right_side = (differentiate(side) for side in identity.statement.args)
    except CannotEvaluate as error:
        return Verdict("unknown", None, str(error))
    points = _points(identity)
    trouble, compared, differing = "", [], []
    for point in points:
        oracle = _bind(identity.oracle, point)
        try:
            left, right = (differentiate(side.xreplace(point)) for side in (left_side, right_side))
            agree, witness = decide(identity.statement, left, right, point, oracle)
        except (ValueError, mpmath.libmp.libhyper.NoConvergence, ZeroDivisionError) as error:
            trouble = f"{error} (at {format_point(point)})"
            continue
        compared.append(witness)
        if not agree:
            differing.append(witness)
    if not compared:
        return Verdict("unknown", None, f"no point could be evaluated: {trouble}")
    noun = "point" if len(points) == 1 else "points"
    how = _how(identity, compared) + (f"; not evaluated elsewhere: {trouble}" if trouble else "")
    if differing:
        return Verdict("refuted", differing[0], f"differs at {len(differing)} of {len(points)} {noun} ({how})")
    relation = f"{AGREEMENT} digits agree" if isinstance(identity.statement, sp.Eq) else "the inequality holds"
    # Too many gaps, and agreement elsewhere says little.
    status: Status = "checked" if 3 * len(compared) >= 2 * len(points) else "unknown"
    return Verdict(status, compared[-1], f"{relation} at {len(compared)} of {len(points)} {noun} ({how})")


def _how(identity: Identity, compared: Sequence[Witness]) -> str:
    left_kind = "quadrature" if identity.statement.lhs.has(sp.Integral) else "mpmath at two precisions"
    if all(witness.left.certified for witness in compared):
        left_kind = "certified integration" if identity.oracle else "Arb balls"
    elif identity.oracle:
        left_kind = "oracle by quadrature"
    right_kind = (
        "Arb balls"
        if all(w.right.certified for w in compared)
        else ("quadrature" if identity.statement.rhs.has(sp.Integral) else "mpmath at two precisions")
    )
    return f"left: {left_kind}; right: {right_kind}"


def _points(identity: Identity) -> list[Point]:
    symbols = {symbol.name: symbol for symbol in identity.statement.free_symbols}
    for condition in identity.where:
        symbols.update((symbol.name, symbol) for symbol in condition.free_symbols)
    if not identity.points:
        integrals = identity.statement.has(sp.Integral)
        count = 24 if not integrals else 12 if identity.oracle else 6  # quadrature as typed is slow
        return sample(symbols.values(), identity.where, count)
    points = []
    for given in identity.points:
        unknown = set(given) ^ set(symbols)
        if unknown:
            raise ValueError(f"the point {dict(given)} must name exactly the symbols {sorted(symbols)}")
        point = {symbols[name]: _rational(name, value) for name, value in given.items()}
        failed = [condition for condition in identity.where if not holds(condition, point)]
        if failed:
            raise ValueError(f"the point {format_point(point)} violates the condition {failed[0]}")
        points.append(point)
    return points


def _rational(name: str, value: Any) -> sp.Rational:
    try:
        return sp.Rational(value)
    except TypeError:
        raise TypeError(f"the value of {name} must be a rational number or a float, got {value!r}") from None


def _bind(oracle: Callable[..., Any] | None, point: Point) -> Callable[[], Any] | None:
    """The oracle at a point; it names the symbols that it needs."""
    if oracle is None:
        return None
    wanted = inspect.signature(oracle).parameters
    values = {symbol.name: value for symbol, value in point.items() if symbol.name in wanted}
    return lambda: oracle(**values)
