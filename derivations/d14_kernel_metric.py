# %% [markdown]
# # The kernel metric: what (22) is, from which side it errs, and what it does with functions that do not decay
#
# Section 6.1 of Bai, Rosenberg & Xu (2022) replaces the pullback metric $\langle\partial_i\varphi,\partial_j\varphi
# \rangle_{\mathcal H}$ by $\partial_i\varphi(x_a)\,K^{-1}_{ac}\,\partial_j\varphi(x_c)$. Let $E$ be the evaluation at
# the $N$ points. By the reproducing property $E^*e_a=K(x_a,\cdot)$ and $EE^*=K$, so the projection onto the span of the
# sections is $P=E^*K^{-1}E$. In an orthonormal basis $E$ is a matrix; here two points and three basis functions.

# %%
import sympy as sp
from steps import conclude, step

E = sp.Matrix([[1, sp.Symbol("p", real=True), 0], [sp.Symbol("q", real=True), 1, sp.Symbol("r", positive=True)]])
K = E * E.T
P = E.T * K.inv() * E
step("$P$ is idempotent, and it is symmetric: an orthogonal projection.", (P * P).applyfunc(sp.cancel),
     P.applyfunc(sp.cancel))

# %%
step("$EP=E$: the projection has the values of the function. It is the interpolant of least norm.",
     (E * P).applyfunc(sp.cancel), E)

# %%
step("$P^TP=E^TK^{-1}E$: so the Gram matrix of projections is (22).",
     (P.T * P - E.T * K.inv() * E + sp.eye(3)).applyfunc(sp.cancel), sp.eye(3))

# %% [markdown]
# The lines of the source, with two points and any $K$. Its double sum loses one $K^{-1}$ against $K_{bd}$:

# %%
a, b, d = sp.Symbol("a", positive=True), sp.Symbol("b", real=True), sp.Symbol("d", positive=True)
u1, u2, u3, v1, v2 = sp.symbols("u1:4 v1:3", real=True)
K = sp.Matrix([[a, b], [b, d]])
u, v = sp.Matrix([u1, u2]), sp.Matrix([v1, v2])
conclude("bai2022.projection.values", (K * K.inv() * u)[0])

# %%
conclude("bai2022.eq22", (u.T * K.inv() * K * K.inv() * v)[0])

# %%
conclude("sobolev.kernel-metric-exact", ((K * u).T * K.inv() * (K * u))[0])

# %% [markdown]
# ## From which side
#
# $\|Pv\|\le\|v\|$. With a Cholesky factor $K=CC^T$ of three sections, the third at a point that is not in the data,
# $v=\sum x_aK(x_a,\cdot)$ has the squared norm $|C^Tx|^2$, and its projection the first two of these squares:

# %%
c1, c3, c6 = sp.symbols("c1 c3 c6", positive=True)
c2, c4, c5, x1, x2, x3 = sp.symbols("c2 c4 c5 x1:4", real=True)
C = sp.Matrix([[c1, 0, 0], [c2, c3, 0], [c4, c5, c6]])
x = sp.Matrix([x1, x2, x3])
seen = (C * C.T * x)[:2, 0]
coordinates = C[:2, :2].inv() * seen
step("The coordinates of the projection.", coordinates, (C.T * x)[:2, 0])

# %%
conclude("bai2022.eq22.below", coordinates.dot(coordinates) + (c6 * x3) ** 2)

# %% [markdown]
# The same with values: $u^TK^{-1}u=|C^{-1}u|^2$ gains a square with every point, so the metric only grows.

# %%
three = sp.Matrix([u1, u2, u3])
conclude("sobolev.kernel-metric-monotone", (C.inv() * three).dot(C.inv() * three))

# %% [markdown]
# If the points become dense the limit is $\|v\|^2$: what is orthogonal to all sections vanishes at all points. For an
# initial function outside the span the part that stays outside never changes, and is measured by the last pivot:

