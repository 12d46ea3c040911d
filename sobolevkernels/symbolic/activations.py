"""Activation functions, their derivatives as polynomials in themselves, and the chain rule of a network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import sympy as sp
from sympy.codegen.numpy_nodes import logaddexp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import cancelled
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.function_module import numpy_source
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import sides

#: Derivatives that are printed.
ORDER = 8

z = sp.Symbol("z", real=True)
t, u, g, s, c = sp.symbols("t u g s c", real=True)


@dataclass(frozen=True)
class Activation:
    """A function σ(z) whose derivatives are polynomials in z and in a few base functions.

    Parameters
    ----------
    name : str
        What `network` calls it.
    title : str
        The function, in a line of docstring.
    expr : sympy.Expr
        σ in the symbol z.
    bases : dict
        Base function by symbol, such as t: tanh(z).
    slopes : dict
        The derivative of each base function, as a polynomial in z and the bases.
    forms : tuple of sympy.Expr
        σ, and as many of its derivatives as are needed to reach a polynomial in z and the bases.
    factor : (symbol, polynomial), optional
        A polynomial in the bases that divides the later derivatives. Taken out, it makes them vanish at infinity in
        floating point too.
    """

    name: str
    title: str
    expr: sp.Expr
    bases: dict[sp.Symbol, sp.Expr]
    slopes: dict[sp.Symbol, sp.Expr]
    forms: tuple[sp.Expr, ...]
    factor: tuple[sp.Symbol, sp.Expr] | None = None

    def form(self, order: int) -> sp.Expr:
        """The derivative of that order, in z and the symbols of the bases."""
        if order < len(self.forms):
            return self.forms[order]
        return _total_derivative(self.form(order - 1), tuple(self.slopes.items()))

    def derivative(self, order: int) -> sp.Expr:
        """The derivative of that order as a function of z."""
        return self.form(order).xreplace(self.bases)


@cache
def _total_derivative(form: sp.Expr, slopes: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> sp.Expr:
    """d/dz of a polynomial in z and the bases, by the chain rule."""
    return sp.expand(sp.diff(form, z) + sum(slope * sp.diff(form, base) for base, slope in slopes))


_HALF = {t: sp.tanh(z / 2)}
_HALF_SLOPE = {t: (1 - t**2) / 2}
_DECAY = (u, 1 - t**2)

ACTIVATIONS = {activation.name: activation for activation in (
    Activation("tanh", "tanh z", sp.tanh(z), {t: sp.tanh(z)}, {t: 1 - t**2}, (t,), _DECAY),
    Activation("sigmoid", "(1 + tanh(z/2))/2 = 1/(1 + e^(-z))", 1 / (1 + sp.exp(-z)), _HALF, _HALF_SLOPE,
               ((1 + t) / 2,), _DECAY),
    Activation("softplus", "log(1 + e^z)", sp.log(1 + sp.exp(z)), _HALF, _HALF_SLOPE,
               (logaddexp(0, z), (1 + t) / 2), _DECAY),
    Activation("swish", "z/(1 + e^(-z))", z / (1 + sp.exp(-z)), _HALF, _HALF_SLOPE, (z * (1 + t) / 2,), _DECAY),
    Activation("gaussian", "e^(-z²/2)", sp.exp(-(z**2) / 2), {g: sp.exp(-(z**2) / 2)}, {g: -z * g}, (g,)),
    Activation("sine", "sin z", sp.sin(z), {s: sp.sin(z), c: sp.cos(z)}, {s: c, c: -s}, (s,)),
)}


# --- the printed module -------------------------------------------------------------------------

_HEADER = '''"""Activation functions and their derivatives. Printed from their formulas: edit those, not this file.

`python -m sobolevkernels generate` writes this module from `symbolic/activations.py`. Every function
yields its value at `z` and then derivative after derivative, so that what all of them are made of is
computed once and nothing is computed that nobody asks for. It works elementwise, and checks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
'''

_FUNCTION = '''

