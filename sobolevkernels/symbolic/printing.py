"""From an expression to NumPy source.

The closed forms of half-integer smoothness are e^(-r) times a polynomial. They
are printed here, once, as the Horner scheme that evaluates them in place:
`sympy.lambdify` runs the same arithmetic, but allocates a new array for every
operation and turns powers into calls of `np.power`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sympy as sp

from sobolevkernels.symbolic.euclidean import half_integer_correlation

#: nu = p + 1/2 for these p has its own function; there a Horner scheme beats the Taylor table.
PRINTED = (0, 1, 2, 3)

_HEADER = '''"""Correlations of half-integer smoothness. Printed from their formula: edit that, not this file.

`python -m sobolevkernels generate` writes this module from `sobolev.half-integer`.
Each function evaluates M(r) = d(r)/d(0), the kernel at kappa = 1 divided by its
value at the point, in Horner form and without allocating.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
'''

_FUNCTION = '''

def correlation_{p2}_2(r: Array, out: Array, work: Array) -> None:
    """M(r) = {formula}, the correlation of smoothness nu = {p2}/2.

    Parameters
    ----------
    r : ndarray
        Distances in units of 1/kappa, at least 0 and at most 690, where e^(-r) is a normal number.
    out, work : ndarray
        The result, and room for an intermediate one; both shaped like `r` and distinct from it.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> r, out, work = np.array([0.0, 1.0]), np.empty(2), np.empty(2)
    >>> correlation_{p2}_2(r, out, work)
    >>> [f"{{value:.4f}}" for value in out]
    ['1.0000', '{at_one:.4f}']
    """
{body}
'''


def horner_source(expr: sp.Expr, r: sp.Symbol) -> list[str]:
    """NumPy statements that write e^(-r) times a polynomial into `out`, in place.

    Parameters
    ----------
    expr : sympy.Expr
        exp(-r) times a polynomial in `r` with rational coefficients.
    r : sympy.Symbol
        The variable; the statements call it `r`, and use `out` and `work`.

    Raises
    ------
    ValueError
        If `expr` is of another form: divide by exp(-r) and expand to see what is left.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> print("\\n".join(horner_source((1 + x + x**2/3)*sp.exp(-x), x)))
    np.multiply(r, 1 / 3, out=out)
    out += 1
    out *= r
    out += 1
    np.negative(r, out=work)
    np.exp(work, out=work)
    out *= work
    """
    leading, *rest = _coefficients(expr, r)
    if not rest:
        if leading != 1:
            raise ValueError(f"a correlation is 1 at r = 0; {expr} is not")
        return ["np.negative(r, out=out)", "np.exp(out, out=out)"]
    lines = ([f"np.add(r, {_literal(rest[0])}, out=out)"] if leading == 1 else
             [f"np.multiply(r, {_literal(leading)}, out=out)", f"out += {_literal(rest[0])}"])
    for coefficient in rest[1:]:
        lines += ["out *= r", f"out += {_literal(coefficient)}"]
    return [*lines, "np.negative(r, out=work)", "np.exp(work, out=work)", "out *= work"]


_FUSED_HEADER = '''"""Correlations of half-integer smoothness, compiled. Printed from a formula: edit that, not this.

`python -m sobolevkernels generate` writes this module from `sobolev.half-integer`, as it does
`half_integer`. Each function writes d(r) = d(0) M(κr) in one pass, within 2.5 units in the last
place for the correlation and one more where d(0) is a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from numba import njit

from sobolevkernels.evaluation.fused import COMPILE, INLINE, STRIP, distances_from, horner, scaled, times_exponential
'''

_FUSED_FUNCTION = '''

@njit(**INLINE)
def value_{p2}_2(r, kappa, kappa_rest, limit, shift, factor):  # type: ignore[no-untyped-def]
    """M(r) = {formula}, the correlation of smoothness nu = {p2}/2, at κr and times 2^shift · factor.

    Source: `sobolev.half-integer`.
    """
    x, rest = scaled(r, kappa, kappa_rest, limit)
{body}
    return times_exponential(high, low, x, rest, shift, factor)


@njit(**COMPILE)
def correlation_{p2}_2(kappa, kappa_rest, limit, shift, factor, r, out):  # type: ignore[no-untyped-def]
    """`value_{p2}_2` of each r[i], into out[i]."""
    for i in range(r.size):
        out[i] = value_{p2}_2(r[i], kappa, kappa_rest, limit, shift, factor)


@njit(**COMPILE)
def gram_{p2}_2(  # type: ignore[no-untyped-def]
    kappa, kappa_rest, limit, shift, factor, x, y, first, start, out
):
    """`value_{p2}_2` of the distance of each x[first + i] from each y[:, start + j], into out[i, j]."""
    for i in range(out.shape[0]):
        for j in range(0, out.shape[1], STRIP):
            strip = out[i, j:j + STRIP]
            distances_from(x[first + i], y, start + j, strip)
            for k in range(strip.size):
                strip[k] = value_{p2}_2(strip[k], kappa, kappa_rest, limit, shift, factor)
'''


def half_integer_module() -> str:
    """The exact text of `sobolevkernels/evaluation/half_integer.py`.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> text = half_integer_module()
    >>> print(text[:text.index(".")])
    \"\"\"Correlations of half-integer smoothness
    """
    return _module(_HEADER, _FUNCTION, horner_source) + _table("CORRELATIONS", "correlation",
                                                               "Callable[[Array, Array, Array], None]")


def fused_half_integer_module() -> str:
    """The exact text of `sobolevkernels/evaluation/fused_half_integer.py`.

    Source: `sobolev.half-integer`.
    """
    tables = [_table(prefix.upper() + "S", prefix, "Callable[..., None]") for prefix in ("correlation", "gram")]
    return _module(_FUSED_HEADER, _FUSED_FUNCTION, fused_source) + "".join(tables)


def _module(header: str, template: str, source: Callable[[sp.Expr, sp.Symbol], list[str]]) -> str:
    r = sp.Symbol("r")
    functions = []
    for p in PRINTED:
        expr = half_integer_correlation(p, r)
        body = "\n".join("    " + line for line in source(expr, r))
        functions.append(template.format(
            p2=2 * p + 1, formula=_formula(_coefficients(expr, r)[::-1]), body=body,
            at_one=float(expr.subs(r, 1))).rstrip("\n") + "\n")
    return header + "".join(functions)


def _table(name: str, prefix: str, type_: str) -> str:
    entries = "".join(f"    {p}: {prefix}_{2 * p + 1}_2,\n" for p in PRINTED)
    return (f"\n\n#: The functions {prefix}_ above by p, where nu = p + 1/2.\n"
            f"{name}: Mapping[int, {type_}] = {{\n{entries}}}\n")


def fused_source(expr: sp.Expr, r: sp.Symbol) -> list[str]:
    """Statements for one distance: the polynomial of `horner_source` as `high + low`, right beyond the last place.

    The steps of Horner's scheme carry their rounding errors along.

    Parameters
    ----------
    expr, r
        As for `horner_source`; the statements read `x` and `rest`, whose sum is the variable.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> print("\\n".join(fused_source((1 + x + x**2/3)*sp.exp(-x), x)))
    high, low = 1 / 3, 1 / 54043195528445952
    high, low = horner(high, low, x, rest, 1)
    high, low = horner(high, low, x, rest, 1)
    """
    leading, *others = _coefficients(expr, r)
    lost = leading - sp.Rational(float(leading))
    first = f"high, low = {_literal(leading)}, {_literal(lost) if lost else None}"
    return [first, *(f"high, low = horner(high, low, x, rest, {_literal(c)})" for c in others)]


def _coefficients(expr: sp.Expr, r: sp.Symbol) -> list[sp.Rational]:
    """Coefficients of the polynomial factor, from the highest power down."""
    polynomial = sp.simplify(expr * sp.exp(r))
    if not polynomial.is_polynomial(r) or not all(c.is_Rational for c in sp.Poly(polynomial, r).all_coeffs()):
        raise ValueError(f"expected exp(-{r}) times a polynomial in {r}, with rational coefficients, got {expr}; "
                         f"look at simplify(expr*exp({r})) to see what is in the way")
    return sp.Poly(polynomial, r).all_coeffs()


def _literal(number: sp.Rational) -> str:
    """A Python expression whose float value is the correctly rounded `number`."""
    return str(number.p) if number.q == 1 else f"{number.p} / {number.q}"


def _formula(ascending: Iterable[sp.Rational]) -> str:
    """The formula in one line of plain text, as it stands in a docstring."""
    terms = []
    for power, coefficient in enumerate(ascending):
        monomial = ("", "r", "r²", "r³", "r⁴")[power]
        number = "" if coefficient.p == 1 and monomial else str(coefficient.p)
        terms.append(number + monomial + (f"/{coefficient.q}" if coefficient.q != 1 else ""))
    return f"({' + '.join(terms)}) e^(-r)" if len(terms) > 1 else "e^(-r)"
