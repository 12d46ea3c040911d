# %% [markdown]
# # A two-layer network: its Jacobian, line by line, and where its $L^2$ metric converges
#
# Appendix E of Bai, Rosenberg & Xu (2022): $\varphi=f_2(Bf_1(Ax))$ with activations applied entry by entry and matrix
# entries that are functions of one weight each, $A=(a^d_c(w^d_{1,c}))$, $B=(b^s_r(w^s_{2,r}))$; the upper index is the
# row. Here two units a layer and undefined functions. $e$ tests the outputs.

# %%
import sympy as sp
from steps import conclude, step

f1, f2, a, b = (sp.Function(name) for name in ("f1", "f2", "a", "b"))
w, zeta = sp.symbols("w zeta", real=True)
x1, x2, e1, e2 = sp.symbols("x1:3 e1:3", real=True)
x, e = sp.Matrix([x1, x2]), sp.Matrix([e1, e2])
A = sp.Matrix(2, 2, sp.symbols("a11 a12 a21 a22", real=True))
B = sp.Matrix(2, 2, sp.symbols("b11 b12 b21 b22", real=True))


def network(first, second, inner=f1, outer=f2):
    """The outputs of the network."""
    return (second * (first * x).applyfunc(inner)).applyfunc(outer)


def slope(f, at):
    """f' at a point."""
    return sp.Subs(f(zeta).diff(zeta), zeta, at)


# %% [markdown]
# ## An outer weight: $w=w^2_{2,1}$
#
# Only the second row of $B$ depends on it: one slot. The factor is the output of the first hidden unit, not an input.

# %%
changed = B.copy()
changed[1, 0] = b(w)
hidden = (A * x).applyfunc(f1)
step("Slot 2, with $f_2'$ at $y_2$ and the derivative of $b$ at the weight.",
     sp.diff(e.dot(network(A, changed)), w), e2 * slope(f2, (changed * hidden)[1]) * b(w).diff(w) * hidden[0])

# %% [markdown]
# ## An inner weight: $w=w^2_{1,1}$
#
# It moves the second hidden unit, in proportion to the first input, and both outputs through the second column of $B$.

# %%
moved = A.copy()
moved[1, 0] = a(w)
z = moved * x
y = B * z.applyfunc(f1)
step("$f_2'(y)\\,B\\,f_1'(z)$ applied to $a'x_1$ in the slot 2.",
     sp.diff(e.dot(network(moved, B)), w),
     sum(e[s] * slope(f2, y[s]) * B[s, 1] for s in range(2)) * slope(f1, z[1]) * a(w).diff(w) * x1)

# %% [markdown]
# A bias of the second hidden unit is a weight whose input is 1, and a third layer $f_3(C\,\cdot)$ multiplies by
# $f_3'C$ from the left: the recursion of any depth.

# %%
bias = sp.Symbol("beta", real=True)
shifted = A * x + sp.Matrix([0, bias])
after = B * shifted.applyfunc(f1)
step("$f_2'(y)\\,B\\,f_1'(z)$ applied to 1 in the slot 2.", sp.diff(e.dot(after.applyfunc(f2)), bias),
     sum(e[s] * slope(f2, after[s]) * B[s, 1] for s in range(2)) * slope(f1, shifted[1]))

# %%
f3, third = sp.Function("f3"), sp.Matrix([sp.symbols("c11 c12", real=True)])
last = (third * y.applyfunc(f2))[0]
step("Three layers: $f_3'\\,C\\,f_2'(y)\\,B\\,f_1'(z)$ applied to $a'x_1$ in the slot 2.", sp.diff(f3(last), w),
     slope(f3, last) * sum(third[s] * slope(f2, y[s]) * B[s, 1] for s in range(2))
     * slope(f1, z[1]) * a(w).diff(w) * x1)

# %% [markdown]
# The records say this with quadratics, $f=p_0+p_1z+p_2z^2$ and $b=\beta w$. Nothing is lost: a derivative at one point
# needs the values of $f_1$ at two numbers and one slope, and these determine a quadratic.

# %%
quadratic = lambda name: sp.Lambda(zeta, sum(sp.Symbol(f"{name}{k}", real=True) * zeta**k for k in range(3)))
g1, g2 = quadratic("p"), quadratic("q")
alpha, beta = sp.symbols("alpha beta", real=True)
second, first = B.copy(), A.copy()
second[1, 0], first[1, 0] = beta * w, alpha * w
outer = sp.diff(e.dot(network(A, second, g1, g2)), w)
conclude("sobolev.network-outer-weight", outer)

# %%
conclude("bai2022.eq43", outer, refutes=True)

# %%
inner = sp.diff(e.dot(network(first, B, g1, g2)), w)
conclude("sobolev.network-inner-weight", inner)

