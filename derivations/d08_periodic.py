# %% [markdown]
# # Around the circle: images, hyperbolic functions, Bernoulli polynomials
#
# On a circle of length $L$ only the frequencies $\xi_k = 2\pi k/L$ are left, and the kernel of the weight
# $(\kappa^2+\xi^2)^t$ is a sum instead of an integral,
# $$d(x) = \frac1L\sum_k \frac{e^{i\xi_kx}}{(\kappa^2+\xi_k^2)^t}.$$
# Another way to put a kernel on a circle is to wind the line around it and to add what comes to lie on the same
# point, $\sum_m d_{\mathbb R}(x+mL)$. Poisson says that these are the same. Here $0\le x\le L$.

# %%
import sympy as sp
from steps import conclude, step

x, L, kappa, t, s, v, xi, h = sp.symbols("x L kappa t s v xi h", positive=True)
A, k = sp.symbols("A k", integer=True, positive=True)
m = sp.Symbol("m", integer=True, nonnegative=True)
q, y, u = sp.symbols("q y u", positive=True)
xi_k = 2 * sp.pi * k / L

# %% [markdown]
# ## Poisson: a coefficient of the wound kernel is an integral over the whole line
#
# The $k$-th Fourier coefficient of $\sum_m g(x+mL)$ is $\frac1L\int_0^L\sum_m g(x+mL)e^{-i\xi_kx}\,dx$. Since
# $e^{-i\xi_k mL}=1$, the pieces fit together to $\frac1L\int_{\mathbb R} g(x)e^{-i\xi_kx}\,dx$. For a heat kernel:

# %%
heat = sp.exp(-(v**2) / (4 * s)) / sp.sqrt(4 * sp.pi * s)
step("The wave does not notice a whole turn.", sp.exp(-sp.I * xi_k * (x + m * L)), sp.exp(-sp.I * xi_k * x))

# %%
step("Complete the square: the line of integration moves by $2is\\xi$, where nothing stands in its way.",
     heat * sp.exp(-sp.I * xi * v),
     sp.exp(-s * xi**2) * sp.exp(-((v + 2 * sp.I * s * xi) ** 2) / (4 * s)) / sp.sqrt(4 * sp.pi * s))

# %%
step("The mass of a heat kernel is 1.", 2 * sp.Integral(heat, (v, 0, sp.oo)), sp.Integer(1))

# %%
conclude("sobolev.theta-poisson",
         1 / L + 2 / L * sp.Sum(sp.exp(-s * xi_k**2) * sp.cos(xi_k * x), (k, 1, sp.oo)))

# %% [markdown]
# The kernel itself is a mixture of heat kernels, with the weight $s^{t-1}e^{-s\kappa^2}/\Gamma(t)$. So its coefficients
# are mixtures of $e^{-s\xi_k^2}$:

# %%
rate = sp.Symbol("rate", positive=True)
step("Euler's integral, at the rate $\\kappa^2+\\xi^2$: the weight comes back, for every real order.",
     sp.Integral(s ** (t - 1) * sp.exp(-rate * s), (s, 0, sp.oo)) / sp.gamma(t), rate**-t)

# %% [markdown]
# ## Order 1: a geometric sum
#
# On the line $d_{\mathbb R}(r)=e^{-\kappa r}/(2\kappa)$ (`bai2022.lemma9`). The images to the right of $x$ stand at
# the distances $x, x+L, \dots$, those to the left at $L-x, 2L-x, \dots$. Each row is geometric with the ratio
# $q = e^{-\kappa L}$.

# %%
step("The sum of a geometric series is what it is plus its first term.", 1 + q / (1 - q), 1 / (1 - q))

# %%
row = (sp.exp(-kappa * x) + sp.exp(-kappa * (L - x))) / (2 * kappa) / (1 - sp.exp(-kappa * L))
one = sp.cosh(kappa * (L / 2 - x)) / (2 * kappa * sp.sinh(kappa * L / 2))
step("Multiply numerator and denominator by $e^{\\kappa L/2}$.", row.rewrite(sp.exp),
     ((sp.exp(kappa * (L / 2 - x)) + sp.exp(-kappa * (L / 2 - x))) / 2
      / (2 * kappa * (sp.exp(kappa * L / 2) - sp.exp(-kappa * L / 2)) / 2)))

# %%
conclude("sobolev.periodic-images-1", one)

# %%
conclude("sobolev.periodic-order-1", one)

# %% [markdown]
# Without images: on $(0,L)$ it solves the equation, and at the point its slope jumps by 1.

# %%
step("$(\\kappa^2-d^2/dx^2)\\,d=0$ away from the point.", kappa**2 * one, sp.Derivative(one, (x, 2)))

# %%
step("The slope, to the right of the point.", -2 * sp.Derivative(one, x),
     sp.sinh(kappa * (L / 2 - x)) / sp.sinh(kappa * L / 2))

# %%
conclude("sobolev.periodic-green-jump", sp.sinh(kappa * (L / 2 - x)) / sp.sinh(kappa * L / 2))

# %% [markdown]
# ## Higher orders: differentiate in $\kappa^2$