# %%
conclude("bai2022.eq13.initial", (x3 * c6) ** 2)

# %% [markdown]
# ## Solving with it
#
# With $K=CC^T$ the metric is $B^TB$, $B=C^{-1}J$, and the right side of the normal equations, $-J^Tg$, is
# $-B^TC^Tg$: a least-squares problem with $B$ and $-C^Tg$.

# %%
J = sp.Matrix(2, 2, sp.symbols("j1:5", real=True))
e, g = sp.Matrix(sp.symbols("e1:3", real=True)), sp.Matrix(sp.symbols("g1:3", real=True))
L = C[:2, :2]
B = L.inv() * J
step("$B^TC^Tg=J^Tg$.", (B.T * L.T * g).applyfunc(sp.expand), J.T * g)

# %%
conclude("sobolev.kernel-metric-least-squares",
         (B * e).dot(B * e) + 2 * (J * e).dot(g) + (L.T * g).dot(L.T * g))

# %% [markdown]
# ## The kernel $\tfrac12e^{-r}$ of the line, for any number of points
#
# $x_1<\dots<x_N$ and $\rho_j=e^{-(x_{j+1}-x_j)}$. Take the section at $x_m$ and a later pair of neighbours
# $x_j, x_{j+1}$, $j\ge m$: the section decays from one to the other by exactly $\rho_j$.

# %%
xm, xj, gap = sp.symbols("x_m x_j h", positive=True)
section = lambda distance: sp.exp(-distance) / 2
step("$u_{j+1}-\\rho_ju_j=0$ for a section at $x_m\\le x_j$.",
     section(xj + gap - xm) / section(xj - xm), sp.exp(-gap))

# %% [markdown]
# So the lower bidiagonal matrix $S$ with the rows $\sqrt2u_1$ and $\sqrt2(u_{j+1}-\rho_ju_j)/\sqrt{1-\rho_j^2}$ makes
# $SK$ upper triangular. $SKS^T$ is then upper triangular and symmetric, hence diagonal, with the entries

# %%
step("$(SK)_{j+1,j+1}S_{j+1,j+1}=1$.",
     2 * (section(0) - sp.exp(-gap) * section(gap)) / (1 - sp.exp(-2 * gap)), sp.Integer(1))

# %% [markdown]
# and $K^{-1}=S^TS$. This is the Markov property; for three points

# %%
h, k = sp.symbols("h k", positive=True)
rho, sigma = sp.exp(-h), sp.exp(-k)
S = sp.sqrt(2) * sp.Matrix([[1, 0, 0], [-rho / sp.sqrt(1 - rho**2), 1 / sp.sqrt(1 - rho**2), 0],
                            [0, -sigma / sp.sqrt(1 - sigma**2), 1 / sp.sqrt(1 - sigma**2)]])
conclude("sobolev.line-metric", (S * three).dot(S * three))

# %% [markdown]
# A constant gains $(1-\rho)^2$ at each pair, $\cos\omega x$ and $\sin\omega x$ together
# $1-2\rho\cos\omega h+\rho^2$:

# %%
N, omega = sp.Symbol("N", integer=True, positive=True), sp.Symbol("omega", positive=True)
step("$\\tanh$ of half the distance.", sp.tanh(h / 2).rewrite(sp.exp), (1 - rho) / (1 + rho))

# %%
conclude("sobolev.line-metric-constant", 2 + (N - 1) * 2 * sp.tanh(h / 2))

# %%
cosine = sp.cos(omega * h)
pair = (sp.cosh(h) - cosine) / sp.sinh(h)
step("Both sides over $2\\rho$.", pair.rewrite(sp.exp).subs(sp.exp(h), 1 / rho),
     ((1 + rho**2) / 2 - rho * cosine) / ((1 - rho**2) / 2))

# %%
conclude("sobolev.line-metric-wave", 2 + 2 * (N - 1) * pair)

