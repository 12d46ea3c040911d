# %% [markdown]
# # Derivatives: two dimensions up, again and again
#
# A Gaussian process that learns from slopes, a collocation method, the gradient of a sum of kernels: all of
# them differentiate $d(x-y)$ in its points. Where the points nearly coincide, the derivatives of a closed
# form are differences of large terms. There is a better way: every derivative of the kernel is a sum of
# kernels in dimension $n+2, n+4, \dots$, and at coincident points most of its terms are simply 0.

# %%
import sympy as sp
from d01_lemma9_by_residues import r
from d03_value_at_the_point import at_zero
from steps import conclude, step

n, s, rho, kappa, lam, tau, a, xi, v = sp.symbols("n s rho kappa lambda tau a xi v", positive=True)
x, y = sp.symbols("x y", positive=True)
mu = sp.Symbol("mu", real=True)
g, m = sp.symbols("g m", integer=True, nonnegative=True)
k = sp.Symbol("k", integer=True, positive=True)

# %% [markdown]
# ## One step under the integral sign
#
# The kernel is a mixture of heat kernels, `sobolev.subordination`, and these depend on $r$ through
# $e^{-r^2/(4\tau)}$ alone. So $-\frac1r\frac{d}{dr}$ multiplies the integrand by $1/(2\tau)$: by $2\pi$ times the
# factor $(4\pi\tau)^{-1}$ that two more dimensions bring.

# %%
mixture = (tau ** (s / 2 - 1) * sp.exp(-tau * kappa**2) * (4 * sp.pi * tau) ** (-n / 2) * sp.exp(-(r**2) / (4 * tau))
           / sp.gamma(s / 2))
step("One step of the walk.", -sp.Derivative(mixture, r) / r, 2 * sp.pi * mixture.subs(n, n + 2))

# %%
step("From $m$ steps to $m+1$.",
     -sp.Derivative((2 * sp.pi) ** m * mixture.subs(n, n + 2 * m), r) / r,
     (2 * sp.pi) ** (m + 1) * mixture.subs(n, n + 2 * m + 2))


# %% [markdown]
# So $F_m = \left(-\frac1r\frac{d}{dr}\right)^m d$ is $(2\pi)^m$ times a kernel: of the same order, $2m$ dimensions
# up, and $m$ less in smoothness, $\mu = \nu - m$.

