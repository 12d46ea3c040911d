"""From an expression to NumPy source.

The closed forms of half-integer smoothness are e^(-r) times a polynomial. They
are printed here, once, as the Horner scheme that evaluates them in place:
`sympy.lambdify` runs the same arithmetic, but allocates a new array for every
operation and turns powers into calls of `np.power`.
"""

from __future__ import annotations

from collections.abc import Iterable

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
    product = "np.copyto(out, r)" if leading == 1 else f"np.multiply(r, {_literal(leading)}, out=out)"
    lines = [product, f"out += {_literal(rest[0])}"]
    for coefficient in rest[1:]:
        lines += ["out *= r", f"out += {_literal(coefficient)}"]
    return [*lines, "np.negative(r, out=work)", "np.exp(work, out=work)", "out *= work"]


def half_integer_module() -> str:
    """The exact text of `sobolevkernels/evaluation/half_integer.py`.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> text = half_integer_module()
    >>> print(text[:text.index(".")])
    \"\"\"Correlations of half-integer smoothness
    """
    r = sp.Symbol("r")
    functions = []
    for p in PRINTED:
        expr = half_integer_correlation(p, r)
        body = "\n".join("    " + line for line in horner_source(expr, r))
        functions.append(_FUNCTION.format(
            p2=2 * p + 1, formula=_formula(_coefficients(expr, r)[::-1]), body=body,
            at_one=float(expr.subs(r, 1))).rstrip("\n") + "\n")
    table = "".join(f"    {p}: correlation_{2 * p + 1}_2,\n" for p in PRINTED)
    closing = ("\n\n#: The functions above by p, where nu = p + 1/2.\n"
               f"CORRELATIONS: Mapping[int, Callable[[Array, Array, Array], None]] = {{\n{table}}}\n")
    return _HEADER + "".join(functions) + closing


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
