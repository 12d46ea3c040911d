# %% [markdown]
# # Backpropagation over truncated polynomials
#
# A loss that contains derivatives of a network $v_\theta(x)$ in $x$ needs $D^\alpha v_\theta$ and its Jacobian
# in $\theta$. No new chain rule is necessary. Take the usual formulas of the forward and the backward pass and
# put in, for each number, the Taylor polynomial of that quantity around $x$, cut off at some order. Sums,
# products and smooth functions are all that these formulas are made of, and each of the three commutes with the
# cut.
#
# The product first. With $f = \sum_\beta f_\beta\, h^\beta$ and $f_\beta = D^\beta f/\beta!$ the coefficient of
# $h^\alpha$ in a product is $\sum_\beta f_\beta\, g_{\alpha-\beta}$, and this is the formula of Leibniz.

# %%
import sympy as sp
from steps import conclude, step

x, y, z, h = sp.symbols("x y z h", real=True)
f, g, sigma, s = (sp.Function(name) for name in ("f", "g", "sigma", "s"))


def coefficient(expr, order):
    """The Taylor coefficient in x."""
    return expr.diff(x, order) / sp.factorial(order) if order else expr


step("The third coefficient of a product, for any two functions.",
     sp.Derivative(f(x) * g(x), (x, 3)) / 6,
     sum(coefficient(f(x), k) * coefficient(g(x), 3 - k) for k in range(4)))

# %% [markdown]
# In several variables the factorials make binomial coefficients of multi-indices.

# %%
a0, a1, a2, a3 = sp.symbols("a0:4", real=True)
factor, model = sp.exp(a0 * x + a1 * y) + a2 * x**2 * y, sp.exp(a2 * x) * y**2 + a3 * x**3 * y


def partial(expr, i, j):
    """The partial derivative of order (i, j)."""
    return sp.diff(sp.diff(expr, x, i) if i else expr, y, j) if j else sp.diff(expr, x, i) if i else expr


leibniz = sum(sp.binomial(2, i) * partial(factor, 2 - i, 1 - j) * partial(model, i, j)
              for i in range(3) for j in range(2))
conclude("sobolev.leibniz", leibniz, of=sp.Derivative(factor * model, (x, 2), y))

# %% [markdown]
# ## A function of a polynomial
#
# Let $s = s_0 + r$, where $r$ has no constant term. Then $r^j$ begins with degree $j$: cut off after order $k$,
# the powers beyond $r^k$ are zero, and Taylor's series of $\sigma$ around $s_0$ ends, $\sigma(s) = \sum_{j\le
# k}\sigma^{(j)}(s_0)\,r^j/j!$. In order three, with $r = s_1h + s_2h^2 + s_3h^3$:

# %%
s1, s2, s3 = sp.symbols("s1:4", real=True)
rest = s1 * h + s2 * h**2 + s3 * h**3
powers = {j: sp.expand(rest**j).coeff(h, 3) for j in range(1, 5)}
step("The first power.", powers[1], s3)
step("The second.", powers[2], 2 * s1 * s2)
step("The third.", powers[3], s1**3)
step("The fourth has no such term.", powers[4])

# %% [markdown]
# It is the third derivative of a composition, for every $\sigma$ and every $s$:

# %%


def outer(order):
    """σ^(order) at s(x)."""
    return sp.Subs(sigma(z).diff(z, order), z, s(x))


inner = {s1: s(x).diff(x), s2: s(x).diff(x, 2) / 2, s3: s(x).diff(x, 3) / 6}
step("The chain rule of third order, read off from the powers.",
     sp.Derivative(sigma(s(x)), (x, 3)) / 6,
     sum(outer(j) * powers[j].subs(inner) / sp.factorial(j) for j in range(1, 4)))

# %% [markdown]
# In two variables, for the coefficient of $x^2y$ and a family of functions with free coefficients:

# %%
p = {(i, j): sp.Symbol(f"p{i}{j}", real=True) for i, j in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1))}
polynomial = sum(c * x**i * y**j for (i, j), c in p.items())
rest = sp.expand(polynomial - p[0, 0])
family = a1 * z + a2 * z**3 + a3 * sp.exp(a0 * z)
taylor = sum(sp.diff(family, z, j).subs(z, p[0, 0]) / sp.factorial(j)
             * sp.Poly(rest**j, x, y).coeff_monomial(x**2 * y) for j in range(1, 4))
conclude("sobolev.jet-composition", taylor)