# %%
mode = (kappa**2 + xi**2) ** -t
step("$\\partial/\\partial(\\kappa^2) = \\frac1{2\\kappa}\\,\\partial/\\partial\\kappa$ raises the order by 1.",
     -sp.Derivative(mode, kappa) / (2 * t * kappa), (kappa**2 + xi**2) ** (-t - 1))

# %%
conclude("sobolev.periodic-raising", (kappa**2 + xi**2) ** (-t - 1))

# %%
C, S = sp.coth(kappa * L / 2), sp.sinh(kappa * L / 2)
z = L / 2 - x
two = ((1 / (4 * kappa**3) + L * C / (8 * kappa**2)) * sp.cosh(kappa * z) - z * sp.sinh(kappa * z) / (4 * kappa**2)) / S
step("Order 2. With $z=L/2-x$ and $C=\\coth(\\kappa L/2)$ there is a multiple of $\\cosh$ and one of $z\\sinh$.",
     -sp.Derivative(one, kappa) / (2 * kappa), two)

# %%
conclude("sobolev.periodic-order-2", two)

# %% [markdown]
# ## $\kappa\to0$: Bernoulli polynomials
#
# The mean, $1/(L\kappa^2)$, goes to infinity; what is left has a limit.

# %%
bernoulli = L / 2 * ((x / L) ** 2 - x / L + sp.Rational(1, 6))
step("Without its mean the kernel of order 1 tends to $\\frac L2B_2(x/L)$.",
     sp.Limit(one - 1 / (L * kappa**2), kappa, 0), bernoulli)

# %%
conclude("sobolev.bernoulli-kernel-1", bernoulli)

# %%
step("How fast, mode by mode: the difference of two modes is one mode of both.",
     1 / xi**2 - 1 / (kappa**2 + xi**2), kappa**2 / (xi**2 * (kappa**2 + xi**2)))

# %%
conclude("sobolev.periodic-small-kappa", bernoulli - one + 1 / (L * kappa**2))

# %% [markdown]
# From one order to the next: $-d''_{A+1}=d_A$, and the mean is zero. Bernoulli polynomials are made for that.

# %%
quartic = -(L**3) / 24 * ((x / L) ** 4 - 2 * (x / L) ** 3 + (x / L) ** 2 - sp.Rational(1, 30))
step("Two derivatives of $B_4$ give $12\\,B_2$.", -sp.Derivative(quartic, (x, 2)), bernoulli)

# %%
step("Its mean is zero.", sp.Integral(quartic, (x, 0, L)))

# %%
conclude("sobolev.bernoulli-kernel-2", quartic)

# %% [markdown]
# ## $L\to\infty$: how fast the circle becomes a line
#
# Leave out the nearest image. For order 1 the others are again two geometric series.

# %%
rest = (sp.exp(-kappa * x) + sp.exp(kappa * x)) / (2 * kappa) * q / (1 - q)
step("The difference of circle and line, exactly.", rest.subs(q, sp.exp(-kappa * L)),
     (sp.exp(kappa * x) + sp.exp(-kappa * x)) / 2 / (kappa * (sp.exp(kappa * L) - 1)))

# %%
conclude("sobolev.period-to-infinity", sp.cosh(kappa * x) / (kappa * (sp.exp(kappa * L) - 1)))

# %% [markdown]
# For other orders a bound does. In the exponent of the mixture complete another square, with any $0\le c<1$:

# %%
r, c = sp.symbols("r c", positive=True)
step("What is left besides $e^{-c\\kappa r}$ is the exponent of a heat mixture at the point, with $\\kappa^2(1-c^2)$.",
     r**2 / (4 * s) + s * kappa**2,
     c * kappa * r + s * kappa**2 * (1 - c**2) + (r / (2 * sp.sqrt(s)) - c * kappa * sp.sqrt(s)) ** 2)

# %% [markdown]
# The square only makes the integrand smaller: $d_{\mathbb R}(r) \le (1-c^2)^{-\nu}e^{-c\kappa r}d_{\mathbb R}(0)$
# (`sobolev.exponential-bound`), in every dimension and for every order. The images beyond any place are then at
# most a geometric series (`sobolev.image-tail`), and that tells how many of them are to be added.
#
# ## On a grid
#
# Sample the kernel of the line with the spacing $h$ and transform the samples: again two geometric series.

# %%
step("The spectrum of the samples, with $q=e^{-\\kappa h}$ and $u = e^{ih\\xi}$.",
     1 + q * u / (1 - q * u) + q / u / (1 - q / u), (1 / q - q) / (1 / q + q - u - 1 / u))

# %%
conclude("sobolev.periodic-aliasing", h / (2 * kappa) * sp.sinh(kappa * h) / (sp.cosh(kappa * h) - sp.cos(h * xi)))

# %%
step("At the highest frequency of the grid the samples see $\\pi^2/4$ times $1/\\xi^2$ as $\\kappa\\to0$.",
     sp.Limit(h / (2 * kappa) * sp.sinh(kappa * h) / (sp.cosh(kappa * h) + 1), kappa, 0) * (sp.pi / h) ** 2,
     sp.pi**2 / 4)
