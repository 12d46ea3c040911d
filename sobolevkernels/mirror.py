"""Mirror maps: strictly convex potentials φ, what their gradients do, and the Bregman divergences they measure with.

A mirror step moves ∇φ(x), not x: ∇φ(x⁺) = ∇φ(x) - η g. Vectors stand on the last axis of an array,
matrices on the last two, fields on the trailing axes; all axes before are a batch. The selected
divergence is V(y, x) = φ(y) - φ(x) - ⟨∇φ(x), y-x⟩, which measures y from x.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation import mirror_domains as domains
from sobolevkernels.evaluation.mirror_geometry import Geometry
from sobolevkernels.evaluation.mirror_given import Given, Sobolev
from sobolevkernels.evaluation.mirror_matrices import Gaussian, LogDet, natural_parameters
from sobolevkernels.evaluation.mirror_vectors import Burg, Entropy, PNorm, Quadratic, Simplex
from sobolevkernels.kernels import validation
from sobolevkernels.kernels.validation import real_array

if TYPE_CHECKING:
    import sympy as sp

    from sobolevkernels.multipliers import FourierMultiplier

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class MirrorMap:
    """A potential φ, its gradient, the inverse of that, its conjugate, and their second derivatives.

    Get one from the catalogue, `sk.mirror.entropy()` and its like, or from functions of your own
    with `from_callables`. Every method checks that the point lies in the domain, and takes and returns arrays
    with any leading batch axes; float32 stays float32. A value beyond the largest float is infinite.

    Raises
    ------
    ValueError
        From every method, for a point outside the domain; the message names the violated
        constraint and the first entry that violates it.

    Source: `sobolev.mirror-entropy-gradient`, `sobolev.mirror-entropy-inverse`.

    Examples
    --------
    >>> import numpy as np
    >>> phi = entropy(domain="orthant")
    >>> phi
    sk.mirror.entropy(domain='orthant')
    >>> x = np.array([0.5, 2.0])
    >>> phi.inverse_gradient(phi.gradient(x))
    array([0.5, 2. ])
    """

    geometry: Geometry

    def __repr__(self) -> str:
        return f"sk.mirror.{self.geometry.name}" if self.geometry.key else f"<MirrorMap {self.geometry.name}>"

    @classmethod
    def from_callables(
        cls, potential: Callable[[Any], Any], gradient: Callable[[Any], Any],
        inverse_gradient: Callable[[Any], Any] | None = None, conjugate: Callable[[Any], Any] | None = None,
        hessian: Callable[[Any], Any] | None = None, conjugate_hessian: Callable[[Any], Any] | None = None,
        name: str = "from_callables(...)",
    ) -> MirrorMap:
        """A mirror map of vectors from functions of your own, which are taken as they are.

        Parameters
        ----------
        potential, conjugate : callable
            (…, n) to (…). An absent conjugate is computed through the inverse gradient.
        gradient, inverse_gradient : callable
            (…, n) to (…, n). Without the inverse there is no mirror step.
        hessian, conjugate_hessian : callable, optional
            (…, n) to (…, n, n). A method that needs an absent function raises a TypeError.

        Examples
        --------
        >>> import numpy as np
        >>> cosh = MirrorMap.from_callables(lambda x: np.cosh(x).sum(-1), np.sinh, np.arcsinh, name="cosh")
        >>> print(f"{cosh.divergence([0.0, 1.0], [0.0, 1.5]):.12f}")
        0.255310747119
        >>> cosh.hessian([1.0])
        Traceback (most recent call last):
            ...
        TypeError: cosh has no hessian; pass hessian= to MirrorMap.from_callables
        """
        return cls(Given.of(name, potential=potential, gradient=gradient, inverse_gradient=inverse_gradient,
                            conjugate=conjugate, hessian=hessian, conjugate_hessian=conjugate_hessian))

    def _array(self, values: ArrayLike, name: str) -> Array:
        return domains.shaped(self.geometry, real_array(values, name), name)

    def _point(self, x: ArrayLike, closed: bool = False) -> Array:
        return self.geometry.check(self._array(x, "x"), closed)

    def _alike(self, values: ArrayLike, x: Array, name: str) -> Array:
        return domains.alike(self.geometry, self._array(values, name), x, name)

    def _dual(self, z: ArrayLike) -> Array:
        return self.geometry.check_dual(self._array(z, "z"))

    # --- the potential and its conjugate --------------------------------------------------------

    def potential(self, x: ArrayLike) -> Any:
        """φ(x), on the closed domain where φ is finite there: 0 log 0 = 0.

        One number for each point of a batch.

        Examples
        --------
        >>> float(euclidean().potential([3.0, 4.0]))
        12.5
        """
        return domains.value(self.geometry.potential, self._point(x, closed=True))

    def gradient(self, x: ArrayLike) -> Array:
        """∇φ(x), the point in the dual; shaped like `x`, which lies in the interior of the domain."""
        return domains.value(self.geometry.gradient, self._point(x))

    def inverse_gradient(self, z: ArrayLike) -> Array:
        """∇φ*(z), the point whose gradient is `z`; on the simplex, up to a multiple of (1, …, 1).

        Examples
        --------
        >>> import numpy as np
        >>> entropy().inverse_gradient(np.log([1.0, 3.0]))
        array([0.25, 0.75])
        """
        return domains.value(self.geometry.inverse_gradient, self._dual(z))

    def conjugate(self, z: ArrayLike) -> Any:
        """φ*(z), the supremum of ⟨z, x⟩ - φ(x) over the domain.

        Examples
        --------
        >>> print(f"{entropy().conjugate([1000.0, 1000.0]):.6f}")
        1000.693147
        """
        return domains.value(self.geometry.conjugate, self._dual(z))

    # --- second derivatives ---------------------------------------------------------------------

    def hessian(self, x: ArrayLike) -> Array:
        """∇²φ(x), dense: (…, n, n) for vectors, (…, n, n, n, n) for matrices, (*grid, *grid) for fields.

        On the simplex it acts on tangent vectors, which sum to 0.

        Examples
        --------
        >>> entropy(domain="orthant").hessian([0.5, 2.0])
        array([[2. , 0. ],
               [0. , 0.5]])
        """
        return domains.value(self.geometry.hessian, self.geometry.check_hessian(self._array(x, "x")))

    def conjugate_hessian(self, z: ArrayLike) -> Array:
        """∇²φ*(z), dense: the inverse of ∇²φ at x = ∇φ*(z); on the simplex, the inverse on tangent vectors.

        Examples
        --------
        >>> entropy().conjugate_hessian([0.0, 0.0])
        array([[ 0.25, -0.25],
               [-0.25,  0.25]])
        """
        return domains.value(self.geometry.conjugate_hessian, self.geometry.check_dual_hessian(self._array(z, "z")))

    def hessian_apply(self, x: ArrayLike, h: ArrayLike) -> Array:
        """∇²φ(x) h, without forming the Hessian where that can be avoided; h is shaped like x."""
        point = self.geometry.check_hessian(self._array(x, "x"))
        return domains.value(self.geometry.hessian_apply, point, self._alike(h, point, "h"))

    def hessian_solve(self, x: ArrayLike, h: ArrayLike) -> Array:
        """The tangent vector that ∇²φ(x) takes to h; on the simplex, up to a multiple of (1, …, 1) in h.

        It is the natural gradient of a loss whose gradient is h, in the metric ∇²φ(x).

        Examples
        --------
        >>> entropy().hessian_solve([0.25, 0.75], [4.0, 0.0])
        array([ 0.75, -0.75])
        """
        point = self.geometry.check_hessian(self._array(x, "x"))
        return domains.value(self.geometry.hessian_solve, point, self._alike(h, point, "h"))

    # --- divergence -----------------------------------------------------------------------------

    def divergence(self, y: ArrayLike, x: ArrayLike) -> Any:
        """V(y, x) = φ(y) - φ(x) - ⟨∇φ(x), y-x⟩ ≥ 0, right to a few units in the last place where y ≈ x too.

        `y` may lie on the boundary where φ is finite, `x` may not.

        Source: `sobolev.mirror-bregman-entropy-near`, `sobolev.mirror-bregman-burg-near`.

        Examples
        --------
        >>> print(f"{burg().divergence([1.000000001], [1.0]):.6e}")
        5.000001e-19
        """
        there, here = self._point(y, closed=True), self._point(x)
        return domains.value(self.geometry.divergence, domains.alike(self.geometry, there, here, "y"), here)

    def pairing(self, z: ArrayLike, x: ArrayLike) -> Any:
        """⟨z, x⟩ of a dual and a primal vector: Σ zx, tr(ZX), or the integral of zf over the grid."""
        primal = self._array(x, "x")
        return domains.value(self.geometry.pairing, self._alike(z, primal, "z"), primal)

    # --- formulas -------------------------------------------------------------------------------

    def formulas(self) -> dict[str, sp.Expr]:
        """Potential, gradient, inverse gradient and conjugate in SymPy, as the records have them.

        Of a separable map these are one coordinate; c stands for what all other coordinates contribute.

        Examples
        --------
        >>> burg().formulas()
        {'potential': -log(x), 'gradient': -1/x, 'inverse_gradient': -1/z, 'conjugate': -log(-z) - 1}
        """
        from sobolevkernels.symbolic.mirror_formulas import expressions

        return expressions(self.geometry.key, **self.geometry.parameters)

    @property
    def expr(self) -> sp.Expr:
        """The potential in SymPy."""
        return self.formulas()["potential"]

    def latex(self) -> str:
        """The four formulas in LaTeX."""
        import sympy as sp

        signs = (r"\varphi", r"\nabla\varphi", r"\nabla\varphi^*", r"\varphi^*")
        return r",\quad ".join(f"{sign} = {sp.latex(expr)}"
                               for sign, expr in zip(signs, self.formulas().values(), strict=True))


def bregman_divergence(phi: MirrorMap, y: ArrayLike, x: ArrayLike) -> Any:
    """V(y, x) = φ(y) - φ(x) - ⟨∇φ(x), y-x⟩ of a mirror map; see `MirrorMap.divergence`.

    Examples
    --------
    >>> phi = entropy()  # its divergence is that of Kullback and Leibler
    >>> print(f"{bregman_divergence(phi, [0.5, 0.5], [0.25, 0.75]):.12f}")
    0.143841036226
    """
    if not isinstance(phi, MirrorMap):
        raise TypeError(f"phi must be a MirrorMap, got {phi!r} of type {type(phi).__name__}; "
                        "make one of functions with sk.mirror.MirrorMap.from_callables(potential, gradient)")
    return phi.divergence(y, x)


# --- the catalogue ------------------------------------------------------------------------------


def euclidean() -> MirrorMap:
    """½‖x‖² on R^n: its mirror step is the gradient step.

    Source: `sobolev.mirror-quadratic-gradient`.
    """
    return MirrorMap(Quadratic("euclidean()"))


def quadratic(matrix: ArrayLike) -> MirrorMap:
    """½ xᵀAx on R^n for a symmetric positive definite matrix A.

    Source: `sobolev.mirror-quadratic-gradient`.

    Examples
    --------
    >>> quadratic([[2.0, 1.0], [1.0, 2.0]]).gradient([1.0, 0.0])
    array([2., 1.])
    """
    return MirrorMap(Quadratic.of(real_array(matrix, "matrix")))


def entropy(domain: str = "simplex") -> MirrorMap:
    """Σ x log x, on the simplex Σx = 1 or on the positive orthant.

    On the simplex φ is restricted to Σx = 1. Then ∇φ is defined modulo (1, …, 1), and 1 + log x
    represents it; ∇φ* is the softmax, which does not see such constants, so that ∇φ(∇φ*(z)) is z plus
    one; φ* is log Σ e^z; ∇²φ = diag(1/x) acts on tangent vectors, and ∇²φ* = diag(x) - xxᵀ inverts it there. The
    mirror step is the exponentiated gradient. The divergence is that of Kullback and Leibler.

    Source: `sobolev.mirror-entropy-gradient`, `sobolev.mirror-simplex-inverse`.
    """
    if domain not in ("simplex", "orthant"):
        raise ValueError(f"domain must be 'simplex' or 'orthant', got {domain!r}")
    name = f"entropy(domain={domain!r})"
    return MirrorMap(Simplex(name) if domain == "simplex" else Entropy(name))


def burg() -> MirrorMap:
    """-Σ log x on the positive orthant, the log barrier; its dual variable z = -1/x is negative.

    A mirror step may leave that domain: from x with step η it exists if and only if ηg > -1/x.

    Source: `sobolev.mirror-burg-gradient`, `sobolev.mirror-burg-inverse`.
    """
    return MirrorMap(Burg("burg()"))


def p_norm(p: float) -> MirrorMap:
    """½‖x‖_p² on R^n for p > 1; its conjugate is ½‖z‖_q² with 1/p + 1/q = 1.

    For p = 1 + 1/log n it does on all of R^n what the entropy does on the simplex. Where an entry is 0 it
    has no Hessian if p < 2.

    Source: `sobolev.mirror-p-norm-gradient`, `sobolev.mirror-p-norm-inverse`.

    Examples
    --------
    >>> print(f"{p_norm(3).potential([1.0, 2.0]):.12f}")
    2.163374355461
    """
    return MirrorMap(PNorm.of(f"p_norm({p})", float(validation.exact(p, "p"))))


def log_det() -> MirrorMap:
    """-log det X on symmetric positive definite matrices, with the pairing tr(ZX); ∇φ = -X^-1.

    Matrices may be asymmetric by rounding; their symmetric part is taken.

    Source: `sobolev.mirror-log-det-gradient`.
    """
    return MirrorMap(LogDet("log_det()"))


def gaussian(dim: int) -> MirrorMap:
    """The log-partition A(θ) of N(m, Σ): natural parameters to mean parameters.

    With T(x) = (x_i; x_i x_j for i ≤ j, row by row) the density is e^(θ·T(x) - A(θ)). So θ packs, in
    dim + dim(dim+1)/2 numbers, Λm and then -Λ_ii/2 and -Λ_ij for i < j, where Λ = Σ^-1; ∇A(θ) packs m and the second
    moments Σ + mmᵀ. ∇²A is the Fisher information, V(y, x) = KL(N_x ‖ N_y), and A* is minus the
    entropy. `gaussian_parameters` makes θ from m and Σ.

    Source: `sobolev.mirror-gaussian-mean`, `sobolev.mirror-gaussian-fisher`.

    Examples
    --------
    >>> gaussian(1).gradient(gaussian_parameters([1.0], [[0.5]]))  # the mean, and the mean square
    array([1. , 1.5])
    """
    size = validation.dimension(dim)
    return MirrorMap(Gaussian(f"gaussian(dim={size})", size + size * (size + 1) // 2, size))


def gaussian_parameters(mean: ArrayLike, covariance: ArrayLike) -> Array:
    """Natural parameters of N(mean, covariance), packed as in `gaussian`: (…, n) and (…, n, n) to (…, n + n(n+1)/2)."""
    return natural_parameters(real_array(mean, "mean"), real_array(covariance, "covariance"))


def sobolev(
    order: Any = None, kappa: Any = 1.0, spacing: float | tuple[float, ...] | None = None, *,
    multiplier: FourierMultiplier | None = None,
) -> MirrorMap:
    """½‖f‖² in H^order on a periodic grid: ½⟨f, Mf⟩ of L² with the symbol M = (κ²+|ξ|²)^order, or any other.

    Gradients are those of L², which do not depend on the grid: ∇φ(f) = Mf.

    Parameters
    ----------
    order, kappa : rational or float
        Of the symbol, if no multiplier is given.
    spacing : float or tuple of float
        Of the grid: one number if every axis is space, or one for each of the trailing axes that are.
    multiplier : FourierMultiplier, optional
        A positive symbol, instead of order and kappa.

    Source: `sobolev.mirror-sobolev-gradient`.

    Examples
    --------
    >>> import numpy as np
    >>> x = 2 * np.pi * np.arange(8) / 8
    >>> phi = sobolev(order=1, kappa=1, spacing=2 * np.pi / 8)
    >>> print(f"{phi.potential(np.cos(x)) / np.pi:.12f}")  # ½(1+1)π
    1.000000000000
    """
    if spacing is None:
        raise TypeError("sobolev needs spacing=, the distance of neighbouring grid points")
    if (order is None) == (multiplier is None):
        raise TypeError("sobolev needs either order= (with kappa=) or multiplier=")
    symbol = f"multiplier={multiplier!r}" if multiplier is not None else f"order={order}, kappa={kappa}"
    if multiplier is None:
        from sobolevkernels.multipliers import sobolev_multiplier

        multiplier = sobolev_multiplier(order, kappa)
    steps = tuple(spacing) if isinstance(spacing, Iterable) else spacing
    for step in steps if isinstance(steps, tuple) else (steps,):
        validation.positive(step, "spacing")
    return MirrorMap(Sobolev(f"sobolev({symbol}, spacing={spacing})", multiplier=multiplier, spacing=steps))