# %% [markdown]
# On a fixed length $\ell=(N-1)h$ this converges; for $h$ fixed and $N\to\infty$ it does not. A constant has no finite
# norm on the line, and (22) never says so.

# %%
length, alpha = sp.symbols("ell alpha", positive=True)
step("Dense points on an interval of length $\\ell$.",
     sp.Limit(2 + 2 * length / h * (1 - rho) / (1 + rho), h, 0), 2 + length)

# %%
conclude("bai2022.eq22.bias", 2 + 2 * (N - 1) * sp.tanh(h / 2), refutes=True)

# %% [markdown]
# A function of $H^1$, seen at all points $h\mathbb Z$: $e^{-\alpha|x|}$. Two geometric series with the ratio
# $e^{-2\alpha h}$, and the limit is the norm.

# %%
decay = sp.exp(-alpha * h)
dense = 2 * ((decay - rho) ** 2 + (1 - rho * decay) ** 2) / ((1 - rho**2) * (1 - decay**2))
closed = 2 * (sp.cosh(h) * sp.cosh(alpha * h) - 1) / (sp.sinh(h) * sp.sinh(alpha * h))
one, other = sp.symbols("rho q", positive=True)  # e^(-h) and e^(-αh)
hyperbolic = {sp.cosh(h): (1 / one + one) / 2, sp.sinh(h): (1 / one - one) / 2,
              sp.cosh(alpha * h): (1 / other + other) / 2, sp.sinh(alpha * h): (1 / other - other) / 2}
step("In the letters $\\rho=e^{-h}$ and $q=e^{-\\alpha h}$.", sp.cancel(closed.xreplace(hyperbolic)),
     sp.cancel(dense.subs(decay, other).subs(rho, one)))

# %%
conclude("sobolev.line-metric-dense", closed)

# %%
t = sp.Symbol("t", positive=True)
step("The squared norm.", sp.Integral(2 * (1 + alpha**2) * sp.exp(-2 * alpha * t), (t, 0, sp.oo)),
     (1 + alpha**2) / alpha)

# %%
step("The limit of dense points.", sp.Limit(dense, h, 0), (1 + alpha**2) / alpha)

# %% [markdown]
# ## $K=1$
#
# The diagonal of $K$ is $C_n$, so far apart the metric is Gauss-Newton divided by $C_n$.

# %%
n = sp.Symbol("n", integer=True, positive=True)
diagonal = sp.pi ** (-(n - 1) / 2) / (2 ** (n + 1) * sp.gamma((n + 3) / 2))
conclude("sobolev.kernel-far-apart", diagonal)

# %%
conclude("bai2022.appendix-d.identity", diagonal, refutes=True)

# %% [markdown]
# ## The Kronecker factors
#
# A layer $s=Wa$ has $\partial\varphi/\partial W=Da^T$, and $\mathrm{vec}(Da^T)=a\otimes D$. One input $p$, one output
# slope $q$, two points: the block of (22) is

# %%
p1, p2, q1, q2 = sp.symbols("p1:3 q1:3", real=True)
inputs, slopes, products = sp.Matrix([p1, p2]), sp.Matrix([q1, q2]), sp.Matrix([p1 * q1, p2 * q2])
block = (products.T * K.inv() * products)[0]
conclude("sobolev.kfac-block", block)

# %% [markdown]
# The definition of $\mathbb E_K$ pairs the factors otherwise,

# %%
conclude("bai2022.eq24", block, refutes=True)

# %% [markdown]
# and (25) is not even homogeneous: multiply $K$ by $c$.

# %%
conclude("bai2022.eq25", block, refutes=True)

# %%
c = sp.Symbol("c", positive=True)
scaled = (products.T * (c * K).inv() * products)[0]
step("The left side of (25) is divided by $c$, ", scaled, block / c)

# %%
right = lambda gram: (inputs.T * gram.inv() * inputs)[0] * (slopes.T * gram.inv() * slopes)[0]
step("the right side by $c^2$.", right(c * K), right(K) / c**2)
