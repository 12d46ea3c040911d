# %% [markdown]
# # The reproducing property, and why $s > n$
#
# The weight $w(\xi) = (1+|\xi|^2)^{s/2}$ gives the inner product
# $\langle f,g\rangle = \int \hat f\,\overline{\hat g}\,w\,d\xi$, with the unitary transform
# $\hat f(\xi) = (2\pi)^{-n/2}\int f(x)e^{-ix\cdot\xi}\,dx$. The kernel $d_x$ is the function with
# $\langle f, d_x\rangle = f(x)$ for all $f$. (For real $f$ the order does not matter.) When does it exist?

# %%
import sympy as sp
from d01_lemma9_by_residues import d as line_kernel
from steps import conclude, step

n, s, rho, w, d0, q = sp.symbols("n s rho w d_0 q", positive=True)
r, R = sp.symbols("r R", positive=True)
phase = sp.Symbol("phi", real=True)  # x·ξ
f_hat, value = sp.symbols("fhat f_x")

# %% [markdown]
# ## The transform of the kernel
#
# Fourier inversion says $f(x) = (2\pi)^{-n/2}\int \hat f(\xi)\,e^{ix\cdot\xi}\,d\xi$. For the two integrals
# to agree for every $f$, the integrands must: $\overline{\hat d_x}\,w = (2\pi)^{-n/2}e^{ix\cdot\xi}$.

# %%
d_hat = (2 * sp.pi) ** (-n / 2) * sp.exp(-sp.I * phase) / w
step("So $\\hat d_x = (2\\pi)^{-n/2} e^{-ix\\cdot\\xi}/w$, with $\\varphi = x\\cdot\\xi$.",
     f_hat * sp.conjugate(d_hat) * w, (2 * sp.pi) ** (-n / 2) * f_hat * sp.exp(sp.I * phase))

# %%
other_phase = sp.Symbol("psi", real=True)  # y·ξ
step("Transformed back at $y$, with $\\psi = y\\cdot\\xi$: the kernel is "
     "$(2\\pi)^{-n}\\int e^{i(y-x)\\cdot\\xi}/w\\,d\\xi$.",
     (2 * sp.pi) ** (-n / 2) * d_hat * sp.exp(sp.I * other_phase),
     (2 * sp.pi) ** (-n) * sp.exp(sp.I * (other_phase - phase)) / w)

# %%
step("Its squared norm has the integrand $(2\\pi)^{-n}/w$, which is that of $d_x(x) = d(0)$ as well.",
     d_hat * sp.conjugate(d_hat) * w, (2 * sp.pi) ** (-n) / w)

# %% [markdown]
# ## The norm of evaluation
#
# Suppose $d(0) = (2\pi)^{-n}\int d\xi/w$ is finite. Then $d_x$ is in the space, and with $c = f(x)/d(0)$

# %%
norm_f = sp.Symbol("N", positive=True)  # ‖f‖²
c = value / d0
step("$\\|f - c\\,d_x\\|^2 = \\|f\\|^2 - |f(x)|^2/d(0)$, from $\\langle f,d_x\\rangle = f(x)$ and "
     "$\\|d_x\\|^2 = d(0)$.",
     norm_f - sp.conjugate(c) * value - c * sp.conjugate(value) + c * sp.conjugate(c) * d0,
     norm_f - value * sp.conjugate(value) / d0)

# %% [markdown]
# The left side is a square. Hence $|f(x)|^2 \le d(0)\,\|f\|^2$ (Cauchy and Schwarz), with equality exactly
# for the multiples of $d_x$: the squared norm of evaluation *is* $d(0)$. In polar coordinates:

# %%
sphere = 2 * sp.pi ** (n / 2) / sp.gamma(n / 2)
squared_norm = (2 * sp.pi) ** (-n) * sphere * sp.Integral(
    rho ** (n - 1) * (1 + rho**2) ** (-s / 2), (rho, 0, sp.oo))
evaluation = (4 * sp.pi) ** (-n / 2) * sp.gamma((s - n) / 2) / sp.gamma(s / 2)
step("The Beta integral, for every real $s > n > 0$ (the second derivation takes it apart).",
     squared_norm, evaluation)

# %%
conclude("sobolev.evaluation-norm", evaluation, of=squared_norm)

