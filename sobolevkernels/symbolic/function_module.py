"""From a list of named expressions to the source of a NumPy module: what `sympy.lambdify` would compile, committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp
from sympy.printing.numpy import NumPyPrinter

_HEADER = '''"""{title} Printed from their formulas: edit those, not this file.

`python -m sobolevkernels generate` writes this module from `{origin}`. Every function works
elementwise on arrays that broadcast, and checks nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
'''

_FUNCTION = '''

def {name}({arguments}) -> Array:
    """{title}

    Source: `{source}`.
    """
    return {body}
'''


@dataclass(frozen=True)
class Function:
    """A function to print.

    Parameters
    ----------
    name : str
    arguments : tuple of sympy.Symbol
        In the order of the Python parameters, which have the names of the symbols.
    expr : sympy.Expr
        What it returns, elementwise.
    title : str
        One line of docstring.
    source : str
        Label of the record that holds the formula.
    """

    name: str
    arguments: tuple[sp.Symbol, ...]
    expr: sp.Expr
    title: str
    source: str


def numpy_source(expr: sp.Expr) -> str:
    """The expression as NumPy code; `log1p`, `expm1` of `sympy.codegen.cfunctions` are printed as such.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> numpy_source(sp.sqrt(x) * sp.exp(-x**2 / 3))
    'np.sqrt(x)*np.exp(-1/3*x**2)'
    """
    return NumPyPrinter().doprint(expr).replace("numpy.", "np.")


def function_module(title: str, origin: str, functions: Iterable[Function]) -> str:
    """Source of a module that holds these functions.

    Parameters
    ----------
    title : str
        First sentence of the module's docstring.
    origin : str
        The module in which the formulas are typed.
    functions : iterable of Function
    """
    parts = [_HEADER.format(title=title, origin=origin)]
    for function in functions:
        missing = function.expr.free_symbols - set(function.arguments)
        if missing:
            raise ValueError(f"{function.name} does not take {sorted(map(str, missing))}; add them to its arguments")
        parts.append(_FUNCTION.format(
            name=function.name, arguments=", ".join(f"{symbol}: Array" for symbol in function.arguments),
            title=function.title, source=function.source, body=numpy_source(function.expr)))
    return "".join(parts)
