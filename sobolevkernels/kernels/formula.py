"""The formula that a kernel shows: its expression, its weight, LaTeX. SymPy is loaded when they are first touched."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy as sp


class Formula:
    """What a `SobolevKernel` shows of its formula."""

    dim: int
    order: Fraction
    kappa_squared: Fraction

    @property
    def r(self) -> sp.Symbol:
        """The plain symbol r = |x - y| of `expr`."""
        import sympy as sp

        return sp.Symbol("r")

    @property
    def expr(self) -> sp.Expr:
        """d(r) as an exact SymPy expression in `r`, the unscaled distance.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> SobolevKernel(dim=3, order=3, kappa=2).expr
        (2*r + 1)*exp(-2*r)/(256*pi)
        """
        from sobolevkernels.symbolic.euclidean import radial_kernel

        return radial_kernel(self.dim, *self._symbolic(), self.r)

    @property
    def weight_expr(self) -> sp.Expr:
        """The weight w(ξ) = (κ² + |ξ|²)^order, where the symbol xi stands for |ξ|.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> SobolevKernel(dim=3, order=3).weight_expr
        (xi**2 + 1)**3
        """
        import sympy as sp

        from sobolevkernels.symbolic.euclidean import weight

        return weight(*self._symbolic(), sp.Symbol("xi"))

    @property
    def spectral_density_expr(self) -> sp.Expr:
        """1/w(ξ). In this convention d(r) is (2π)^(-n) times its Fourier integral."""
        return 1 / self.weight_expr

    def latex(self) -> str:
        """The formula as LaTeX, without dollar signs.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> print(SobolevKernel(dim=3, order=3).latex())
        d(r) = \\frac{\\left(r + 1\\right) e^{- r}}{32 \\pi}
        """
        import sympy as sp

        return f"d(r) = {sp.latex(self.expr)}"

    def _symbolic(self) -> tuple[sp.Expr, sp.Expr]:
        """Order and κ as exact SymPy numbers."""
        import sympy as sp

        square = sp.Rational(self.kappa_squared.numerator, self.kappa_squared.denominator)
        return sp.Rational(self.order.numerator, self.order.denominator), sp.sqrt(square)

    def _repr_latex_(self) -> str:
        import sympy as sp

        return f"$\\displaystyle {self.latex()}, \\quad w(\\xi) = {sp.latex(self.weight_expr)}$"
