# %% [markdown]
# # Natural gradient with momentum: the formulas of the slides, one after the other
#
# Somacal & Nouy (2025) go from gradient descent to Newton to the natural gradient, and from there to heavy ball and
# Nesterov in function space. This derivation follows them, and stops where a display does not hold.

# %%
import sympy as sp
from steps import conclude, step

alpha, beta, gamma, h = sp.symbols("alpha beta gamma h", positive=True)
theta, theta0, p, e, f, k, t, x, d, mu, eta = sp.symbols("theta theta0 p e f k t x d mu eta", real=True)
half = sp.Rational(1, 2)
A, ell, n = (sp.Function(name) for name in ("A", "ell", "n"))

# %% [markdown]
# ## The Hessian, and the Gram matrix as its first part
#
# For an unknown model and an unknown loss, in one parameter and one coefficient:

# %%
v = sp.Symbol("v", real=True)
on = lambda order: sp.Subs(ell(v).diff(v, order), v, A(theta))
step("$H = \\langle H_V\\mathcal L\\,\\partial A, \\partial A\\rangle + "
     "\\langle\\nabla\\mathcal L, \\partial^2A\\rangle$.",
     sp.Derivative(ell(A(theta)), (theta, 2)), on(2) * A(theta).diff(theta) ** 2 + on(1) * A(theta).diff(theta, 2))

# %%
h0, h1, w0, w1 = sp.symbols("h0 h1 w0 w1", real=True)
error, direction = w0 + w1 * x, h0 + h1 * x
step("Without the factor $\\frac12$ the Hessian of $\\|u-v\\|^2$ is 2, not 1.",
     sp.Derivative((error - t * direction) ** 2, (t, 2)), 2 * direction**2)

# %%
conclude("somacal2025.hessian-delta", sp.integrate(2 * direction**2, (x, 0, 1)), refutes=True)

# %% [markdown]
# ## Two flows in function space
#
# Three coefficients of $v$, two parameters. In a basis whose first two functions span the tangent space the Jacobian is
# triangular, and the projection $P$ keeps the first two coefficients.

# %%
a, last = sp.symbols("a d", positive=True)
b = sp.Symbol("b", real=True)
J = sp.Matrix([[a, b], [0, last], [0, 0]])
G = J.T * J
g, c = (sp.Matrix(sp.symbols(f"{name}1:4", real=True)) for name in "gc")
P = sp.diag(1, 1, 0)
step("$JG^{-1}J^T = P$: natural gradient flow is $\\dot v = -P\\nabla\\mathcal L$.", J * G.inv() * J.T * g, P * g)

# %%
step("Euclidean flow is $\\dot v = -JJ^T\\nabla\\mathcal L$; the projection changes nothing.",
     J * J.T * P * g, J * J.T * g)

# %%
step("In the parameters of $P\\nabla\\mathcal L$ the operator is $G$: $JG(G^{-1}J^T\\nabla\\mathcal L)$ is the same.",
     J * G * (G.inv() * J.T * g), J * J.T * g)

# %%
conclude("sobolev.euclidean-flow-operator", c.dot(J * J.T * g))

# %% [markdown]
# With the Gram matrix itself in front of a function, as printed, it is wrong even where the dimensions fit. For
# $v=\theta^TB\Phi$ the Jacobian is $B^T$ and the operator $B^TB$, while $G=BB^T$.

# %%
B = sp.Matrix(2, 2, sp.symbols("b1:5", real=True))
conclude("somacal2025.euclidean-flow-function", -sp.Matrix(c[:2]).dot(B.T * B * sp.Matrix(g[:2])), refutes=True)

# %%
phi = sp.Matrix([1, sp.sqrt(2) * sp.sin(2 * sp.pi * x)])
model = sp.Matrix(sp.symbols("theta1:3", real=True)).dot(B * phi)
product = model.diff(sp.Symbol("theta1", real=True)) * model.diff(sp.Symbol("theta2", real=True))
step("$\\Phi=(1,\\sqrt2\\sin2\\pi x)$ is orthonormal on $[0,1]$, so that $G_{12} = [BB^T]_{12}$.",
     sp.Integral(sp.expand(product), (x, 0, 1)), (B * B.T)[0, 1])

# %%
conclude("sobolev.toy-gram", (B * B.T)[0, 1])

# %%
conclude("somacal2025.toy-gram", (B * B.T)[0, 1], refutes=True)

# %% [markdown]
# ## Heavy ball and Nesterov in parameters
#
# Let the gradient be an unknown function. The slides have three forms of heavy ball. The second and the third agree:

# %%
slope = sp.Function("g")
now = theta0 + p
two_term = now - alpha * slope(now) + beta * (now - theta0)
step("$\\theta_k + p_k$ with $p_k=\\beta p_{k-1}-\\alpha\\nabla\\mathcal L$ is the two-term form.",
     now + (beta * p - alpha * slope(now)), two_term)

# %%
at = lambda point: e + 2 * f * point + 3 * k * point**2
conclude("somacal2025.heavy-ball", two_term.subs(slope(now), at(now)))

# %% [markdown]
# In the first one $\beta$ stands before the other $p$.

# %%
printed_now = theta0 + beta * p
printed = printed_now + beta * (p - alpha * slope(printed_now))
step("It is the two-term form with step $\\alpha\\beta$ and momentum 1.", printed,
     printed_now - alpha * beta * slope(printed_now) + (printed_now - theta0))

# %%
conclude("somacal2025.heavy-ball.first-display",
         printed_now - alpha * at(printed_now) + beta * (printed_now - theta0), refutes=True)

