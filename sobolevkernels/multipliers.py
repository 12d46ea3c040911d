"""Fourier multipliers on periodic grids: non-negative even symbols m(ξ) that act on real fields.

Angular frequencies ξ = 2π k/(n·spacing), in radians per length: a field of n points along an axis has
the period n·spacing. `spacing` is one number, then every axis of an array is spatial, or one per trailing
axis, then leading axes are a batch. The FFTs are those of `scipy.fft`, and follow its `set_backend` and
this library's `set_threads`; float32 stays float32.

A step f - η M⁻¹ g costs two FFTs and little else as `M.solve(g, spacing, scale=-η, plus=f)`: 1/m is kept
for the grid, -η enters together with it in the one sweep over the half spectrum, the inverse FFT works
in place, and f is added to what it returns. Beyond f, g and the result that takes one half spectrum,
which is as large as a field, and 1/m, which is half as large.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sobolevkernels.evaluation import symbol_algebra
from sobolevkernels.evaluation.fourier_grid import Spacing, field_of
from sobolevkernels.evaluation.grid_operator import GridOperator
from sobolevkernels.evaluation.symbol_algebra import Given, Leaf, Named, Printed, Product, Sampled
from sobolevkernels.kernels import validation

if TYPE_CHECKING:
    import sympy as sp


class FourierMultiplier(GridOperator):
    """The operator M that multiplies the Fourier transform of a real field by a symbol m(ξ) ≥ 0, m(-ξ) = m(ξ).

    Made by `sobolev_multiplier`, `laplacian_power`, `heat`, `low_pass`, `tikhonov`, `from_callable`
    and `from_samples`, and from others: `M * N`, `M / N`, `M ** p`, `M + N`, and numbers at least 0 in
    place of one of them. Parameters are exact, as those of `SobolevKernel` are.

    Algebra works on exponents: equal factors merge, and what cancels is gone, common zeros
    included. Two multipliers are equal when the same parts are left, whatever grid there is;
    whether different formulas agree on a grid, `ratio_range` tells. On every grid products,
    quotients and powers act as the products, quotients and powers of the operators do.

    A symbol that is not radial acts at the Nyquist modes of an even axis by its mean over their
    signs, because cos(ξx) on the grid belongs to ξ and to -ξ.

    Source: `sobolev.symbol-composition`.

    Examples
    --------
    >>> M = sobolev_multiplier(order=2, kappa=0.5) + 3 * laplacian_power(1)
    >>> M
    FourierMultiplier(m(ξ) = (0.5² + |ξ|²)² + 3 · |ξ|²)  # ξ in radians per length
    >>> M.expr
    3*xi**2 + (xi**2 + 1/4)**2
    >>> f = np.random.default_rng(0).normal(size=(64, 64))
    >>> bool(np.allclose(M.solve(M.apply(f, 0.1), 0.1), f))
    True
    >>> heat(1) * heat(0.5) ** 2 == heat(2), M / M == laplacian_power(0)
    (True, True)
    """

    __slots__ = ()
    #: NumPy's numbers leave `number * M` to M.
    __array_ufunc__ = None

    # --- algebra --------------------------------------------------------------------------------

    def __mul__(self, other: Any) -> FourierMultiplier:
        right = _operand(other)
        return NotImplemented if right is None else FourierMultiplier(symbol_algebra.multiply(self._symbol, right))

    __rmul__ = __mul__

    def __pow__(self, exponent: Any) -> FourierMultiplier:
        return FourierMultiplier(symbol_algebra.to_power(self._symbol, validation.exact(exponent, "the exponent")))

    def __truediv__(self, other: Any) -> FourierMultiplier:
        right = _operand(other)
        if right is None:
            return NotImplemented
        return FourierMultiplier(symbol_algebra.multiply(self._symbol, symbol_algebra.to_power(right, Fraction(-1))))

    def __rtruediv__(self, other: Any) -> FourierMultiplier:
        left = _operand(other)
        return NotImplemented if left is None else FourierMultiplier(left) / self

    def __add__(self, other: Any) -> FourierMultiplier:
        right = _operand(other)
        return NotImplemented if right is None else FourierMultiplier(symbol_algebra.plus([self._symbol, right]))

    __radd__ = __add__

    # --- formula --------------------------------------------------------------------------------

    @property
    def expr(self) -> sp.Expr:
        """The symbol as an exact SymPy expression in xi = |ξ|, or in xi_1, xi_2, … if it is not radial.

        Raises
        ------
        ValueError
            If a part of it is known by its values only.

        Examples
        --------
        >>> (sobolev_multiplier(order=2) / heat(1)).expr
        (xi**2 + 1)**2*exp(xi**2)
        """
        return _expression(self._symbol)

    def latex(self) -> str:
        """The symbol as LaTeX, without dollar signs.

        Examples
        --------
        >>> print(sobolev_multiplier(order=2).latex())
        m(\\xi) = \\left(\\xi^{2} + 1\\right)^{2}
        """
        import sympy as sp

        return f"m(\\xi) = {sp.latex(self.expr)}"

    def _repr_latex_(self) -> str | None:
        known = all(leaf.expression is not None if isinstance(leaf, Given) else not isinstance(leaf, Sampled)
                    for leaf in self._symbol.leaves())
        return f"$\\displaystyle {self.latex()}$" if known else None

    def __repr__(self) -> str:
        return f"FourierMultiplier(m(ξ) = {self._symbol.text()})  # ξ in radians per length"


# --- where multipliers come from ----------------------------------------------------------------


def sobolev_multiplier(order: Any, kappa: Any = 1.0) -> FourierMultiplier:
    """(κ² - Δ)^order: the symbol (κ² + |ξ|²)^order, the weight of the Sobolev space of that order.

    Parameters
    ----------
    order : rational or float
        Any real number; the inverse of order t is order -t.
    kappa : rational or float
        Inverse length κ > 0. For κ = 0 there is `laplacian_power`.

    Source: `sobolev.symbol-composition`.

    Examples
    --------
    >>> sobolev_multiplier(order=1.5) * sobolev_multiplier(order=0.5) == sobolev_multiplier(order=2)
    True
    """
    return _power_of(Named("sobolev", (validation.positive(kappa, "kappa"),)), validation.exact(order, "order"))


def laplacian_power(order: Any) -> FourierMultiplier:
    """(-Δ)^order: the symbol |ξ|^(2·order). For order > 0 it is 0 at ξ = 0: `solve` wants mean-zero data.

    Parameters
    ----------
    order : rational or float
        1 is -Δ itself, 0 the identity. Below 0 the symbol is infinite at ξ = 0, and no grid can have it.

    Source: `sobolev.symbol-plane-wave`.

    Examples
    --------
    >>> laplacian_power(0.5).on_grid(6, 2 * np.pi / 6)
    array([0., 1., 2., 3.])
    """
    return _power_of(Named("laplacian"), validation.exact(order, "order"))


def heat(time: Any) -> FourierMultiplier:
    """The heat flow e^(time·Δ): the symbol e^(-time |ξ|²).

    On a fine grid it underflows to 0, so that `apply` drops modes and `solve` refuses them.

    Parameters
    ----------
    time : rational or float
        At least 0, in units of length².

    Source: `sobolev.symbol-heat`, `sobolev.symbol-heat-semigroup`.

    Examples
    --------
    >>> print(f"{heat(2).on_grid(4, np.pi / 2)[1] * np.exp(2):.12f}")
    1.000000000000
    """
    exact = validation.exact(time, "time")
    if exact < 0:
        raise ValueError(f"time must be at least 0, got {time!r}; the inverse of the flow is heat(time) ** -1")
    return _power_of(Named("heat"), exact)


def low_pass(cutoff: Any) -> FourierMultiplier:
    """The projection to |ξ| ≤ cutoff: the symbol is 1 there, also on the boundary but for rounding, and 0 elsewhere.

    Parameters
    ----------
    cutoff : rational or float
        Angular frequency, positive.

    Source: `sobolev.symbol-low-pass`.

    Examples
    --------
    >>> low_pass(2).on_grid(8, 2 * np.pi / 8)
    array([1., 1., 1., 0., 0.])
    """
    return _power_of(Named("low_pass", (validation.positive(cutoff, "cutoff"),)), Fraction(1))


def tikhonov(
    multiplier: FourierMultiplier, strength: Any, penalty: FourierMultiplier | None = None
) -> FourierMultiplier:
    """M + strength · P, the metric of Tikhonov's regularisation.

    Its `solve` minimises ½⟨f, M f⟩ + ½ strength ⟨f, P f⟩ - ⟨f, g⟩. It is positive wherever P is, so
    that zeros of M do no harm. The filter that it applies to the solution without a penalty is
    `M / tikhonov(M, strength)`, whose symbol is m/(m + strength·p).

    Parameters
    ----------
    multiplier : FourierMultiplier
        M, for example |ĥ|²/σ² of a deconvolution.
    strength : rational or float
        Positive.
    penalty : FourierMultiplier, optional
        P, the identity unless given.

    Source: `sobolev.symbol-tikhonov`.

    Examples
    --------
    >>> M = laplacian_power(1)
    >>> (M / tikhonov(M, Fraction(1, 2))).on_grid(4, np.pi / 2)  # ξ²/(ξ² + ½)
    array([0.        , 0.66666667, 0.88888889])
    """
    positive = validation.positive(strength, "strength")
    return multiplier + positive * (laplacian_power(0) if penalty is None else penalty)


def from_callable(function: Callable[..., ArrayLike] | sp.Expr, expr: sp.Expr | None = None) -> FourierMultiplier:
    """The symbol m(ξ_1, …, ξ_d) that a function computes, or that an expression in xi, or in xi_1, xi_2, …, means.

    Parameters
    ----------
    function : callable or sympy.Expr
        Takes one array for each dimension, which broadcast, and works elementwise. Or an
        expression: in the symbol xi = |ξ|, for every dimension, or in xi_1, xi_2, ….
    expr : sympy.Expr, optional
        What the function computes, for `.expr`; it is compared with the function at a few points.

    Raises
    ------
    ValueError
        If the expression has other symbols, or is not what the function computes. That the symbol
        is even, at least 0 and not NaN is checked on each grid on which it is used.

    Source: `sobolev.grid-nyquist`.

    Examples
    --------
    >>> import sympy as sp
    >>> a, b = sp.symbols("xi_1 xi_2")
    >>> shear = from_callable(1 + (a + b / 2) ** 2)
    >>> shear.on_grid((3, 3), 2 * np.pi / 3)
    array([[1.  , 1.25],
           [2.  , 3.25],
           [2.  , 1.25]])
    >>> shear.is_proportional(from_callable(lambda x, y: 1 + (x + y / 2) ** 2), (8, 8), 0.1)
    True
    """
    import sys

    is_expression = "sympy" in sys.modules and isinstance(function, sys.modules["sympy"].Expr)
    if is_expression:
        if expr is not None:
            raise TypeError("give one expression, or a function and its expression")
        return _power_of(Given(Printed(function), function), Fraction(1))
    if not callable(function):
        raise TypeError(f"expected a function of frequency arrays or a SymPy expression, got {type(function).__name__}")
    if expr is not None:
        Printed(expr).compare(function)
    return _power_of(Given(function, expr), Fraction(1))


def from_samples(
    samples: ArrayLike, spacing: Spacing, *, shrinkage: float | None = None, target: FourierMultiplier | None = None,
    centre: bool = True,
) -> FourierMultiplier:
    """The spectral density of a stationary field, estimated from independent samples; it lives on their grid alone.

    S in the covariance c(h) = (1/|T|) Σ S(ξ_k) e^(iξ_k h) on the torus T. The Fisher symbol of its
    location is 1/S. The estimate (1-λ) P + λ T is the averaged periodogram P shrunk towards a
    target T, its average over shells of |ξ|. The share λ = Σ v/(ν+v) (P/T)² / Σ (P/T - 1)², at most
    1, minimises the estimated relative squared error, as in Ledoit and Wolf's estimator: ν is the
    number of samples, less one if their mean is subtracted, and v is 1 for a pair ±ξ and 2 for a
    mode that is its own opposite.

    Parameters
    ----------
    samples : array_like
        (…, *shape): the leading axes, at least one, count samples.
    spacing : float or sequence of float
        Distance of grid points; one number means that the first axis counts samples and all others are spatial.
    shrinkage : float, optional
        λ in [0, 1], in place of the formula.
    target : FourierMultiplier, optional
        Another target, such as a Matérn spectral density.
    centre : bool
        Whether to subtract the mean of the samples; False if they are known to have mean 0.

    Raises
    ------
    ValueError
        If there are too few samples, or they are not finite.

    Source: `sobolev.grid-parseval`.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(500, 32))  # white noise: S is the distance of points
    >>> S = from_samples(x, spacing=0.5, centre=False).on_grid(32, 0.5)
    >>> bool(np.allclose(S, 0.5, rtol=0.1))
    True
    """
    from sobolevkernels.evaluation import periodogram

    axes: Any = (spacing,) * max(1, np.ndim(samples) - 1) if np.ndim(spacing) == 0 else spacing
    fields, grid = field_of(samples, axes, "samples")
    if fields.ndim == grid.dim:
        raise ValueError(f"samples need a leading axis that counts them, got shape {fields.shape} for {grid.dim} "
                         "spatial axes; one sample is samples[None]")
    estimate = periodogram.estimate(
        fields.reshape(-1, *grid.shape), grid, shrinkage, centre,
        None if target is None else target.on_grid(grid.shape, grid.spacing))
    return _power_of(Sampled(grid, *estimate), Fraction(1))


def _power_of(leaf: Leaf, exponent: Fraction) -> FourierMultiplier:
    return FourierMultiplier(symbol_algebra.to_power(Product(factors=((leaf, Fraction(1)),)), exponent))


def _operand(value: Any) -> Product | None:
    """The symbol of a multiplier or of a number; None for anything else."""
    if isinstance(value, FourierMultiplier):
        return value._symbol
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    number = validation.exact(value, "a number among symbols")
    if number < 0:
        raise ValueError(f"symbols are at least 0, and so are the numbers among them; got {value!r}")
    return Product(number)


def _expression(symbol: Product) -> sp.Expr:
    """The symbol in xi = |ξ|, or in xi_1, xi_2, … if one of its leaves is not radial."""
    import sympy as sp

    from sobolevkernels.symbolic import multipliers as formulas

    radius = sp.Symbol("xi")

    def of_product(product: Product) -> sp.Expr:
        return sp.Mul(_rational(product.coefficient), *(of_leaf(leaf, _rational(exponent))
                                                        for leaf, exponent in product.factors))

    def of_leaf(leaf: Leaf, exponent: sp.Expr) -> sp.Expr:
        if isinstance(leaf, symbol_algebra.Constant):
            return _rational(leaf.value) ** exponent
        if isinstance(leaf, symbol_algebra.Sum):
            return sp.Add(*map(of_product, leaf.terms)) ** exponent
        if isinstance(leaf, Given) and leaf.expression is not None:
            return leaf.expression**exponent
        if isinstance(leaf, Named):
            parameters = map(_rational, leaf.parameters)
            if leaf.family == "low_pass":
                return formulas.low_pass_symbol(radius, *parameters) ** exponent
            return getattr(formulas, f"{leaf.family}_symbol")(radius, exponent, *parameters)
        raise ValueError("a part of this symbol is known by its values only; from_callable(function, expr) takes "
                         "the expression of a function")

    expr = of_product(symbol)
    last = max((int(axis.name[3:]) for axis in expr.free_symbols - {radius}), default=0)
    squares = [sp.Symbol(f"xi_{axis}") ** 2 for axis in range(1, last + 1)]
    return expr.xreplace({radius: sp.sqrt(sum(squares))}) if last else expr


def _rational(number: Fraction) -> sp.Expr:
    import sympy as sp

    return sp.Rational(number.numerator, number.denominator)
