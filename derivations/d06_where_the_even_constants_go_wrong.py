# %% [markdown]
# # Where the printed constants go wrong, continued: even dimensions
#
# Case II of Appendix C of Bai, Rosenberg & Xu (2022): $n$ even, $s$ odd. It inherits the first wrong step
# of Case I, from the fifth derivation, and adds more of its own. Again each is weighed against the truth,
# and at the end the account closes.

# %%
import sympy as sp
from d02_from_n_dimensions_to_one import constant as true_constant
from d02_from_n_dimensions_to_one import radial as true_radial
from d05_where_the_printed_constants_go_wrong import b, c, double, error, half, powers, r, s_any, truth, u
from steps import conclude, step

# %% [markdown]
# ## The radial integral
#
# $b = n/2-1$ integrations by parts lead to $\int_0^\infty(1+r^2)^{(-s+n-2)/2}dr$. The first wrong line is
# again Step 1, repeated. After $b$ steps its error is $\left(\Gamma(\frac s2)/\Gamma(\frac s2-b)\right)^2$,
# as in Case I.

# %%
n = sp.Symbol("n", even=True, positive=True)
s = sp.Symbol("s", odd=True, positive=True)
even_error = (sp.gamma(s / 2) / sp.gamma((s - n) / 2 + 1)) ** 2
step("The error of $n/2-1$ steps.", sp.Subs(error.subs(s_any, s), b, n / 2 - 1), even_error)

# %%
conclude("bai2022.even.line2", truth(true_radial, n=n, s=s), refutes=True)

# %% [markdown]
# Then $(n-3)(n-5)\cdots1$ is $(n-3)!!$; printed is $\left(\frac{n-3}2\right)!!$, which makes sense only as
# $\frac{n-3}2\cdot\frac{n-5}2\cdots\frac12$, too small by $2^{n/2-1}$ (and that power already stands in the
# denominator).

# %%
halves = sp.gamma((n - 1) / 2) / sp.gamma(half)
step("The product of halves, read so,", halves.subs(n, n + 2) / halves, (n - 1) / 2)

# %%
step("is $(n-3)!!/2^{n/2-1}$.", halves, double(n - 3) / 2 ** (n / 2 - 1))

# %%
conclude("sobolev.even-double-factorial", 2 ** (n / 2 - 1) * halves, of=double(n - 3))

# %%
conclude("bai2022.even.halving", 2 ** (n / 2 - 1) * halves, refutes=True)

# %% [markdown]
# ## The last integral
#
# Substitute $r=\tan u$, with $c = \cos u > 0$.

# %%
step("$1+r^2 = 1/c^2$,", sp.trigsimp(1 + sp.tan(u) ** 2), 1 / sp.cos(u) ** 2)

# %%
step("and $dr = du/c^2$.", sp.trigsimp(sp.diff(sp.tan(u), u)), 1 / sp.cos(u) ** 2)

# %%
k = sp.Symbol("k", positive=True)
step("So the integrand is $\\cos^{2k-3}u$. The source forgets $dr$ and has $\\cos^{2k-1}u$.",
     (c ** (-2)) ** (half - k) * c ** (-2), c ** (2 * k - 3))

# %% [markdown]
# By the radial integral for $n=2$ (no power of $r$) both cosines are quotients of gamma functions.

# %%
cosine = truth(true_radial, n=sp.Integer(2), s=2 * k - 1)
step("$\\int_0^{\\pi/2}\\cos^{2k-3} = \\int_0^\\infty (1+r^2)^{1/2-k}\\,dr$.",
     cosine, sp.sqrt(sp.pi) * sp.gamma(k - 1) / (2 * sp.gamma(k - half)))

# %%
conclude("bai2022.even.cosine.line1", cosine, refutes=True)

# %%
printed_cosine = sp.sqrt(sp.pi) * sp.gamma(k + 2) / sp.gamma(k + 3 * half)
step("The hypergeometric value is Gauss's,",
     sp.hyperexpand(sp.hyper((half, k + 1), (k + 2,), 1)), printed_cosine)

# %%
step("but ${}_2F_1(\\frac12,k+1;k+2;1)$ is not $\\int_0^{\\pi/2}\\cos^{2k-1}$: their quotient is",
     printed_cosine / cosine.subs(k, k + 1), 4 * k * (k + 1) / (2 * k + 1))