# %% [markdown]
# ## Forward, and back
#
# A layer computes $s_i = \sum_j W_{ij}a_j + b_i$ and passes on $\sigma(s_i)$. With $\lambda_i = \partial
# v/\partial s_i$ the derivatives are $\partial v/\partial W_{ij} = \lambda_i\,a_j$ and $\partial v/\partial b_i
# = \lambda_i$, and one layer further down $\lambda_j = \big(\sum_i\lambda_iW_{ij}\big)\,\sigma'(s_j)$. Here
# they are for three layers of one unit each, with an arbitrary function $\sigma$; several units only add sums.

# %%
w1, w2, w3, b1, b2, b3 = sp.symbols("w1:4 b1:4", real=True)
t1 = w1 * x + b1
t2 = w2 * sigma(t1) + b2
v = w3 * sigma(t2) + b3


def slope(at):
    """σ' at a point."""
    return sp.Subs(sigma(z).diff(z), z, at)


lambda3 = sp.Integer(1)
lambda2 = lambda3 * w3 * slope(t2)
lambda1 = lambda2 * w2 * slope(t1)
step("The weight of the last layer: 1 times what enters it.", sp.Derivative(v, w3), lambda3 * sigma(t2))
step("The bias of the second layer.", sp.Derivative(v, b2), lambda2)
step("The weight of the second layer.", sp.Derivative(v, w2), lambda2 * sigma(t1))
step("The bias of the first layer.", sp.Derivative(v, b1), lambda1)
step("The weight of the first layer.", sp.Derivative(v, w1), lambda1 * x)

# %% [markdown]
# Now differentiate in $x$. The right sides are products, so that their Taylor coefficients are those of
# products of truncated polynomials. For the weight of the second layer, in second order:

# %%
step("The coefficient of order 2 of the Jacobian is that of the product of two jets.",
     sp.Derivative(v, w2, (x, 2)) / 2,
     sum(coefficient(lambda2.doit(), k) * coefficient(sigma(t1), 2 - k) for k in range(3)))

# %% [markdown]
# For a layer next to the input the jet of $x$ has two terms, $x$ and $1$:

# %%
step("In the first layer.", sp.Derivative(v, w1, (x, 2)) / 2,
     coefficient(lambda1.doit(), 2) * x + coefficient(lambda1.doit(), 1))

# %% [markdown]
# ## One hidden layer
#
# There the powers of $s - s_0 = w\cdot h$ have closed forms, $r^j/j! = \sum_{|\alpha|=j}w^\alpha
# h^\alpha/\alpha!$. So only one $\sigma^{(j)}$ meets each multi-index: $D^\alpha\sigma(w\cdot x+b) =
# w^\alpha\sigma^{(|\alpha|)}(w\cdot x+b)$.

# %%
w11, w12, w21, w22 = sp.symbols("w11 w12 w21 w22", real=True)
c1, c2, d = sp.symbols("c1 c2 d", real=True)
units = [(c1, w11, w12, b1), (c2, w21, w22, b2)]
ridge = sum(c * family.subs(z, w * x + u * y + b) for c, w, u, b in units) + d
derivative = sum(c * w**2 * u * sp.diff(family, z, 3).subs(z, w * x + u * y + b) for c, w, u, b in units)
conclude("sobolev.ridge-derivative", derivative, of=sp.Derivative(ridge, (x, 2), y))

# %% [markdown]
# The Jacobian of that is the product of the jet $(x_1, 1)$ of the first coordinate with the jet of
# $\sigma'(s)$:

# %%
at = w11 * x + w12 * y + b1
conclude("sobolev.ridge-jacobian-derivative",
         c1 * (x * w11**2 * w12 * sp.diff(family, z, 4).subs(z, at)
               + 2 * w11 * w12 * sp.diff(family, z, 3).subs(z, at)))

# %% [markdown]
# ## The activations
#
# What is left are the numbers $\sigma^{(j)}(s_0)$. The derivative of $\tanh$ is $1-\tanh^2$, a polynomial in
# $\tanh$. The derivative of a polynomial in it is one again, $P(\tanh z)' = (1-t^2)P'(t)$ at $t=\tanh z$:

# %%
n = sp.Symbol("n", integer=True, positive=True)
r = sp.Symbol("z", positive=True)
conclude("sobolev.activation-tanh-powers", n * (sp.tanh(r) ** (n - 1) - sp.tanh(r) ** (n + 1)),
         of=sp.Derivative(sp.tanh(r) ** n, r))

# %%
t = sp.Symbol("t", real=True)
P = [t]
for _ in range(8):
    P.append(sp.expand((1 - t**2) * sp.diff(P[-1], t)))
step("In every one beyond the first $1-t^2$ is a factor, which is why they vanish at infinity.",
     P[3], (1 - t**2) * (6 * t**2 - 2))
conclude("sobolev.activation-tanh-8", P[8].subs(t, sp.tanh(z)))