# %% [markdown]
# ## Finite only for $s > n$
#
# Near infinity the integrand is $\rho^{n-1-s}$, so it is integrable there if and only if $s > n$.

# %%
step("The integrand over $\\rho^{n-1-s}$ is $(1+\\rho^{-2})^{-s/2}$, which tends to 1.",
     rho ** (n - 1) * (1 + rho**2) ** (-s / 2) / rho ** (n - 1 - s), (1 + rho ** (-2)) ** (-s / 2))

# %% [markdown]
# And if the integral diverges, evaluation is not merely without a kernel: it is unbounded. Cut the would-be
# kernel off at radius $R$, $\hat f_R = 1/w$ for $|\xi| \le R$ and 0 beyond, and let
# $I_R = \int_{|\xi|\le R} d\xi/w$. Then $f_R(0) = (2\pi)^{-n/2} I_R$ and $\|f_R\|^2 = I_R$.

# %%
mass = sp.Symbol("I_R", positive=True)
step("The quotient $|f_R(0)|^2/\\|f_R\\|^2$.",
     ((2 * sp.pi) ** (-n / 2) * mass) ** 2 / mass, (2 * sp.pi) ** (-n) * mass)

# %% [markdown]
# At the border $s=n$ it grows like $\log R$. Compare derivatives in $R$: for $R\ge1$,

# %%
growth = (R ** (n - 1) * (1 + R**2) ** (-n / 2)) / sp.diff(2 ** (-n / 2) * sp.log(R), R)
step("the quotient of the derivatives is a power of $2R^2/(1+R^2)$,",
     growth, (2 * R**2 / (1 + R**2)) ** (n / 2))

# %%
step("and that is at least 1 for $R\\ge1$.", 2 * R**2 / (1 + R**2) - 1, (R - 1) * (R + 1) / (1 + R**2))

# %%
step("Both sides begin at 0 or above: the logarithm vanishes at $R=1$.",
     (2 ** (-n / 2) * sp.log(R)).subs(R, 1))

# %%
conclude("sobolev.evaluation-border", 2 ** (-n / 2) * sp.log(R),
         of=sp.Integral(rho ** (n - 1) * (1 + rho**2) ** (-n / 2), (rho, 0, R)))

# %% [markdown]
# For $s<n$ the weight is smaller still and $I_R$ larger. So point evaluation is continuous if and only if
# $s>n$, that is, order $s/2 > n/2$. The condition $s > n/2$, as one also reads, belongs to the weight
# $(1+|\xi|^2)^s$.
#
# ## In physical space
#
# In one dimension and for $s = 2A$ the inner product has no Fourier transform in it: by Parseval
# $\langle d_x,f\rangle = \int \sum_j \binom{A}{j}\, d_x^{(j)} f^{(j)}\,dy$, because
# $(1+\xi^2)^A = \sum_j \binom Aj \xi^{2j}$ and $\xi^{2j}$ belongs to a pair of $j$-th derivatives. Then the
# reproducing property is integration by parts, for any smooth $f$ such that the boundary terms vanish at
# infinity. $f$ is a symbol for a function below.

# %%
x, y, a = sp.symbols("x y a", real=True)
f = sp.Function("f")


def kernel(order: int, side: int) -> sp.Expr:
    """d(|y-x|) on the side y > x (1) or y < x (-1), from Lemma 9."""
    return sp.expand(line_kernel.xreplace({sp.Symbol("A", integer=True, positive=True): sp.Integer(order)})
                     .doit()).subs(r, side * (y - x))


def energy(d: sp.Expr, order: int) -> sp.Expr:
    """Σ_j binom(A, j) d^(j) f^(j)."""
    return sum(sp.binomial(order, j) * sp.diff(d, y, j) * sp.diff(f(y), y, j) for j in range(order + 1))


step("For $s=2$ the kernel is $e^{-r}/2$.", kernel(1, 1), sp.exp(x - y) / 2)

# %%
step("For $s=4$ it is $(1+r)e^{-r}/4$.", kernel(2, 1), (1 + y - x) * sp.exp(x - y) / 4)

# %% [markdown]
# ### $s = 2$
#
# Off $x$, $d'' = d$, so the energy density is the derivative of $B = d'f$.

