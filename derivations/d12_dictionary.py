# %% [markdown]
# # The dictionary: natural gradients that are diagonal in Fourier space, and Sobolev mirror descent
#
# Of jo2026 only the abstract is to be had. It says that a translation-invariant Fisher metric is a positive
# symbol, that the mirror map $\frac12\|f\|^2$ of a Sobolev space is the symbol $(\kappa^2+|\xi|^2)^t$, that the
# two updates agree when the symbols do, that the Sobolev one is a canonical preconditioner when they do not,
# and that filters and truncations are actions of inverse metrics. What follows says under which hypotheses,
# with which constants, and where it is not so.

# %%
import sympy as sp
from steps import conclude, step

L, S, eta, eta_F, eta_S, c, kappa, t, sigma, b = sp.symbols("L S eta eta_F eta_S c kappa t sigma b", positive=True)
xi, f, g, y, u, v, theta, epsilon, x = sp.symbols("xi f g y u v theta epsilon x", real=True)
q = sp.Symbol("q", positive=True)
N, k, n, j = sp.symbols("N k n j", integer=True, nonnegative=True)

# %% [markdown]
# ## Translation invariance
#
# Let $A$ be a linear operator on smooth periodic functions, continuous into distributions, that commutes with
# all translations, $T_hA = AT_h$. On a plane wave $T_h e^{i\xi x} = e^{-i\xi h}e^{i\xi x}$, so $U = Ae^{i\xi x}$
# satisfies $T_hU = e^{-i\xi h}U$ for every $h$; differentiated at $h=0$, $U' = i\xi U$.

# %%
U = sp.Function("U")
step("The derivative of $U e^{-i\\xi x}$ is $(U' - i\\xi U)e^{-i\\xi x}$, which is 0.",
     sp.Derivative(U(x) * sp.exp(-sp.I * xi * x), x),
     (sp.Derivative(U(x), x) - sp.I * xi * U(x)) * sp.exp(-sp.I * xi * x))

# %% [markdown]
# So $Ae^{i\xi x} = m(\xi)e^{i\xi x}$, and $A$ is the Fourier multiplier $m$ because trigonometric polynomials are
# dense. A bilinear form is $\langle f, Ag\rangle$ for such an $A$. On $\mathbb R^n$ the same is a theorem of Hörmander
# for operators bounded on $L^2$; continuity is a hypothesis in either case. A symmetric form, real on real
# functions, has a real, even symbol.
#
# On a grid of $N$ points the matrix is circulant. Let $c_l = q^l$, $0\le l<N$, and apply it to $z^j$ with
# $z = e^{2\pi ik/N}$. Row $n$ holds $q^{n-j}$ up to the diagonal, then $q^{N+n-j}$. Both are geometric with the
# quotient $z/q$.

# %%
z = sp.Symbol("z", positive=True)  # the algebra does not care
row = q ** (n - j) * z**j
T = row / (z / q - 1)
step("Each term is a difference.", T.subs(j, j + 1) - T, row)

# %%
first, second = T.subs(j, n + 1) - T.subs(j, 0), (T.subs(j, N) - T.subs(j, n + 1)) * q**N
step("Both sums, with $z^N$ still a number.", sp.expand_power_exp(first + second),
     q**n * ((z / q) ** (n + 1) * (1 - q**N) + z**N - 1) / (z / q - 1))

# %%
step("With $z^N = 1$ the last two terms cancel.",
     q**n * (z / q) ** (n + 1) * (1 - q**N) / (z / q - 1), z**n * (1 - q**N) / (1 - q / z))

# %%
wave = sp.exp(2 * sp.pi * sp.I * k * j / N)
conclude("jo2026.translation-invariant",
         sp.exp(2 * sp.pi * sp.I * k * n / N) * (1 - q**N) / (1 - q * sp.exp(-2 * sp.pi * sp.I * k / N)),
         of=sp.Sum(q ** (n - j) * wave, (j, 0, n)) + sp.Sum(q ** (N + n - j) * wave, (j, n + 1, N - 1)))

# %% [markdown]
# $N$ different $q$ give a basis of all sequences (Vandermonde), so every circulant matrix is diagonal in plane waves.
#
# ## Location of a stationary Gaussian field
#
# The mode of the data is $y = \theta + e$. Its real part has the variance $s = S/(2L)$, and so has its imaginary part.

# %%
s = sp.Symbol("s", positive=True)
log_density = -((y - u * epsilon) ** 2) / (2 * s)
density = sp.exp(log_density) / sp.sqrt(2 * sp.pi * s)
step("The score along $u$.", sp.Derivative(log_density, epsilon), u * (y - u * epsilon) / s)