# %%
step("The exponent $(1-2k)/2 = (-s+n-2)/2$ asks for $k = (s-n+3)/2$, not for the printed $(s-n+1)/2$.",
     sp.Subs((1 - 2 * k) / 2, k, (s - n + 3) / 2), (-s + n - 2) / 2)

# %%
last_even = cosine.subs(k, (s - n + 3) / 2)
printed_last = printed_cosine.subs(k, (s - n + 1) / 2)
last_error = (s - n + 1) * (s - n + 3) / (s - n + 2)
conclude("bai2022.even.cosine.line2", cosine.subs(k, k + 1), refutes=True)

# %%
step("Altogether the last integral is printed too large by", printed_last / last_even, last_error)

# %%
choose = sp.binomial(s - n + 3, (s - n + 3) / 2)
step("The central binomial is right: it equals what it is derived from.",
     printed_last, 2 ** (s - n + 3) / choose)

# %%
even_radial = last_even * double(n - 3) * sp.gamma((s - n) / 2 + 1) / (2 ** (n / 2 - 1) * sp.gamma(s / 2))
step("The true account, $\\prod_b\\frac{n-1-2b}{s-2b}$ times the last integral, ends in the radial integral.",
     even_radial, truth(true_radial, n=n, s=s))

# %%
conclude("sobolev.radial-moment-even", even_radial)

# %%
conclude("bai2022.even.integral.line4", even_radial, refutes=True)

# %% [markdown]
# ## Display (37)
#
# Its third line inserts Lemma 9, again without the $2\pi$, and writes the product $\left(\frac
# s2-1\right)\left(\frac s2-2\right)\cdots\left(\frac s2-\frac n2+1\right)$ with a 3 in the place of the 2.
# Read as the product that was meant, it is a quotient of gamma functions.

# %%
falling = sp.gamma(s / 2) / sp.gamma((s - n) / 2 + 1)
step("One more factor for two more dimensions.", falling.subs(n, n + 2) / falling, s / 2 - n / 2)

# %%
A_of_s = (s - n + 1) / 2
true_37 = 2 ** ((1 - n - s) / 2) * sp.pi ** ((1 - n) / 2) / sp.gamma(s / 2)
sphere = 2 * sp.pi ** ((n - 1) / 2) / sp.gamma((n - 1) / 2)
line_3 = ((2 * sp.pi) ** (-n) / (2**A_of_s * sp.gamma(A_of_s))
          * printed_last * falling * halves / 2 ** (n / 2 - 1) * sphere)
conclude("bai2022.eq37.line3", true_37 * truth(powers, A=A_of_s), refutes=True)

# %%
step("The third line over the truth: the $2\\pi$, the steps, the last integral and the double factorial.",
     line_3 / true_37, even_error * last_error / (2 * sp.pi * 2 ** (n / 2 - 1)))

# %% [markdown]
# The fourth line simplifies. On the way $\Gamma(\frac{n-1}2)$ should become $\Gamma((\frac n2-1)+\frac12) =
# \frac{(n-2)!}{4^{n/2-1}(n/2-1)!}\sqrt\pi$; the formula was applied to $n-1$ instead of $\frac n2-1$. The
# double factorial disappears without leaving anything. And the square of a binomial coefficient is printed
# where the square of a factorial belongs (display (39) has it right).

# %%
index = sp.Symbol("j", integer=True, nonnegative=True)
duplication = sp.factorial(2 * index) / (4**index * sp.factorial(index)) * sp.sqrt(sp.pi)
step("The formula, for symbolic $j$.", sp.gamma(index + half), duplication)

# %%
step("The right index is $n/2-1$,", sp.gamma((n - 1) / 2), duplication.subs(index, n / 2 - 1))

# %%
wrong_gamma = duplication.subs(index, n - 1)
step("the printed one $n-1$; the gamma function used is therefore $\\Gamma(n-\\frac12)$.",
     wrong_gamma, sp.gamma(n - half))


# %%
def line_4(square: sp.Expr) -> sp.Expr:
    """The constant C_{s,n} of (37), with its square left open."""
    return (2 ** ((s + 5) / 2) * square * falling * sp.factorial(n - 1)
            / (sp.pi ** (n / 2 + 1) * sp.factorial(s - n + 3) * sp.factorial((s - n - 1) / 2)
               * sp.factorial(2 * n - 2)))