# %%
def kernel(dim: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The closed form at inverse length κ."""
    nu = (s - dim) / 2
    return (kappa ** (-2 * nu) * 2 ** (1 - s / 2) / ((2 * sp.pi) ** (dim / 2) * sp.gamma(s / 2))
            * (kappa * r) ** nu * sp.besselk(nu, kappa * r))


def walked(m: sp.Expr, r: sp.Expr) -> sp.Expr:
    """F_m."""
    return (2 * sp.pi) ** m * kernel(n + 2 * m, r)


# %% [markdown]
# ## Gradient, Hessian, Laplacian
#
# Let $x$ and $y$ be components of the difference of the two points and $\rho$ the length of all others. Under
# the integral there is the Gaussian $e^{-ar^2/2}$ with $a = 1/(2\tau)$, and by the walk a factor $a^m$ becomes $F_m$.

# %%
one, two = sp.sqrt(x**2 + rho**2), sp.sqrt(x**2 + y**2 + rho**2)
gauss = sp.exp(-a * r**2 / 2)
gauss_one, gauss_two = gauss.subs(r, one), gauss.subs(r, two)
step("One derivative brings one $a$.", sp.Derivative(gauss_one, x), -x * a * gauss_one)

# %%
conclude("sobolev.gradient", -x * walked(1, one))

# %%
step("Two, in different components.", sp.Derivative(gauss_two, x, y), x * y * a**2 * gauss_two)

# %%
conclude("sobolev.mixed-hessian", x * y * walked(2, two))

# %%
step("Two, in the same.", sp.Derivative(gauss_one, (x, 2)), (x**2 * a**2 - a) * gauss_one)

# %%
conclude("sobolev.mixed-hessian-diagonal", x**2 * walked(2, one) - walked(1, one))

# %% [markdown]
# The derivatives of $d(x-y)$ in $y$ are those in $x$ with the opposite sign; hence
# $\partial_x\partial_y^T d = F_1 I - r^2F_2\, uu^T$ with the unit vector $u$. As $r\to0$ its second term vanishes when
# $r^2F_2$ does, which is for $\nu>1$, and $u$ may be anything.

# %%
step("The trace of the Hessian, as the radial part of the Laplacian.",
     sp.Derivative(gauss, (r, 2)) + (n - 1) / r * sp.Derivative(gauss, r), (r**2 * a**2 - n * a) * gauss)

# %%
conclude("sobolev.laplacian", r**2 * walked(2, r) - n * walked(1, r))


# %% [markdown]
# ## Any derivative
#
# How often does $x^{g-2k}a^{g-k}$ occur in $\partial_x^g$? Each derivative either brings down $-ax$, or takes away
# one of the $x$ that earlier ones have brought down. That pairs two of the $g$ derivatives, so $k$ counts
# pairs: there are $g!/(k!\,(g-2k)!\,2^k)$ ways.

# %%
def pairs(g: sp.Expr, k: sp.Expr) -> sp.Expr:
    """The number of ways to pick k disjoint pairs out of g."""
    return sp.factorial(g) / (sp.factorial(k) * sp.factorial(g - 2 * k) * 2**k)


term = x ** (g - 2 * k) * (-a) ** (g - k) * gauss_one
step("One more derivative of a term: the term with one pair more, and the one with as many.",
     sp.Derivative(term, x),
     (g - 2 * k) * x ** (g - 2 * k - 1) * (-a) ** (g - k) * gauss_one
     + x ** (g + 1 - 2 * k) * (-a) ** (g + 1 - k) * gauss_one)

# %%
step("The numbers of ways obey the same rule.",
     pairs(g, k) + (g - 2 * (k - 1)) * pairs(g, k - 1), pairs(g + 1, k))

# %%
step("They start with a single way to pair nothing.", pairs(g, sp.Integer(0)), sp.Integer(1))

# %%
index = sp.Symbol("k", integer=True, nonnegative=True)
conclude("sobolev.partial-derivatives",
         sp.Sum(pairs(g, index) * x ** (g - 2 * index) * (-1) ** (g - index) * walked(g - index, one),
                (index, 0, sp.floor(g / 2))))

# %% [markdown]
# For a multi-index $\gamma$ do this for one component after the other. With $u = z/r$ and $N=|\gamma|$,
# $$\partial^\gamma d(z) = \sum_{k\le\gamma/2}\ \prod_i \frac{\gamma_i!}{k_i!\,(\gamma_i-2k_i)!\,2^{k_i}}\,
# u_i^{\gamma_i-2k_i}\ (-1)^m\, r^{2m-N} F_m(r), \qquad m = N-|k|.$$
#
# ## Where the points coincide
#
# Only terms without a factor $r$ are left there: $2m = N$. They need $F_m(0)$, which is a spectral moment.

# %%
moment = (4 * sp.pi) ** (-n / 2) * 2 ** (1 - m) / sp.gamma(n / 2 + m)
step("The mean of $\\xi_1^{2m}$ over the sphere is $(2m-1)!!\\,\\Gamma(n/2)/(2^m\\Gamma(n/2+m))$, for $m=1$ $1/n$. "
     "The factor $(2m-1)!!$ is the number of pairings.",
     (sp.factorial2(2 * m - 1) * sp.gamma(n / 2) / (2**m * sp.gamma(n / 2 + m))).subs(m, 1), 1 / n)

# %%
step("With the volume of the sphere, $(2\\pi)^{-n}$ and the sign $(-1)^m$ of $(i\\xi_1)^{2m}$ taken out:",
     (2 * sp.pi) ** (-n) * 2 * sp.pi ** (n / 2) / sp.gamma(n / 2) * sp.gamma(n / 2) / (2**m * sp.gamma(n / 2 + m)),
     moment)

# %%
step("The radial integral, by the mixture of exponentials: first over $\\xi$,",
     sp.Integral(xi ** (n + 2 * m - 1) * sp.exp(-tau * xi**2), (xi, 0, sp.oo)),
     sp.gamma(n / 2 + m) / 2 * tau ** (-n / 2 - m))

# %%
step("then over $\\tau$, for $s > n+2m$.",
     moment * sp.gamma(n / 2 + m) / 2 / sp.gamma(s / 2)
     * sp.Integral(tau ** (s / 2 - n / 2 - m - 1) * sp.exp(-tau), (tau, 0, sp.oo)),
     (2 * sp.pi) ** m * at_zero.subs(n, n + 2 * m))

# %%
conclude("sobolev.ladder-at-zero", (2 * sp.pi) ** m * at_zero.subs(n, n + 2 * m))

# %% [markdown]
# ## Past the smoothness
#
# A third derivative of a kernel with $\nu = 1.7$ is continuous, yet it contains $r^3F_3$ with $\mu=-1.3$. There is no
# value $F_3(0)$ to divide by, but $K$ does not see the sign of its order. With the mixture
# $g_\nu(r) = r^\nu K_\nu(r)$ of the third derivation:

# %%
order = sp.Symbol("nu", real=True)
half = 2 ** (order - 1) * tau ** (order - 1) * sp.exp(-tau - r**2 / (4 * tau))
step("$g_{-\\lambda}(r) = r^{-2\\lambda} g_\\lambda(r)$, by $\\tau = r^2/(4v)$.",
     sp.Integral(half.subs(order, -lam), (tau, 0, sp.oo)),
     r ** (-2 * lam) * sp.Integral(half.subs({order: lam, tau: v}), (v, 0, sp.oo)), substitute=(r**2 / (4 * v), v))


# %%
def correlation(nu: sp.Expr) -> sp.Expr:
    """M."""
    return 2 ** (1 - nu) / sp.gamma(nu) * r**nu * sp.besselk(nu, r)


conclude("sobolev.ladder-reflected",
         2 ** (1 - (n / 2 + m - lam)) / ((2 * sp.pi) ** (n / 2) * sp.gamma(n / 2 + m - lam))
         * 2 ** (lam - 1) * sp.gamma(lam) * r ** (-2 * lam) * correlation(lam))

# %% [markdown]
# So $r^jF_m$ is a constant times $r^{j-2\lambda}M_\lambda(r)$, and $j-2\lambda = 2\nu-N > 0$.
#
# ## At the pole
#
# Near $\mu=0$ neither form is of use, as the constants go to infinity and the correlations to 0 for $r>0$.
# Far out two steps of the recurrence avoid the pole.

# %%
boundary = tau ** (mu + 1) * sp.exp(-tau - r**2 / (4 * tau))
step("$r^2g_\\mu = g_{\\mu+2} - 2(1+\\mu)\\,g_{\\mu+1}$: the difference of the integrands is the derivative of "
     "something that vanishes at both ends.",
     r**2 * half.subs(order, mu) - half.subs(order, mu + 2) + 2 * (1 + mu) * half.subs(order, mu + 1),
     2 ** (mu + 1) * sp.Derivative(boundary, tau))

# %%
conclude("sobolev.ladder-at-pole",
         sp.gamma(2 + mu) * 2 ** (1 + mu) * (correlation(2 + mu) - correlation(1 + mu)) / r**2)

# %% [markdown]
# Close to 0 that is a difference of nearly equal numbers, and Temme's series takes over. It pairs the terms of
# the two power series of $K_\mu$, $p_k/\mu$ and $-q_k/\mu$, so that their sum $f_k$ has a limit at $\mu=0$.

# %%
free = sp.Symbol("mu", positive=True, integer=False)


def p(k: sp.Expr) -> sp.Expr:
    """The terms of I_(-μ), without (x²/4)^k/k!."""
    return sp.gamma(1 + free) / 2 * (x / 2) ** (-free) / sp.rf(1 - free, k)


def q(k: sp.Expr) -> sp.Expr:
    """The terms of I_μ."""
    return sp.gamma(1 - free) / 2 * (x / 2) ** free / sp.rf(1 + free, k)


step("Each comes from the one before.", p(k), p(k - 1) / (k - free))

# %%
step("So does the other.", q(k), q(k - 1) / (k + free))

# %%
P, Q = sp.symbols("P Q", positive=True)
step("And so does their combination, without any division by $\\mu$: with $P = p_k$ and $Q = q_k$,",
     k * ((k - free) * P - (k + free) * Q) / free + (k - free) * P + (k + free) * Q,
     (k**2 - free**2) * (P - Q) / free)
