# %% [markdown]
# # From $n$ dimensions to one
#
# The kernel of $H^{s/2}(\mathbb{R}^n)$, weight $(1+|\xi|^2)^{s/2}$, is
# $$d(r) = \frac{1}{(2\pi)^n}\int_{\mathbb{R}^n} \frac{e^{i(x-y)\cdot\xi}}{(1+|\xi|^2)^{s/2}}\,d\xi,
# \qquad r = |x-y|, \quad s > n.$$
# Bai, Rosenberg & Xu (2022), display (35), integrate out all directions but that of $x-y$. What remains is
# the integral of Lemma 9 times a number. The number is found here exactly, and with it the constant
# $C_{n,s}$.

# %%
import sympy as sp
from d01_lemma9_by_residues import d as line_kernel
from d01_lemma9_by_residues import r
from steps import conclude, step

A = sp.Symbol("A", integer=True, positive=True)
n = sp.Symbol("n", integer=True, positive=True)
s, tau, q, rho, h = sp.symbols("s tau q rho h", positive=True)
t, phi = sp.symbols("t phi", real=True)

# %% [markdown]
# ## Rotation
#
# A rotation $B$ that takes $e_n$ to $(x-y)/r$ may be chosen to act in the plane of these two vectors only. In
# an orthonormal basis of that plane whose last vector is $e_n$, $x-y = r(\sin\varphi, \cos\varphi)$.

# %%
B = sp.ImmutableMatrix([[sp.cos(phi), sp.sin(phi)], [-sp.sin(phi), sp.cos(phi)]])
difference = sp.ImmutableMatrix([r * sp.sin(phi), r * sp.cos(phi)])
step("$B$ keeps lengths.", sp.MatMul(B.T, B), sp.eye(2))

# %%
step("Its determinant is 1, so $d\\xi$ does not change.", B.det(), sp.Integer(1))

# %%
step("It turns $x-y$ into $r\\,e_n$.", sp.MatMul(B.T, difference), sp.ImmutableMatrix([0, r]))

# %% [markdown]
# ## Splitting and scaling
#
# Write $\xi = (\eta, t)$ with $t = \xi_n$ and $\eta\in\mathbb{R}^{n-1}$. For $s>n$ everything converges
# absolutely, so Fubini allows integrating over $\eta$ first. The substitution $\eta = \sqrt{1+t^2}\,u$ has
# the Jacobian $(1+t^2)^{(n-1)/2}$, and the two variables part.

# %%
u = q  # |u|
step("With $|u| = q$: the integrand is a product.",
     (1 + t**2 + (sp.sqrt(1 + t**2) * u) ** 2) ** (-s / 2) * (1 + t**2) ** ((n - 1) / sp.Integer(2)),
     (1 + t**2) ** (-s / 2 + (n - 1) / sp.Integer(2)) * (1 + u**2) ** (-s / 2))

# %% [markdown]
# The exponent of $1+t^2$ is $-A$ with $A = (s-n+1)/2$. (The source allows itself $A>1$ only, that is
# $s>n+1$. In fact $A > 1/2$, that is $s>n$, is enough for absolute convergence.)

# %%
order = n + 2 * A - 1
step("The exponent, for $s = n+2A-1$.", sp.Subs(-s / 2 + (n - 1) / sp.Integer(2), s, order), -A)

# %% [markdown]
# ## The sphere
#
# The volume of $S^{m-1}$ follows from the Gaussian on $\mathbb{R}^m$, whose integral is a power of a known
# one: $\pi^{m/2} = \mathrm{vol}(S^{m-1})\int_0^\infty e^{-q^2} q^{m-1}\,dq$. Here $m = n-1$.

# %%
step("The radial Gaussian integral.", sp.Integral(sp.exp(-(q**2)) * q ** (n - 2), (q, 0, sp.oo)),
     sp.gamma((n - 1) / sp.Integer(2)) / 2)

# %%
sphere = 2 * sp.pi ** ((n - 1) / sp.Integer(2)) / sp.gamma((n - 1) / sp.Integer(2))
step("Hence the volume of $S^{n-2}$ for $n\\ge2$.",
     sp.pi ** ((n - 1) / sp.Integer(2)) / (sp.gamma((n - 1) / sp.Integer(2)) / 2), sphere)

# %%
step("For $n=2$ it counts the two points of $S^0$.", sp.Subs(sphere, n, 2), sp.Integer(2))