meant = line_4(sp.factorial((s - n + 3) / 2) ** 2)
step("The fourth line, with the factorial, is the third with the wrong gamma function and without the double "
     "factorial.", meant / line_3, sp.gamma((n - 1) / 2) / (wrong_gamma * halves))

# %%
step("The binomial for the factorial divides by another factorial squared.",
     line_4(choose**2) / meant, (sp.factorial(s - n + 3) / sp.factorial((s - n + 3) / 2) ** 3) ** 2)

# %%
step("The fourth line, with the factorial, over the truth.",
     meant / true_37,
     even_error * last_error / (2 * sp.pi * 2 ** (n / 2 - 1)) * sp.gamma(half) / sp.gamma(n - half))

# %%
conclude("bai2022.eq37.duplication", halves / sp.gamma((n - 1) / 2), refutes=True)

# %%
conclude("bai2022.eq37.line4", true_37 * truth(powers, A=A_of_s), refutes=True)

# %% [markdown]
# ## $s = n+3$
#
# Display (39) doubles the constant once more: $2^{(s+5)/2} = 2^{n/2+4}$, not $2^{n/2+5}$.

# %%
product = sp.gamma((n + 3) / 2) / sp.gamma(5 * half)
conclude("bai2022.eq39.step", 2 ** (n / 2 + 4), refutes=True)

# %%
step("The product at $s=n+3$ goes down from $\\frac{n+1}2$ to $\\frac52$.",
     sp.Subs(falling, s, n + 3), product)

# %%
printed_39 = (2 ** (n / 2 + 5) * sp.factorial(3) ** 2 * product * sp.factorial(n - 1)
              / (sp.pi ** (n / 2 + 1) * sp.factorial(6) * sp.factorial(2 * n - 2)))
step("(39) is twice (37) with the factorial.", printed_39, 2 * meant.subs(s, n + 3))

# %%
true_39 = 2 ** (-(n + 1)) * sp.pi ** (-(n - 1) / 2) / sp.gamma((n + 3) / 2)
step("The true constant is the one of odd dimensions.", true_39, truth(true_constant, n=n, A=sp.Integer(2)))

# %%
ratio_39 = 2 ** (3 * n / 2 + 6) * sp.gamma((n + 3) / 2) ** 2 * sp.factorial(n - 1) / (
    15 * sp.pi**2 * sp.factorial(2 * n - 2))
step("Printed over true in (39).", printed_39 / true_39, ratio_39)

# %%
step("For even $n$ this gamma function is a rational number times $\\sqrt\\pi$,",
     sp.gamma((n + 3) / 2), duplication.subs(index, n / 2 + 1))

# %% [markdown]
# so the ratio is a rational number over $\pi$, never 1: the printed constant is wrong for every even $n$
# too. (Taken literally, as the catalogue does, its product runs in steps of 2. From $n=8$ on that is
# another rational number, and the conclusion stays.) The account closes: each error found above appears in
# the ratio once.

# %%
errors = {
    "Step 1 ($n/2-1$ times)": even_error,
    "the last integral": last_error,
    "the $2\\pi$ of Lemma 9": 1 / (2 * sp.pi),
    "the double factorial (wrong, then lost)": 1 / (2 ** (n / 2 - 1) * halves),
    "the duplication formula": sp.gamma((n - 1) / 2) / wrong_gamma,
    "the factor 2 between (37) and (39)": sp.Integer(2),
}
step("The product of the six errors: " + ", ".join(errors) + ".",
     sp.prod(errors.values()).subs(s, n + 3), ratio_39)

# %%
conclude("bai2022.eq39", true_39, refutes=True)

# %% [markdown]
# ## The true constant
#
# One formula for odd and even $n$ alike, from the second derivation:
# $C_n = 2^{-(n+1)}\,\pi^{-(n-1)/2}/\Gamma(\frac{n+3}2)$.

# %%
n = sp.Symbol("n", integer=True, positive=True)
conclude("sobolev.dimension-constant", truth(true_constant, n=n, A=sp.Integer(2)) * sp.exp(-r) * (1 + r))
