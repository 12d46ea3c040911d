# %% [markdown]
# # The value at the point, and how smooth the kernel is there
#
# Three questions about $d(r)$ near $r=0$: what is $d(0)$; does the finite sum of the half-integer case agree
# with it; and how many derivatives does $x \mapsto d(|x|)$ have at the origin?

# %%
import sympy as sp
from d01_lemma9_by_residues import at_zero as line_at_zero
from d01_lemma9_by_residues import pyramid, r
from d02_from_n_dimensions_to_one import constant
from steps import conclude, step

A = sp.Symbol("A", integer=True, positive=True)
k, j, m = sp.symbols("k j m", integer=True, nonnegative=True)
n, s, rho, tau, v, x = sp.symbols("n s rho tau v x", positive=True)
half = sp.Rational(1, 2)

# %% [markdown]
# ## $d(0)$ from the integral
#
# At $r=0$ the exponential is 1 and polar coordinates leave $d(0) =
# (2\pi)^{-n}\,\mathrm{vol}(S^{n-1})\int_0^\infty (1+\rho^2)^{-s/2}\rho^{n-1}\,d\rho$, finite exactly for
# $s>n$. As in the second derivation, $(1+\rho^2)^{-s/2}$ is a mixture of exponentials, and two gamma
# integrals do it, for every real $n>0$ and $s>n$.

# %%
sphere = 2 * sp.pi ** (n / 2) / sp.gamma(n / 2)
over_rho = sp.pi ** (n / 2) * tau ** (-n / 2)
step("The integral over $\\rho$, with the sphere: a Gaussian on $\\mathbb{R}^n$.",
     sphere * sp.Integral(sp.exp(-tau * rho**2) * rho ** (n - 1), (rho, 0, sp.oo)), over_rho)

# %%
at_zero = (4 * sp.pi) ** (-n / 2) * sp.gamma((s - n) / 2) / sp.gamma(s / 2)
step("The integral over $\\tau$.",
     (2 * sp.pi) ** (-n) / sp.gamma(s / 2)
     * sp.Integral(tau ** (s / 2 - 1) * sp.exp(-tau) * over_rho, (tau, 0, sp.oo)), at_zero)

# %%
conclude("sobolev.at-zero", at_zero)

# %% [markdown]
# ## The same from the finite sum
#
# For $s = n+2A-1$ the kernel is $C_{n,s}\,e^{-r} r^{A-1}\sum_{k<A} p_k\,(2r)^{-k}$. The term $k = A-1-j$
# carries $r^j$; at $r=0$ only $j=0$ is left.

# %%
term = pyramid * (2 * r) ** (-k) * r ** (A - 1)
coefficient = sp.factorial(2 * A - 2 - j) / (sp.factorial(A - 1 - j) * sp.factorial(j)) * 2 ** (1 + j - A)
step("The powers of $r$ are $0, 1, \\dots, A-1$.", term.subs(k, A - 1 - j), coefficient * r**j)

# %%
sum_at_zero = constant * coefficient.subs(j, 0)
step("Legendre's duplication formula for $\\Gamma(2A-1)$, the factorial in the sum,",
     sp.gamma(2 * A - 1), 2 ** (2 * A - 2) * sp.gamma(A - half) * sp.gamma(A) / sp.sqrt(sp.pi))

# %%
step("makes the two values of $d(0)$ the same, for all $n$ and all $A$.",
     sum_at_zero, at_zero.subs(s, n + 2 * A - 1).subs(n, sp.Symbol("n", integer=True, positive=True)))

# %%
conclude("sobolev.half-integer-at-zero", sum_at_zero)

# %%
step("In one dimension this is the central binomial of Lemma 9.",
     at_zero.subs(s, n + 2 * A - 1).subs(n, 1), line_at_zero)

# %%
conclude("bai2022.lemma9.at-zero", at_zero.subs(s, n + 2 * A - 1).subs(n, 1))

# %% [markdown]
# ## Any order: two power series
#
# The mixture of exponentials also works for $r>0$, where the Gaussian in $\rho$ turns into a heat kernel.
# Up to a constant $d$ is, with $\nu = (s-n)/2$,
# $$g_\nu(x) = 2^{\nu-1}\int_0^\infty \tau^{\nu-1} e^{-\tau - x^2/(4\tau)}\,d\tau .$$
# It is one of the classical integrals for $x^\nu K_\nu(x)$, and that is what $K_\nu$ means here.
#
# ### Its differential equation