# %% [markdown]
# ## The radial integral
#
# $M = \int_0^\infty (1+q^2)^{-s/2} q^{n-2}\,dq$ is half of the Beta function $B(\frac{n-1}2, \frac{s-n+1}2)$.
# Instead of quoting that, replace the power by exponentials,
# $$(1+q^2)^{-s/2} = \frac{1}{\Gamma(s/2)}\int_0^\infty \tau^{s/2-1} e^{-\tau(1+q^2)}\,d\tau,$$
# and integrate over $q$ first (all is positive): three gamma integrals.

# %%
b = sp.Symbol("b", positive=True)  # stands for 1 + q²
step("The power as a mixture of exponentials, with $b = 1+q^2$.",
     sp.Integral(tau ** (s / 2 - 1) * sp.exp(-tau * b), (tau, 0, sp.oo)) / sp.gamma(s / 2),
     b ** (-s / 2))

# %%
over_q = sp.gamma((n - 1) / sp.Integer(2)) / (2 * tau ** ((n - 1) / sp.Integer(2)))
step("The integral over $q$.",
     sp.Integral(sp.exp(-tau * q**2) * q ** (n - 2), (q, 0, sp.oo)), over_q)

# %%
radial = sp.gamma((n - 1) / sp.Integer(2)) * sp.gamma((s - n + 1) / 2) / (2 * sp.gamma(s / 2))
step("The integral over $\\tau$; it converges for $s > n-1$.",
     sp.Integral(tau ** (s / 2 - 1) * sp.exp(-tau) * over_q, (tau, 0, sp.oo)) / sp.gamma(s / 2),
     radial)

# %%
step("In other words, half a Beta function.",
     radial, sp.beta((n - 1) / sp.Integer(2), (s - n + 1) / 2) / 2)

# %%
moment = sp.Integral((1 + q**2) ** (-s / 2) * q ** (n - 2), (q, 0, sp.oo))
conclude("sobolev.radial-moment", radial, of=moment)

# %% [markdown]
# ## The last line of (35)
#
# Together: the integral over $\mathbb{R}^n$ is a one-dimensional Fourier integral times $M$ times the sphere.

# %%
line_integral = sp.Integral(sp.exp(sp.I * r * t) * (1 + t**2) ** (-s / 2 + (n - 1) / sp.Integer(2)),
                            (t, -sp.oo, sp.oo))
last_line = line_integral * moment * sphere
conclude("bai2022.eq35.line9", last_line)

# %% [markdown]
# ## The constant
#
# Lemma 9, from the first derivation, is $\frac{1}{2\pi}$ times the line integral. So of the $(2\pi)^{-n}$ in
# front, one factor goes into the Lemma and $n-1$ are left.

# %%
factor = (2 * sp.pi) ** (1 - n) * sphere * radial.subs(s, order)
step("Only a quotient of two gamma functions survives.",
     factor, (4 * sp.pi) ** ((1 - n) / sp.Integer(2)) * sp.gamma(A) / sp.gamma(order / 2))

# %%
pyramid = line_kernel.atoms(sp.Sum).pop()
constant = 2 ** ((1 - n - order) / 2) * sp.pi ** ((1 - n) / sp.Integer(2)) / sp.gamma(order / 2)
kernel = constant * sp.exp(-r) * r ** (A - 1) * pyramid
step("Times Lemma 9: the kernel in $n$ dimensions, with its constant $C_{n,s}$.",
     factor * line_kernel, kernel)

# %%
step("For $n=1$ nothing is integrated out, and the constant is that of Lemma 9.",
     sp.Subs(constant, n, 1), 1 / (2**A * sp.factorial(A - 1)))

# %%
conclude("sobolev.half-integer", kernel)

# %% [markdown]
# ## One order for every dimension: $s = n+3$
#
# Then $A = 2$ and the sum has two terms.

# %%
dimension_constant = constant.subs(A, 2)
step("$C_n$.", dimension_constant,
     2 ** (-(n + 1)) * sp.pi ** (-(n - 1) / sp.Integer(2)) / sp.gamma((n + 3) / sp.Integer(2)))

# %%
step("The shape is the same in every dimension.",
     kernel.subs(A, 2).doit(), dimension_constant * sp.exp(-r) * (1 + r))

# %%
conclude("sobolev.dimension-constant", dimension_constant * sp.exp(-r) * (1 + r))

# %%
values = (sp.Rational(1, 4), 1 / (6 * sp.pi), 1 / (32 * sp.pi), 1 / (60 * sp.pi**2))
for dim, value in enumerate(values, start=1):
    step(f"$C_{dim}$.", sp.Subs(dimension_constant, n, dim), value)