# %%
step("$\\ddot\\theta=-\\gamma\\dot\\theta-\\nabla\\mathcal L$ with a second difference, backward friction, "
     "$\\alpha=h^2$, $\\beta=1-\\gamma h$.",
     ((theta - h**2 * slope(theta) + (1 - gamma * h) * (theta - theta0)) - 2 * theta + theta0) / h**2,
     -gamma * (theta - theta0) / h - slope(theta))

# %%
conclude("somacal2025.ode", -gamma * (theta - theta0) / h - at(theta))

# %% [markdown]
# ## The three transports
#
# The momentum of the step before lives in another tangent space. LM projects the tangent vector
# $p_{k-1}=J_{k-1}d\theta$, FD the chord $v_k-v_{k-1}$, LG the gradient $\nabla\mathcal L(v_{k-1})$. Each is
# $G_k^{-1}J_k^T$ applied to a function.

# %%
before = sp.Matrix(3, 2, sp.symbols("h1:7", real=True))
moved = sp.Matrix(sp.symbols("d1:3", real=True))
step("LM: $J_kG_k^{-1}G_{k,k-1}d\\theta = P_kp_{k-1}$, with $G_{k,k-1}=J_k^TJ_{k-1}$.",
     J * G.inv() * (J.T * before) * moved, P * before * moved)

# %%
conclude("somacal2025.transport-lm", c.dot(P * before * moved))

# %% [markdown]
# On a quadratic manifold the chord is the mean of the two tangents, so FD lies half way between $d\theta$ and LM.

# %%
quadratic = e * theta + f * theta**2
step("$A(\\theta)-A(\\theta-d) = \\frac12(A'(\\theta)+A'(\\theta-d))\\,d$.",
     quadratic - quadratic.subs(theta, theta - d),
     (quadratic.diff(theta) + quadratic.diff(theta).subs(theta, theta - d)) * d / 2)

# %% [markdown]
# For $\mathcal L=\frac12\|u-v\|^2$ LG is FD in disguise, whatever the model: $\nabla\mathcal L(v_{k-1}) =
# \nabla\mathcal L(v_k)-(v_k-v_{k-1})$.

# %%
V, W, U = (sp.Matrix(sp.symbols(f"{name}1:4", real=True)) for name in "vwu")
step("With the sign of momentum it has momentum $\\beta$ and the step $\\alpha+\\beta$.",
     P * (-beta * (W - U) - alpha * (V - U)), P * (beta * (V - W) - (alpha + beta) * (V - U)))

# %%
step("As printed it has momentum $-\\beta$ and the step $\\alpha-\\beta$: it brakes.",
     P * (beta * (W - U) - alpha * (V - U)), P * (-beta * (V - W) - (alpha - beta) * (V - U)))

# %% [markdown]
# From rest the momentum is $p_0=-\alpha\nabla\mathcal L(v_0)$, so that $\beta p_0$ has the sign that LG lacks.

# %%
normal = sp.Matrix(3, 2, sp.symbols("j1:7", real=True))
out = normal[:, 0].cross(normal[:, 1])
project = lambda w: w - out * out.dot(w) / out.dot(out)
conclude("somacal2025.direction-lg", c.dot(project(beta * (W - U) - alpha * (V - U))), refutes=True)

# %% [markdown]
# ## Nesterov's second step
#
# The gradient at $w_k$ has to be projected onto the tangent space at $w_k$. On the curve $v=(\theta,
# e\theta+f\theta^2)$ the tangent turns, and the printed projection is not tangent.

# %%
tangent = sp.Matrix([1, e + 2 * f * theta])
away = sp.Matrix([-e - 2 * f * theta, 1])
w = sp.Matrix(g[:2])
step("The natural gradient at $y=\\theta$, and the projection by the normal vector.",
     (tangent * tangent.dot(w) / tangent.dot(tangent)).applyfunc(sp.cancel),
     (w - away * away.dot(w) / away.dot(away)).applyfunc(sp.cancel))

# %%
conclude("somacal2025.nesterov-function", (tangent * tangent.dot(w) / tangent.dot(tangent))[1], refutes=True)

# %% [markdown]
# ## Linear models
#
# $J$ is constant: $G_{k,k-1}=G$, LM, FD and $d\theta$ are one, and with the Gram matrix of the loss
# $\frac12\|u-v\|_K^2$ the natural gradient is the error $\theta-\theta^*$ itself.

# %%
K = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"k{min(i, j) + 1}{max(i, j) + 1}", real=True))
weighted = (J.T * K * J)
step("$G^{-1}J^TKJ\\,d\\theta = d\\theta$.", (weighted.inv() * J.T * K * J * moved).applyfunc(sp.cancel), moved)

# %%
step("So one step of size 1 arrives, and heavy ball is the recursion $e_{k+1}=(1-\\alpha+\\beta)e_k-\\beta e_{k-1}$.",
     theta - alpha * theta + beta * (theta - theta0), (1 - alpha + beta) * theta - beta * theta0)

# %%
earlier = sp.Matrix([e, f])
conclude("sobolev.linear-natural-heavy-ball",
         (1 - alpha + beta) * sp.Matrix([theta, theta0]).dot(moved) - beta * earlier.dot(moved))

# %% [markdown]
# ## The ansatz of the Neumann problem
#
# For every smooth $n$ the slope of $n(x)(1-x)^2(1+x)^2+c+a(x^3/3-x)$ has the factor $1-x^2$.

# %%
level, slant = sp.symbols("c a", real=True)
step("The product rule.", sp.Derivative(n(x) * (1 - x) ** 2 * (1 + x) ** 2 + level + slant * (x**3 / 3 - x), x),
     (1 - x**2) * ((1 - x**2) * n(x).diff(x) - 4 * x * n(x) - slant))