# %%
for side in (-1, 1):
    B = sp.diff(kernel(1, side), y) * f(y)
    step("$df + d'f' = (d'f)'$.", energy(kernel(1, side), 1), sp.Derivative(B, y))

# %%
slope = {side: sp.diff(kernel(1, side), y).subs(y, x) for side in (-1, 1)}
step("$d'$ jumps at $x$ by $-1$.", slope[1] - slope[-1], sp.Integer(-1))

# %% [markdown]
# Below $x$ the integral is $B(x-)$, above it is $-B(x+)$; $d'$ is the only thing that jumps.

# %%
step("So $\\langle d_x,f\\rangle = f(x)$.", (slope[-1] - slope[1]) * f(x), f(x))

# %% [markdown]
# The catalogue states this on Gaussians $f = e^{-(y-a)^2}$.


# %%
def on_gaussians(expr: sp.Expr) -> sp.Expr:
    """Put a Gaussian around a in the place of f."""
    variable = sp.Dummy("variable")
    return expr.subs(f, sp.Lambda(variable, sp.exp(-((variable - a) ** 2)))).doit(integrals=False)


def inner_product(order: int) -> sp.Expr:
    """⟨d_x, f⟩, split at the kink."""
    return (sp.Integral(on_gaussians(energy(kernel(order, -1), order)), (y, -sp.oo, x))
            + sp.Integral(on_gaussians(energy(kernel(order, 1), order)), (y, x, sp.oo)))


conclude("sobolev.reproducing-2", on_gaussians(f(x)), of=inner_product(1))

# %% [markdown]
# ### $s = 4$
#
# Now $d - 2d'' + d'''' = 0$ off $x$, and the antiderivative of $df + 2d'f' + d''f''$ is
# $B = d''f' + (2d' - d''')f$.


# %%
def boundary(d: sp.Expr) -> sp.Expr:
    """The antiderivative of the energy density for s = 4."""
    return sp.diff(d, y, 2) * sp.diff(f(y), y) + (2 * sp.diff(d, y) - sp.diff(d, y, 3)) * f(y)


for side in (-1, 1):
    step("By parts.", energy(kernel(2, side), 2), sp.Derivative(boundary(kernel(2, side)), y))


# %%
def jump(order: int, derivative: int) -> sp.Expr:
    """How much the derivative of d(|y-x|) jumps at y = x."""
    return sp.simplify(sp.diff(kernel(order, 1) - kernel(order, -1), y, derivative).subs(y, x))


for derivative in (0, 1, 2):
    step(f"$d^{{({derivative})}}$ does not jump:", jump(2, derivative))

# %%
step("$d'''$ jumps by 1,", jump(2, 3), sp.Integer(1))

# %%
step("and $\\langle d_x,f\\rangle = B(x-) - B(x+) = f(x)$.",
     sp.simplify((boundary(kernel(2, -1)) - boundary(kernel(2, 1))).doit().subs(y, x)), f(x))

# %%
conclude("sobolev.reproducing-4", on_gaussians(f(x)), of=inner_product(2))

# %% [markdown]
# ### Higher orders
#
# The pattern goes on: integrate each $d^{(j)}f^{(j)}$ by parts $j$ times,
# $B = \sum_j \binom Aj \sum_{i<j} (-1)^i d^{(j+i)} f^{(j-1-i)}$. Only $d^{(2A-1)}$ jumps, by $(-1)^A$.


# %%
def general_boundary(d: sp.Expr, order: int) -> sp.Expr:
    """The antiderivative of the energy density."""
    return sum(sp.binomial(order, j) * (-1) ** i * sp.diff(d, y, j + i) * sp.diff(f(y), y, j - 1 - i)
               for j in range(1, order + 1) for i in range(j))


for order in (3, 4):
    for side in (-1, 1):
        step("By parts.", energy(kernel(order, side), order),
             sp.Derivative(general_boundary(kernel(order, side), order), y))
    for derivative in range(2 * order - 1):
        step("No jump.", jump(order, derivative))
    step(f"For $s={2 * order}$ the derivative of order {2 * order - 1} jumps,",
         jump(order, 2 * order - 1), sp.Integer((-1) ** order))
    step("and $f(x)$ is reproduced, since it comes with the coefficient $(-1)^{A-1}$ in $B$.",
         -((-1) ** (order - 1)) * jump(order, 2 * order - 1) * f(x), f(x))