# %%
nu = sp.Symbol("nu", positive=True, integer=False)
mixture = 2 ** (nu - 1) * tau ** (nu - 1) * sp.exp(-tau - x**2 / (4 * tau))


def operator(f: sp.Expr) -> sp.Expr:
    """x f'' + (1-2ν) f' - x f."""
    return x * sp.diff(f, x, 2) + (1 - 2 * nu) * sp.diff(f, x) - x * f


step("Applied to the integrand, the operator leaves a derivative in $\\tau$ of something that vanishes "
     "at both ends. So $x g'' + (1-2\\nu) g' - x g = 0$.",
     operator(mixture), sp.Derivative(x * mixture, tau))

# %% [markdown]
# ### Its solutions
#
# A power $x^a$ is sent to $a(a-2\nu)x^{a-1} - x^{a+1}$. The series can start at $a=0$ or $a=2\nu$, and
# moves in steps of two. For $\nu$ not an integer the two series are independent:
# $$u(x) = \sum_m \frac{(x/2)^{2m}}{m!\,(1-\nu)_m}, \qquad
# w(x) = x^{2\nu}\sum_m \frac{(x/2)^{2m}}{m!\,(1+\nu)_m}.$$

# %%
a = sp.Symbol("a", positive=True)
step("What the operator does to a power.",
     operator(x**a), a * (a - 2 * nu) * x ** (a - 1) - x ** (a + 1))


# %%
def series_term(m: sp.Expr, sign: int) -> sp.Expr:
    """The term of degree 2m of u (sign -1) or of w/x^(2ν) (sign 1)."""
    return (x / 2) ** (2 * m) / (sp.factorial(m) * sp.rf(1 + sign * nu, m))


even, odd = series_term(m, -1) / x ** (2 * m), series_term(m, 1) / x ** (2 * m)
step("The recurrence for the coefficients of $u$, exponent $a = 2m+2$.",
     (2 * m + 2) * (2 * m + 2 - 2 * nu) * even.subs(m, m + 1), even)

# %%
step("The recurrence for those of $w$, exponent $a = 2m+2+2\\nu$.",
     (2 * m + 2 + 2 * nu) * (2 * m + 2) * odd.subs(m, m + 1), odd)

# %% [markdown]
# ### The two coefficients
#
# So $g_\nu = \alpha_\nu u + \beta_\nu w$. At $x=0$ only $u$ contributes.

# %%
alpha = 2 ** (nu - 1) * sp.gamma(nu)
step("$\\alpha_\\nu = g_\\nu(0)$.", sp.Integral(mixture.subs(x, 0), (tau, 0, sp.oo)), alpha)

# %% [markdown]
# For $0<\nu<1$ the next power of $x$ is $x^{2\nu}$. Substitute $\tau = x^2/(4v)$ in $g_\nu(x) - g_\nu(0)$:
# a factor $x^{2\nu}$ comes out. As $x\to0$ the factor $e^{-x^2/(4v)}$ that remains tends to 1 from below,
# and the integral to $2^{-\nu-1}\int_0^\infty v^{-\nu-1}(e^{-v}-1)\,dv$ (monotone convergence).

# %%
above_zero = sp.Integral(2 ** (nu - 1) * tau ** (nu - 1) * sp.exp(-tau) * (sp.exp(-(x**2) / (4 * tau)) - 1),
                         (tau, 0, sp.oo))
rest = sp.Integral(v ** (-nu - 1) * sp.exp(-(x**2) / (4 * v)) * (sp.exp(-v) - 1), (v, 0, sp.oo))
step("$g_\\nu(x) - g_\\nu(0)$ after the substitution.",
     above_zero, x ** (2 * nu) * 2 ** (-nu - 1) * rest, substitute=(x**2 / (4 * v), v))

# %% [markdown]
# One integration by parts turns the limit into a gamma integral; the boundary term $v^{-\nu}(1-e^{-v})/\nu$
# vanishes at both ends since it is at most $v^{1-\nu}/\nu$ and at most $v^{-\nu}/\nu$.

# %%
boundary = v ** (-nu) * (1 - sp.exp(-v)) / nu
step("By parts.",
     v ** (-nu - 1) * (sp.exp(-v) - 1) - sp.Derivative(boundary, v), -(v ** (-nu)) * sp.exp(-v) / nu)

# %%
q = sp.Symbol("q", positive=True)
q = sp.Symbol("q", positive=True)
step("What is left is $-\\Gamma(1-\\nu)/\\nu = \\Gamma(-\\nu)$, with $q = 1-\\nu > 0$.",
     -sp.Integral(v ** (q - 1) * sp.exp(-v), (v, 0, sp.oo)) / (1 - q), sp.gamma(q - 1))