def {name}(z: Array) -> Iterator[Array]:
    """{title}, and its derivatives up to order {order}.

    Source: `sobolev.activation-{name}-{order}`.
    """
{body}
'''

_TABLE = """

#: By name.
ACTIVATIONS = {{
{entries}
}}
"""


def activations_module() -> str:
    """Source of `evaluation/activations.py`."""
    return _HEADER + "".join(
        _FUNCTION.format(name=activation.name, title=activation.title, order=ORDER,
                         body="\n".join(f"    {line}" for line in _lines(activation)))
        for activation in ACTIVATIONS.values()) + _TABLE.format(
            entries="\n".join(f'    "{name}": {name},' for name in ACTIVATIONS))


def _lines(activation: Activation) -> Iterable[str]:
    """Each base function before the first derivative that needs it."""
    definitions = activation.bases | dict([activation.factor] if activation.factor else [])
    known: set[sp.Symbol] = set()
    for order in range(ORDER + 1):
        form = _nested(activation.form(order), activation)
        for symbol, definition in definitions.items():
            if symbol in form.free_symbols - known:
                known.add(symbol)
                yield f"{symbol} = {numpy_source(definition)}"
        yield f"yield {numpy_source(form)}"


def _nested(form: sp.Expr, activation: Activation) -> sp.Expr:
    """Horner's form in the bases, and in z; the common factor in front."""
    symbols = [symbol for symbol in (*activation.bases, z) if form.has(symbol)]
    if not form.is_polynomial(*symbols):
        return form
    if activation.factor is not None:
        symbol, polynomial = activation.factor
        quotient, rest = sp.div(form, polynomial, t)
        if rest == 0:
            return symbol * sp.horner(quotient, *symbols)
    return sp.horner(form, *symbols)


# --- records ------------------------------------------------------------------------------------


def _in_exponentials(statement: Relational) -> Iterable[sp.Expr]:
    """Derivatives are taken. With e^(z/2) = w both sides are rational functions of w and z, which cancel."""
    w = sp.Dummy(positive=True)
    left, right = (side.doit().rewrite(sp.exp).xreplace({z: 2 * sp.log(w)}) for side in sides(statement))
    return [cancelled(left - right)]


def _expanded(statement: Relational) -> Iterable[sp.Expr]:
    """Derivatives are taken and points inserted; multiplied out, the terms of the two sides cancel."""
    left, right = sides(statement)
    return [sp.powsimp(sp.expand(left.doit() - right.doit()))]


def _records(activation: Activation) -> Iterable[Identity]:
    """The first derivatives and the last one that is printed."""
    for order in (1, 2, ORDER):
        yield Identity(
            label=f"sobolev.activation-{activation.name}-{order}",
            title=f"{activation.title}: derivative of order {order}",
            statement=equation(sp.Derivative(activation.expr, (z, order)), activation.derivative(order)),
            source=OUR_OWN, claim="proved",
            proof=_in_exponentials if activation.factor else _expanded)


n = sp.Symbol("n", integer=True, positive=True)
r = sp.Symbol("z", positive=True)
a0, a1, a2, a3 = sp.symbols("a0:4", real=True)
x, y = sp.symbols("x y", real=True)


def _family(at: sp.Expr, order: int = 0) -> sp.Expr:
    """A derivative of σ(z) = a₁z + a₂z³ + a₃e^(a₀z)."""
    return sp.diff(a1 * z + a2 * z**3 + a3 * sp.exp(a0 * z), z, order).subs(z, at)


_FAMILY = "Shown for σ(z) = a1 z + a2 z³ + a3 e^(a0 z), its coefficients free; `d15_network_jets` has it for any σ."

# a shallow network of two inputs and two units: θ = (w, b, c, d), v = Σ c_i σ(w_i·x + b_i) + d
_W = sp.Matrix(2, 2, sp.symbols("w11 w12 w21 w22", real=True))
_b, _c, _d = sp.symbols("b1:3", real=True), sp.symbols("c1:3", real=True), sp.Symbol("d", real=True)
_theta = (*_W, *_b, *_c, _d)
_eta = sp.symbols("eta1:10", real=True)
_e = sp.Symbol("epsilon", real=True)
_s = [_W[i, 0] * x + _W[i, 1] * y + _b[i] for i in range(2)]
_v = sum(_c[i] * _family(_s[i]) for i in range(2)) + _d
_moved = _v.xreplace({one: one + _e * other for one, other in zip(_theta, _eta, strict=True)})
_jacobian = [*(_c[i] * xj * _family(_s[i], 1) for i in range(2) for xj in (x, y)),
             *(_c[i] * _family(_s[i], 1) for i in range(2)), *(_family(_s[i]) for i in range(2)), 1]

# σ of a polynomial in two variables
_p = {alpha: sp.Symbol(f"p{alpha[0]}{alpha[1]}", real=True) for alpha in
      ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1))}
_polynomial = sum(coefficient * x**i * y**j for (i, j), coefficient in _p.items())
_taylor = (_family(_p[0, 0], 1) * _p[2, 1] + _family(_p[0, 0], 2) * (_p[2, 0] * _p[0, 1] + _p[1, 0] * _p[1, 1])
           + _family(_p[0, 0], 3) * _p[1, 0] ** 2 * _p[0, 1] / 2)

# a factor w(x, y) and a function v(x, y), each with free coefficients
_w = sp.exp(a0 * x + a1 * y) + a2 * x**2 * y
_u = sp.exp(a2 * x) * y**2 + a3 * x**3 * y


def _partial(f: sp.Expr, i: int, j: int) -> sp.Expr:
    return sp.diff(f, *((symbol, k) for symbol, k in ((x, i), (y, j)) if k)) if i or j else f


_leibniz = sum(sp.binomial(2, i) * _partial(_w, 2 - i, 1 - j) * _partial(_u, i, j) for i in range(3) for j in range(2))

IDENTITIES = (
    *(record for activation in ACTIVATIONS.values() for record in _records(activation)),
    Identity(
        label="sobolev.activation-tanh-powers",
        title="d/dz tanh^n z = n(tanh^(n-1) z - tanh^(n+1) z) for every n ≥ 1",
        statement=equation(sp.Derivative(sp.tanh(r) ** n, r), n * (sp.tanh(r) ** (n - 1) - sp.tanh(r) ** (n + 1))),
        source=OUR_OWN, claim="proved", proof=_expanded,
        note="Both sides have the same parity. Hence every derivative of tanh is a polynomial in tanh, and so it is "
        "for the sigmoid, the softplus and, with z, the swish.",
    ),
    Identity(
        label="sobolev.activation-gaussian-powers",
        title="d/dz z^n e^(-z²/2) = (n z^(n-1) - z^(n+1)) e^(-z²/2) for every n ≥ 1",
        statement=equation(sp.Derivative(r**n * sp.exp(-(r**2) / 2), r),
                           (n * r ** (n - 1) - r ** (n + 1)) * sp.exp(-(r**2) / 2)),
        source=OUR_OWN, claim="proved", proof=_expanded,
        note="Both sides have the same parity. Hence every derivative of the Gaussian is a polynomial times it.",
    ),
    Identity(
        label="sobolev.ridge-jacobian",
        title="The derivative of Σ c_i σ(w_i·x + b_i) + d along η: c_i x_j σ'(s_i), c_i σ'(s_i), σ(s_i) and 1",
        statement=equation(sp.Subs(sp.Derivative(_moved, _e), _e, 0),
                           sum(other * slope for other, slope in zip(_eta, _jacobian, strict=True))),
        source=OUR_OWN, claim="proved", proof=_expanded,
        note="Two units and two inputs: every unit and every input enters in the same way. " + _FAMILY,
    ),
    Identity(
        label="sobolev.ridge-derivative",
        title="D^α Σ c_i σ(w_i·x + b_i) = Σ c_i w_i^α σ^(|α|)(w_i·x + b_i), at α = (2, 1)",
        statement=equation(sp.Derivative(_v, (x, 2), y),
                           sum(_c[i] * _W[i, 0] ** 2 * _W[i, 1] * _family(_s[i], 3) for i in range(2))),
        source=OUR_OWN, claim="proved", proof=_expanded, note=_FAMILY,
    ),
    Identity(
        label="sobolev.ridge-jacobian-derivative",
        title="D^α ∂v/∂w_11 = c_1 [x_1 w_1^α σ^(|α|+1)(s_1) + α_1 w_1^(α-e_1) σ^(|α|)(s_1)], at α = (2, 1)",
        statement=equation(sp.Derivative(_v, _W[0, 0], (x, 2), y), _c[0] * _W[0, 1] * (
            x * _W[0, 0] ** 2 * _family(_s[0], 4) + 2 * _W[0, 0] * _family(_s[0], 3))),
        source=OUR_OWN, claim="proved", proof=_expanded,
        note="The product of the jets of x_1 and of σ'(s_1). " + _FAMILY,
    ),
    Identity(
        label="sobolev.jet-composition",
        title="The coefficient of x²y in σ(p₀₀ + h) is that of Σ_j σ^(j)(p₀₀) h^j/j!, and h^j has none for j > 3",
        statement=equation(sp.Subs(sp.Derivative(_family(_polynomial), (x, 2), y), (x, y), (0, 0)) / 2, _taylor),
        source=OUR_OWN, claim="proved", proof=_expanded,
        note="h^j has no terms below degree j, so that the Taylor series of σ ends. " + _FAMILY,
    ),
    Identity(
        label="sobolev.leibniz",
        title="D^α(wv) = Σ_β binom(α, β) D^(α-β)w D^β v, at α = (2, 1)",
        statement=equation(sp.Derivative(_w * _u, (x, 2), y), _leibniz),
        source=OUR_OWN, claim="proved", proof=_expanded,
        note="Shown for two families of polynomials and exponentials with free coefficients.",
    ),
)
