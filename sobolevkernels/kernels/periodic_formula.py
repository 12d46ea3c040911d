"""The formula that a kernel on the torus shows. SymPy is loaded when it is first touched."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy as sp

#: The length of the unit circle, as a float.
CIRCLE = 2 * math.pi


class PeriodicFormula:
    """What a `PeriodicSobolevKernel` shows of its formula."""

    dim: int
    order: Fraction
    kappa_squared: Fraction
    periods: tuple[Fraction, ...]

    @property
    def x(self) -> sp.Symbol | tuple[sp.Symbol, ...]:
        """The plain symbol x of `expr`, or in more dimensions x1, x2, …"""
        import sympy as sp

        return sp.Symbol("x") if self.dim == 1 else tuple(sp.Symbol(f"x{i + 1}") for i in range(self.dim))

    @property
    def expr(self) -> sp.Expr:
        """d as an exact SymPy expression of the displacement `x`.

        In dim 1 and for integer order it is the closed form, hyperbolic or for κ = 0 a Bernoulli polynomial, which
        holds for 0 ≤ x ≤ period; otherwise it is the Fourier sum. The default period is shown as 2π.

        Examples
        --------
        >>> from sobolevkernels.kernels.periodic import PeriodicSobolevKernel
        >>> PeriodicSobolevKernel(order=1).expr
        cosh(x - pi)/(2*sinh(pi))
        >>> PeriodicSobolevKernel(order=1, kappa=0, period=1).expr
        x**2/2 - x/2 + 1/12
        """
        from sobolevkernels.symbolic.periodic_formulas import bernoulli_kernel, fourier_sum, hyperbolic_kernel

        order, kappa = self._symbolic()
        lengths = self._symbolic_periods()
        if self.dim > 1 or not order.is_Integer:
            symbols = self.x if isinstance(self.x, tuple) else (self.x,)
            return fourier_sum(order, kappa, lengths, symbols)
        if not kappa:
            return bernoulli_kernel(int(order), lengths[0], self.x)
        return hyperbolic_kernel(int(order), kappa, lengths[0], self.x)

    @property
    def weight_expr(self) -> sp.Expr:
        """The weight w(ξ) = (κ² + |ξ|²)^order, where the symbol xi stands for |ξ|.

        Examples
        --------
        >>> from sobolevkernels.kernels.periodic import PeriodicSobolevKernel
        >>> PeriodicSobolevKernel(order=3, kappa=2).weight_expr
        (xi**2 + 4)**3
        """
        import sympy as sp

        from sobolevkernels.symbolic.euclidean import weight

        return weight(*self._symbolic(), sp.Symbol("xi"))

    def latex(self) -> str:
        """The formula as LaTeX, without dollar signs.

        Examples
        --------
        >>> from sobolevkernels.kernels.periodic import PeriodicSobolevKernel
        >>> print(PeriodicSobolevKernel(order=1).latex())
        d(x) = \\frac{\\cosh{\\left(x - \\pi \\right)}}{2 \\sinh{\\left(\\pi \\right)}}
        """
        import sympy as sp

        names = ", ".join(map(sp.latex, self.x if isinstance(self.x, tuple) else (self.x,)))
        return f"d({names}) = {sp.latex(self.expr)}"

    def _repr_latex_(self) -> str:
        import sympy as sp

        return f"$\\displaystyle {self.latex()}, \\quad w(\\xi) = {sp.latex(self.weight_expr)}$"

    def _symbolic(self) -> tuple[sp.Expr, sp.Expr]:
        import sympy as sp

        square = sp.Rational(self.kappa_squared.numerator, self.kappa_squared.denominator)
        return sp.Rational(self.order.numerator, self.order.denominator), sp.sqrt(square)

    def _symbolic_periods(self) -> tuple[sp.Expr, ...]:
        import sympy as sp

        return tuple(2 * sp.pi if length == Fraction(CIRCLE) else sp.Rational(length.numerator, length.denominator)
                     for length in self.periods)
