# %% [markdown]
# # Multipliers: from plane waves to what a grid can see
#
# An operator that commutes with translations is diagonal in plane waves, and its eigenvalues are its symbol
# $m(\xi)$. Everything that one does with such operators is arithmetic of numbers, one frequency at a time. A grid
# has finitely many frequencies, and the second half says what that costs.

# %%
import sympy as sp
from steps import conclude, step

x, y, a, b = sp.symbols("x y a b", real=True)
xi, xi_1, xi_2, eta = sp.symbols("xi xi_1 xi_2 eta", real=True)
kappa, t, u, v, r, h, lam, c, theta = sp.symbols("kappa t u v r h lambda c theta", positive=True)
order, power = sp.symbols("order power", real=True)
N, K, n = sp.symbols("N K n", integer=True, positive=True)
j, k = sp.symbols("j k", integer=True, nonnegative=True)

# %% [markdown]
# ## Plane waves
#
# Each derivative of a wave brings down its frequency, twice differentiated with a minus sign.

# %%
wave = sp.cos(xi_1 * x + xi_2 * y + a)
step("In $x$,", -sp.Derivative(wave, (x, 2)), xi_1**2 * wave)

# %%
step("and in $y$.", -sp.Derivative(wave, (y, 2)), xi_2**2 * wave)

# %%
square = xi_1**2 + xi_2**2
conclude("sobolev.symbol-plane-wave", (kappa**2 + square) * (kappa**2 + square) ** order * wave)

# %% [markdown]
# That is one step of an induction: the factor $(\kappa^2+|\xi|^2)^t$ in front of the wave becomes
# $(\kappa^2+|\xi|^2)^{t+1}$, whatever $t$ was. Upwards from $t=0$ it gives every integer power of $\kappa^2-\Delta$,
# downwards their inverses.

# %%
wave = sp.cos(xi * x + a)
step("The inverse, on a wave.", kappa**2 * wave / (kappa**2 + xi**2) - sp.Derivative(wave / (kappa**2 + xi**2), (x, 2)),
     (kappa**2 + xi**2) * wave / (kappa**2 + xi**2))

# %%
conclude("sobolev.symbol-inverse", wave)

# %%
conclude("sobolev.symbol-composition", (kappa**2 + xi**2) ** (order + power))

# %% [markdown]
# ## Fractional powers
#
# What is $(\kappa^2-\Delta)^{1/2}$, if not a notation? It can be made of operators that need no Fourier transform: of
# resolvents, or of the heat flow. Let $a = \kappa^2+\xi^2$ be the symbol.

# %%
base = sp.Symbol("a", positive=True)
step("With $\\lambda = av$ the symbol comes out of Balakrishnan's integral.",
     sp.Integral(lam ** (t - 1) * base / (lam + base), (lam, 0, sp.oo)),
     base**t * sp.Integral(v ** (t - 1) / (1 + v), (v, 0, sp.oo)), substitute=(base * v, v))

# %%
step("What is left is the Beta function $\\mathrm{B}(t,1-t)$, for $0<t<1$, and the reflection formula names it.",
     sp.gamma(t) * sp.gamma(1 - t), sp.pi / sp.sin(sp.pi * t))

# %%
conclude("sobolev.symbol-balakrishnan", (kappa**2 + xi**2) ** t)

# %% [markdown]
# The heat flow enters as $1-e^{-va}$, which vanishes at $v=0$ fast enough for $v^{-1-t}$. Integration by parts leaves
# Euler's integral; the boundary term is $(1-e^{-va})v^{-t}/t$, zero at both ends.

# %%
bracket = -(1 - sp.exp(-base * v)) * v ** (-t) / t
step("The difference of the integrands is the derivative of the boundary term.",
     (1 - sp.exp(-base * v)) * v ** (-1 - t) - base * sp.exp(-base * v) * v ** (-t) / t, sp.Derivative(bracket, v))

# %%
step("Euler's integral, with $t/\\Gamma(1-t)$ in front.",
     t / sp.gamma(1 - t) * base / t * sp.gamma(1 - t) * base ** (t - 1), base**t)

# %%
conclude("sobolev.symbol-subordination", (kappa**2 + xi**2) ** t)