# %%
centred = sp.Symbol("e", real=True)
step("Its mean square, with $y = u\\varepsilon + e$.",
     sp.Integral((u * centred / s) ** 2 * sp.exp(-(centred**2) / (2 * s)) / sp.sqrt(2 * sp.pi * s),
                 (centred, -sp.oo, sp.oo)),
     u**2 / s)

# %%
information = (u**2 / s + v**2 / s).subs(s, S / (2 * L))
conclude("sobolev.fisher-location", information)

# %% [markdown]
# A real field has its modes in pairs, and half of this for each of the two is $L\sum_k |h_k|^2/S(\xi_k)$: the symbol
# $1/S$ in the pairing of $L^2$. It does not depend on $\theta$. A blur multiplies $u+iv$ by $\hat h = p+iq$.

# %%
p, q_ = sp.symbols("p q", real=True)
blurred = ((p * u - q_ * v) ** 2 + (q_ * u + p * v) ** 2) / s
step("The modulus of a product.", blurred, (p**2 + q_**2) * (u**2 + v**2) / s)

# %%
conclude("sobolev.fisher-deconvolution", blurred.subs(s, S / (2 * L)))

# %% [markdown]
# ### Positive?
#
# The symbol $|\hat h|^2/S$ is not negative. Positive it need not be: a box of width $2\pi b$ has

# %%
xi_ = sp.Symbol("xi", positive=True)
step("the transform of a box, here over $x = b\\theta$,",
     sp.Integral(sp.cos(b * xi_ * theta) / sp.pi, (theta, 0, sp.pi)),
     sp.sin(sp.pi * b * xi_) / (sp.pi * b * xi_))

# %%
box = (sp.sin(sp.pi * b * xi_) / (sp.pi * b * xi_)) ** 2 / sigma**2
conclude("jo2026.positive-symbol.precise", box)

# %%
step("and at $b\\xi = 1$ nothing is left.", box.subs(xi_, 1 / b))

# %% [markdown]
# ### Constant?
#
# A periodogram ordinate $P$ has the density $e^{-P/f}/f$. The score in $f$ is $(P-f)/f^2$.

# %%
P, f_ = sp.symbols("P f", positive=True)
step("The score.", sp.Derivative(-sp.log(f_) - P / f_, f_), (P - f_) / f_**2)

# %%
step("Its mean square.", sp.Integral(((P - f_) / f_**2) ** 2 * sp.exp(-P / f_) / f_, (P, 0, sp.oo)), f_**-2)

# %%
conclude("sobolev.fisher-whittle", f_**-2)

# %%
conclude("jo2026.constant-metric", f_**-2, refutes=True)

# %% [markdown]
# This is the Hessian of $-\log f$ (Burg), and it changes with $f$. The mirror step of $-\log f$ and the natural step:

# %%
mirror, natural = 1 / (1 / f_ + eta * g), f_ - eta * f_**2 * g
step("They part at second order in the step.", natural - mirror, -(eta**2) * f_**3 * g**2 / (1 + eta * f_ * g))

# %%
conclude("jo2026.identical-updates.curved.precise", mirror - eta**2 * f_**3 * g**2 / (1 + eta * f_ * g), of=natural)

# %% [markdown]
# So *equal symbols* has to mean: equal at every point, which for a quadratic mirror map makes the Fisher metric
# constant.
#
# ## The Sobolev mirror map
#
# $\varphi(f) = \frac12 w|f|^2$ in every mode, $w = (\kappa^2+\xi^2)^t$. Its step minimises
# $gy + \frac{w}{2\eta}(y-f)^2$.

# %%
w = (kappa**2 + xi**2) ** t
target = f - eta * g / w
objective = g * y + w * (y - f) ** 2 / (2 * eta)
step("The objective is stationary at $f - \\eta g/w$,", sp.Derivative(objective, y).doit().subs(y, target))

# %%
step("and exceeds its value there by a square.", objective,
     objective.subs(y, target) + w / (2 * eta) * (y - target) ** 2)

# %%
conclude("jo2026.sobolev-update", g * f - eta * g**2 / (2 * w), of=objective)

# %%
step("The conjugate: complete the square.", y * g - w * y**2 / 2, g**2 / (2 * w) - w / 2 * (y - g / w) ** 2)

# %% [markdown]
# ## Identical updates
#
# The natural step is $f - \eta_F g/m_F$. If $m_F = c\,w$ then it is the Sobolev step with $\eta_S = \eta_F/c$:

# %%
conclude("jo2026.identical-updates.precise", f - eta_F * g / (c * w), of=f - eta_F / c * g / w)

# %% [markdown]
# Conversely let two modes have the gradient $g_1, g_2$ and the symbols $a_i$ (Fisher), $b_i$ (Sobolev). The distance of
# the two steps is a quadratic in $\eta_S$.

# %%
a1, a2, b1, b2 = sp.symbols("a_1 a_2 b_1 b_2", positive=True)
g1, g2 = sp.symbols("g_1 g_2", positive=True)
distance = (eta_S * g1 / b1 - eta_F * g1 / a1) ** 2 + (eta_S * g2 / b2 - eta_F * g2 / a2) ** 2
norm = (g1 / b1) ** 2 + (g2 / b2) ** 2
best = eta_F * (g1**2 / (a1 * b1) + g2**2 / (a2 * b2)) / norm
step("It is least here,", sp.Derivative(distance, eta_S).doit().subs(eta_S, best))

# %%
least = (eta_F * g1 * g2 * (1 / (a1 * b2) - 1 / (a2 * b1))) ** 2 / norm
step("with this value", distance.subs(eta_S, best), least)

# %%
conclude("jo2026.identical-updates.only-if", least, of=distance)

# %% [markdown]
# which is 0 if and only if $a_1/b_1 = a_2/b_2$. A linear loss with these two modes exists, so updates that agree for
# every loss have $m_F/m_S$ constant, and $\eta_S$ is fixed. If only some modes are ever excited, the ratio matters on
# those alone.
#
# ## When the symbols differ
#
# On the quadratic loss with the symbol $m$ a Sobolev step multiplies the error by $1-\eta m/w$.

# %%
m, a, b_ = sp.symbols("m a b", positive=True)
f_star = sp.Symbol("f_*", real=True)
conclude("sobolev.error-factor", (1 - eta * m / w) * (f - f_star),
         of=f - eta / w * sp.Derivative(m * (f - f_star) ** 2 / 2, f) - f_star)

# %% [markdown]
# Let the range of $m/w$ be $[a, b]$. The square of $1-\eta x$ is convex in $x$, so the ends decide:

# %%
share = sp.Symbol("s", nonnegative=True)
between = (1 - eta * ((1 - share) * a + share * b_)) ** 2
step("Below the chord by a product that is not negative.", between,
     (1 - share) * (1 - eta * a) ** 2 + share * (1 - eta * b_) ** 2 - share * (1 - share) * eta**2 * (b_ - a) ** 2)

# %%
conclude("sobolev.contraction-factor", (1 - share) * (1 - eta * a) ** 2 + share * (1 - eta * b_) ** 2, of=between)

# %% [markdown]
# Of $1-\eta a$ and $\eta b-1$ the average with the weights $b/(a+b)$ and $a/(a+b)$ does not depend on $\eta$:

# %%
step("It is the optimal rate.", b_ / (a + b_) * (1 - eta * a) + a / (a + b_) * (eta * b_ - 1), (b_ - a) / (a + b_))

# %%
conclude("sobolev.optimal-rate", (b_ - a) / (a + b_))

# %%
step("Both are equal at $\\eta = 2/(a+b)$.", 1 - 2 * a / (a + b_), 2 * b_ / (a + b_) - 1)

# %%
conclude("sobolev.optimal-step", (b_ - a) / (b_ + a))

# %% [markdown]
# ## Does the rate depend on the grid?
#
# The range of $m_F/m_S$ on a grid reaches from $\xi=0$ to the highest frequency $\pi N/L$. With orders $t_F$, $t_S$:

# %%
kappa_F, kappa_S, t_F, t_S = sp.symbols("kappa_F kappa_S t_F t_S", positive=True)
order_one = (kappa_F**2 + xi**2) / (kappa_S**2 + xi**2)
step("for equal orders the base has the slope (in $\\xi$) of one sign,", sp.Derivative(order_one, xi),
     -2 * xi * (kappa_F**2 - kappa_S**2) / (kappa_S**2 + xi**2) ** 2)

# %%
step("and tends to 1, from its value at 0.", order_one, 1 + (kappa_F**2 - kappa_S**2) / (kappa_S**2 + xi**2))

# %%
conclude("sobolev.equal-orders", (kappa_F / kappa_S) ** (2 * t_F))

# %%
excess = (kappa_S**2 + xi**2) ** (t_F - t_S) * order_one**t_F
conclude("sobolev.orders-differ", excess)

# %% [markdown]
# The second factor is bounded on both sides, the first is not unless $t_F=t_S$. For equal $\kappa$ exactly:

# %%
points, length = sp.Symbol("N", integer=True, positive=True), sp.Symbol("L", positive=True)
highest = sp.pi * points / length
step("from the lowest frequency to the highest,", (kappa**2 + highest**2) / kappa**2, 1 + (highest / kappa) ** 2)

# %%
conclude("sobolev.condition-growth", (1 + (highest / kappa) ** 2) ** (t_F - t_S))

# %%
growth = 1 / points**2 + (sp.pi / (kappa * length)) ** 2
step("so the base grows like $N^2$, with the constant $(\\pi/(\\kappa L))^2$.",
     sp.Limit(growth, points, sp.oo), (sp.pi / (kappa * length)) ** 2)

# %% [markdown]
# The plain gradient is $t_S=0$. A Sobolev metric of order $t_S$ is no worse iff $|t_F-t_S|\le t_F$:

# %%
step("Squares of the exponents.", t_F**2 - (t_F - t_S) ** 2, t_S * (2 * t_F - t_S))

# %%
conclude("jo2026.any-order-helps.precise", (1 + xi**2 / kappa**2) ** t_F)

# %% [markdown]
# And of the right order it is good, not best. For the symbol $1+\xi^4$:

# %%
step("the quotient of the two norms stays below 2.", 2 - (1 + xi**2) ** 2 / (1 + xi**4), (1 - xi**2) ** 2 / (1 + xi**4))

# %%
conclude("jo2026.canonical-preconditioner.precise", sp.Integer(2), of=(1 + xi**2) ** 2 / (1 + xi**4))

# %%
step("2 is attained, so the claim with 1 is false.", ((1 + xi**2) ** 2 / (1 + xi**4)).subs(xi, 1), sp.Integer(2))

# %% [markdown]
# ## Filters
#
# A filter $0<\varphi$ on $g/m$ is the inverse of $m/\varphi$. A truncation has $\varphi=0$, so no $m$ with
# $m\varphi=1$: it is a limit. With $\xi = ce^{\delta}$ the filter $1/(1+(\xi/c)^{2p})$ is $1/(1+e^{2p\delta})$,
# and below the cutoff

# %%
order = sp.Symbol("p", integer=True, positive=True)
delta = sp.Symbol("delta", positive=True)
step("the distance from 1 is the distance from 0 above it,", 1 - 1 / (1 + sp.exp(-2 * order * delta)),
     1 / (1 + sp.exp(2 * order * delta)))

# %%
step("which is below $e^{-2p\\delta}$.", sp.exp(-2 * order * delta) - 1 / (1 + sp.exp(2 * order * delta)),
     sp.exp(-2 * order * delta) / (1 + sp.exp(2 * order * delta)))

# %%
conclude("jo2026.truncation.precise", sp.exp(-2 * order * delta), of=1 / (1 + sp.exp(2 * order * delta)))

# %% [markdown]
# Gradient descent from 0 on $\frac12\lambda(u-u_*)^2$ has after $k$ steps the error $(1-\eta\lambda)^k$:

# %%
lam = sp.Symbol("lambda", positive=True)
K, i = sp.Symbol("k", integer=True, positive=True), sp.Symbol("j", integer=True, nonnegative=True)
done = 1 - (1 - eta * lam) ** i
step("one more step adds the next term,", done.subs(i, i + 1) - done, eta * lam * (1 - eta * lam) ** i)

# %%
conclude("sobolev.filter-landweber", done.subs(i, K), of=eta * lam * sp.Sum((1 - eta * lam) ** i, (i, 0, K - 1)))

# %% [markdown]
# a metric $\lambda/(1-(1-\eta\lambda)^k)$ if $0<\eta\lambda<2$. The heat filter $e^{-\tau\xi^2}$ is the inverse of a
# metric of infinite order, and the limit of Bessel potentials. With $z=\tau\xi^2$, the logarithm of their quotient is

# %%
zeta = sp.Symbol("x", nonnegative=True)
gap = zeta - K * sp.log(1 + zeta / K)
step("increasing from 0,", sp.Derivative(gap, zeta), zeta / (K + zeta))

# %%
step("and below $z^2/(2k)$.", sp.Derivative(zeta**2 / (2 * K) - gap, zeta), zeta**2 / (K * (K + zeta)))

# %%
conclude("sobolev.filter-heat-limit", (1 + zeta / K) ** (-K), of=sp.exp(-zeta))

# %%
conclude("sobolev.filter-heat-rate", sp.exp(-zeta + zeta**2 / (2 * K)), of=(1 + zeta / K) ** (-K))