# %%
conclude("bai2022.eq44", inner, refutes=True)

# %% [markdown]
# In the matrix $\partial B/\partial w^s_{2,r}$ the one entry stands in row $s$ and column $r$; a $\delta^s_r$ would
# put it on the diagonal.

# %%
h = sp.Matrix(sp.symbols("h1:3", real=True))
entry = sp.diff(e.dot(second * h), w)
conclude("sobolev.network-unit-matrix", entry)

# %%
conclude("bai2022.appendix-e.unit-matrix", entry, refutes=True)

# %% [markdown]
# ## One unit in each layer
#
# $\varphi=f_2(b(w_2)\,f_1(a(w_1)x))$.

# %%
w1, w2, t = sp.symbols("w1 w2 x", real=True)
line = f2(b(w2) * f1(a(w1) * t))
top = slope(f2, b(w2) * f1(a(w1) * t))
step("The derivative in $w_1$: $b$ as it is, not applied to a point.", sp.diff(line, w1),
     top * b(w2) * slope(f1, a(w1) * t) * a(w1).diff(w1) * t)

# %%
step("The derivative in $w_2$: no factor $x$.", sp.diff(line, w2), top * b(w2).diff(w2) * f1(a(w1) * t))

# %%
special = g2(beta * w2 * g1(alpha * w1 * t))
conclude("bai2022.eq44.point", sp.diff(special, w1), refutes=True)

# %%
conclude("bai2022.appendix-e.line", sp.diff(special, w1) * sp.diff(special, w2), refutes=True)

# %% [markdown]
# ## The values are columns
#
# A linear network $Cx$ is a map; the $L^2$ product of two of them is not the integral of $\mathrm{Tr}(CD^T)$.

# %%
C, D = (sp.Matrix(2, 2, sp.symbols(f"{name}1:5", real=True)) for name in "CD")
R = sp.Symbol("R", positive=True)
over_square = sp.integrate(sp.expand((C * x).dot(D * x)), (x1, -R, R), (x2, -R, R))
conclude("sobolev.linear-maps-l2", over_square)

# %%
conclude("bai2022.appendix-e.matrices", over_square, refutes=True)

# %% [markdown]
# ## Where the $L^2$ metric converges
#
# $w_2\tanh(sx)$ over $[-R,R]$. The tangent function of $w_2$ does not decay, those of $s$ and of a bias do.

# %%
s = sp.Symbol("a", positive=True)
tanh, end = sp.tanh(s * t), sp.tanh(s * R)
step("An antiderivative of $\\tanh^2$.", sp.diff(t - tanh / s, t), tanh**2)

# %%
conclude("sobolev.network-l2-outer", 2 * (R - end / s))

# %%
conclude("bai2022.appendix-e.l2", 2 * (R - end / s), refutes=True)

# %%
step("An antiderivative of $\\mathrm{sech}^4$.", sp.diff((tanh - tanh**3 / 3) / s, t), (1 - tanh**2) ** 2)

# %% [markdown]
# In one variable that stays finite. With a second input the same function is constant along it:

# %%
conclude("sobolev.network-l2-ridge", 2 * R * 2 * (end - end**3 / 3) / s)

# %% [markdown]
# ## The off-diagonal entry
#
# Any $f$ with a linear output: the product of the two tangent functions is an exact derivative up to the square of $f$,

# %%
f = sp.Function("f")
step("$w_2\\,f(sx)\\,x f'(sx)$, integrated by parts.",
     w2 * f(s * t) * sp.diff(f(s * t), s),
     w2 / (2 * s) * (sp.diff(t * f(s * t) ** 2, t) - f(s * t) ** 2))

# %% [markdown]
# so for $f\in L^2(\mathbb R)$, with $xf^2\to0$, the entry is $-\tfrac{w_2}{2s}\|f(s\,\cdot)\|^2$, which is never 0.
# For $\tanh$ the boundary term does not vanish:

# %%
conclude("bai2022.appendix-e.off-diagonal",
         w2 / (2 * s) * (2 * R * end**2 - 2 * (R - end / s)))

# %%
conclude("sobolev.network-scaling", -w2 / (2 * s) * sp.sqrt(sp.pi) / s)

# %% [markdown]
# A bias against the output weight, $\int f\,f'$, vanishes at bias 0 for every even or odd $f$: the antiderivative
# $f^2/2$ has the same value at both ends.

# %%
step("An antiderivative of $\\tanh\\cdot\\mathrm{sech}^2$, an even function.", sp.diff(tanh**2 / (2 * s), t),
     tanh * (1 - tanh**2))

# %%
conclude("sobolev.network-parity", 2 * (R - end / s) + w2**2 * 2 * (end - end**3 / 3) / s)