# %% [markdown]
# ## Kernels of symbols
#
# A multiplier is the convolution with the inverse transform of its symbol. Three of them in closed form: the heat flow,
# the low-pass, and the inverse of $\kappa^2-d^2/dx^2$.

# %%
heat = (4 * sp.pi * t) ** sp.Rational(-1, 2) * sp.exp(-(x**2) / (4 * t))
step("Complete the square: $-x^2/4t - ix\\xi = -(x+2it\\xi)^2/4t - t\\xi^2$.",
     -((x + 2 * sp.I * t * xi) ** 2) / (4 * t) - t * xi**2, -(x**2) / (4 * t) - sp.I * x * xi)

# %%
step("The Gaussian has mass 1.", sp.Integral(heat, (x, -sp.oo, sp.oo)), sp.Integer(1))

# %%
conclude("sobolev.symbol-heat", sp.exp(-t * xi**2))

# %%
conclude("sobolev.symbol-heat-semigroup", sp.exp(-(t + u) * xi**2))

# %%
conclude("sobolev.symbol-low-pass", (sp.sin(c * r) - sp.sin(-c * r)) / (2 * sp.pi * r))

# %% [markdown]
# For the Green's function close the path of $\frac1\pi\int_0^\infty \frac{\cos \xi r}{\kappa^2+\xi^2}d\xi =
# \frac1{2\pi}\int_{\mathbb R}\frac{e^{i\xi r}}{\kappa^2+\xi^2}d\xi$ in the upper half-plane, around the pole $i\kappa$.

# %%
z = sp.Symbol("z")
regular = sp.exp(sp.I * z * r) / (z + sp.I * kappa)
green = sp.exp(-kappa * r) / (2 * kappa)
step("$2\\pi i$ times the residue, over $2\\pi$.", sp.I * regular.subs(z, sp.I * kappa), green)

# %%
conclude("sobolev.symbol-green-1", green)

# %% [markdown]
# Higher orders come by differentiating in $\kappa$, under an integral that converges absolutely:
# $-\frac1{2t\kappa}\frac{d}{d\kappa}$ raises the power $t$ of the denominator by one.

# %%
step("One power more.", -sp.Derivative((kappa**2 + xi**2) ** (-order), kappa) / (2 * order * kappa),
     (kappa**2 + xi**2) ** (-order - 1))

# %%
second = -sp.diff(green, kappa) / (2 * kappa)
conclude("sobolev.symbol-green-2", second)

# %%
conclude("sobolev.symbol-green-3", -sp.diff(second, kappa) / (4 * kappa))

# %% [markdown]
# Off the origin $G''=\kappa^2G$, and the slope of $G(|x|)$ jumps by $2G'(0+)=-1$: that is the unit mass.

# %%
step("$G'' = \\kappa^2 G$.", sp.Derivative(green, (r, 2)), kappa**2 * green)

# %%
step("The jump.", 2 * sp.diff(green, r).subs(r, 0), sp.Integer(-1))

# %%
conclude("sobolev.symbol-green-weak", sp.exp(-((x - a) ** 2)))

# %% [markdown]
# ## A grid's waves
#
# On $N$ points a wave is a geometric sequence, and its sum telescopes.

# %%
step("A difference.", 2 * sp.sin(theta / 2) * sp.cos(j * theta + a),
     sp.sin((j + sp.Rational(1, 2)) * theta + a) - sp.sin((j - sp.Rational(1, 2)) * theta + a))

# %%
step("Its two ends.", sp.sin((N - sp.Rational(1, 2)) * theta + a) - sp.sin(a - theta / 2),
     2 * sp.sin(N * theta / 2) * sp.cos((N - 1) * theta / 2 + a))

# %%
dirichlet = sp.sin(N * theta / 2) * sp.cos((N - 1) * theta / 2 + a) / sp.sin(theta / 2)
conclude("sobolev.grid-geometric", dirichlet)

# %% [markdown]
# At $\theta = 2\pi m/N$ the numerator is $\sin \pi m = 0$. If $m$ is no multiple of $N$ the denominator is not, and
# the sum vanishes. If it is, every term is the first one.

# %%
conclude("sobolev.grid-aliasing", sp.cos(2 * sp.pi * k * j / N + a))

# %%
step("So the mean of a product of two waves of one frequency below Nyquist is half the constant part,",
     sp.cos(theta * j + a) * sp.cos(theta * j + b), sp.cos(a - b) / 2 + sp.cos(2 * theta * j + a + b) / 2)