# %%
beta = 2 ** (-nu - 1) * sp.gamma(-nu)
step("So $\\beta_\\nu = 2^{-\\nu-1}\\,\\Gamma(-\\nu)$ for $0<\\nu<1$.",
     2 ** (-nu - 1) * (-sp.gamma(1 - nu) / nu), beta)

# %% [markdown]
# For larger $\nu$ climb by one: $g_{\nu+1}' = -x\,g_\nu$ under the integral sign, and the two series obey the
# same ladder with their coefficients. The constant of integration is $\alpha_{\nu+1}$, known from $x=0$.

# %%
step("$g_{\\nu+1}' = -x\\,g_\\nu$.", sp.Derivative(mixture.subs(nu, nu + 1), x), -x * mixture)

# %%
step("The ladder for $\\alpha u$: its terms of degree $2m+2$ and $2m$.",
     sp.Derivative((alpha * series_term(m + 1, -1)).subs(nu, nu + 1), x), -x * alpha * series_term(m, -1))

# %%
step("The ladder for $\\beta w$.",
     sp.Derivative((beta * x ** (2 * nu) * series_term(m, 1)).subs(nu, nu + 1), x),
     -x * beta * x ** (2 * nu) * series_term(m, 1))

# %% [markdown]
# ### In the usual names
#
# $u$ and $w$ are $x^\nu I_{-\nu}(x)$ and $x^\nu I_\nu(x)$ up to constants, where
# $I_\nu(x) = \sum_m (x/2)^{2m+\nu}/(m!\,\Gamma(m+\nu+1))$.


# %%
def bessel_i_term(m: sp.Expr, order: sp.Expr) -> sp.Expr:
    """The term of degree 2m + order in the series of I."""
    return (x / 2) ** (2 * m + order) / (sp.factorial(m) * sp.gamma(m + order + 1))


reflected = sp.gamma(nu) * sp.gamma(1 - nu) / 2
step("$\\alpha_\\nu u = \\frac12\\Gamma(\\nu)\\Gamma(1-\\nu)\\,x^\\nu I_{-\\nu}$, term by term.",
     alpha * series_term(m, -1), reflected * x**nu * bessel_i_term(m, -nu))

# %%
step("$\\beta_\\nu w = -\\frac12\\Gamma(\\nu)\\Gamma(1-\\nu)\\,x^\\nu I_{\\nu}$, term by term.",
     beta * x ** (2 * nu) * series_term(m, 1), -reflected * x**nu * bessel_i_term(m, nu))

# %%
conclude("sobolev.smoothness", reflected * (x**nu * sp.besseli(-nu, x) - x**nu * sp.besseli(nu, x)))

# %% [markdown]
# ## What smoothness that is
#
# In $r = |x|$ the series $u$ is even, hence a smooth function of $x\in\mathbb{R}^n$. The first term that is
# not smooth is $\beta_\nu r^{2\nu}$, and $\beta_\nu$ is never 0. So the derivatives of $d$ that exist and
# are continuous are exactly those of order below $2\nu = s-n$. For integer $\nu$ the two series collide and
# a logarithm appears, $r^{2\nu}\log r$, with the same conclusion. In the half-integer case the sum shows it
# openly: all odd powers of $r$ below $2\nu = 2A-1$ cancel against those of $e^{-r}$.

# %%
for size in range(1, 6):
    polynomial = sp.expand((term.subs(A, size)).doit())
    polynomial = sum(polynomial.subs(k, index) for index in range(size))
    expansion = sp.series(sp.exp(-r) * polynomial, r, 0, 2 * size).removeO()
    odd_powers = [power for power in range(1, 2 * size, 2) if sp.expand(expansion).coeff(r, power) != 0]
    step(f"For $A={size}$ the first odd power of $r$ is the ${2 * size - 1}$-th.",
         sp.Integer(odd_powers[0]), sp.Integer(2 * size - 1))

# %%
step("The small-$r$ expansion relative to $d(0)$, as far as it is needed: the even part begins "
     "$1 + r^2/(4(1-\\nu))$,",
     series_term(sp.Integer(0), -1) + series_term(sp.Integer(1), -1).subs(x, r), 1 + r**2 / (4 * (1 - nu)))

# %%
step("and the first singular term follows.",
     beta / alpha * r ** (2 * nu), sp.gamma(-nu) / sp.gamma(nu) * (r / 2) ** (2 * nu))