# %%
conclude("sobolev.grid-orthogonality", 2 * sp.cos(a - b) / 2)

# %%
conclude("sobolev.grid-trapezoid", sp.Integer(1))

# %% [markdown]
# The DFT therefore finds the coefficients of trigonometric polynomials of degree below $N/2$ exactly, and multiplying
# them by $m(\xi)$ is the operator itself: `sobolev.grid-exact`. A product of fields has the sum of their degrees. The
# cube of a field of degree $K$ has $3K$, and after aliasing $3K-N$ must stay below $-K$ for the modes up to $K$ to be
# right: $N > 4K$.

# %%
step("The cube, tested against the wave.", sp.cos(theta) ** 4,
     sp.Rational(3, 8) + sp.cos(2 * theta) / 2 + sp.cos(4 * theta) / 8)

# %%
conclude("sobolev.grid-cubic", 2 * sp.Rational(3, 8))

# %%
conclude("sobolev.grid-cubic-aliased", 2 * (sp.Rational(3, 8) + sp.Rational(1, 8)))

# %% [markdown]
# ## The mode that is its own opposite
#
# For even $N$ the grid holds $\cos(\pi x/h) = (-1)^j$ but not $\sin(\pi x/h)$. Its interpolant shares one coefficient
# between $\xi = \pi/h$ and $-\pi/h$, and what an operator makes of it is seen only where the grid looks.

# %%
nyquist = sp.cos(sp.pi * x / h) * sp.cos(eta * y + a)
step("The mixed derivative turns cosines into sines,", sp.Derivative(nyquist, x, y),
     sp.pi * eta / h * sp.sin(sp.pi * x / h) * sp.sin(eta * y + a))

# %%
step("which vanish at every grid point $x = jh$.", 1 + sp.sin(sp.pi * j * h / h), sp.Integer(1))

# %%
A, B, C = sp.symbols("A B C", real=True)
conclude("sobolev.grid-nyquist", (A * sp.pi**2 / h**2 + C * eta**2) * (-1) ** j * sp.cos(eta * y + a))

# %% [markdown]
# ## Sampling a kernel is not sampling its symbol
#
# $h\sum_n G(nh)e^{-i\xi nh}$ looks like the Fourier integral of $G$. It is a geometric series on either side.

# %%
q = sp.exp(-kappa * h + sp.I * xi * h)
step("The two series, $|q|<1$, on one denominator.",
     (1 - q) * (1 - sp.conjugate(q)) * (1 + q / (1 - q) + sp.conjugate(q) / (1 - sp.conjugate(q))),
     1 - q * sp.conjugate(q))

# %%
step("The denominator.", (1 - q) * (1 - sp.conjugate(q)) * sp.exp(kappa * h) / 2,
     sp.cosh(kappa * h) - (sp.exp(sp.I * xi * h) + sp.exp(-sp.I * xi * h)) / 2)

# %%
step("And the numerator is a hyperbolic sine.", (1 - q * sp.conjugate(q)) * sp.exp(kappa * h) / 2,
     (sp.exp(kappa * h) - sp.exp(-kappa * h)) / 2)

# %%
closed = h / (2 * kappa) * sp.sinh(kappa * h) / (sp.cosh(kappa * h) - sp.cos(xi * h))
conclude("sobolev.grid-aliased-symbol", closed)

# %% [markdown]
# The same function is the sum of $1/(\kappa^2+\xi^2)$ over all aliases, by partial fractions and the cotangent's
# series; and the periodic kernel of order 1, sampled, has it exactly.

# %%
conclude("sobolev.periodic-aliasing", closed)

# %%
conclude("sobolev.grid-periodic-symbol", closed.subs(xi, 2 * sp.pi * k / (N * h)))

# %%
step("As $h\\to0$ it becomes the symbol.", sp.Limit(closed, h, 0), 1 / (kappa**2 + xi**2))

# %%
step("At $\\xi=0$ and $\\kappa h=1$ it is larger by the factor $\\frac12\\coth\\frac12$, about 1.08.",
     closed.subs({xi: 0, h: 1, kappa: 1}).rewrite(sp.exp), (sp.E + 1) / (2 * (sp.E - 1)))
