"""somacal2025: heavy ball and Nesterov in parameters and in function space; the directions LM, FD, LG.

A loss of one parameter is a polynomial with free coefficients: the recursions hold component by component. In
function space J_k (`FRAME`) and J_(k-1) (`BEFORE`) are the Jacobians at two iterates, see `gram_matrices`.
"""

from __future__ import annotations

import sympy as sp

from sobolevkernels.symbolic.algebraic_proofs import differentiated, rational, squares
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.gram_matrices import (
    BEFORE,
    DEFINITE,
    FRAME,
    REGULAR,
    SPACE,
    J,
    K,
    c,
    g,
    natural,
    projected,
    solve,
)
from sobolevkernels.symbolic.identity import Identity, equation

DYNAMICS = "Somacal & Nouy 2025, slide 'Momentum dynamics'"
FUNCTIONS = "Somacal & Nouy 2025, slides 'Momentum dynamics in functional space'"
DIRECTIONS = "Somacal & Nouy 2025, slide 'Not L² loss', the directions LM, FD, LG"
LATER = "A later version of the talk"
LOSS = "The loss is any cubic polynomial of one parameter; nothing but its gradient at one point enters."

alpha, beta, gamma, h, lam = sp.symbols("alpha beta gamma h lambda", positive=True)
now, before, momentum, e, f, k, t, mu = sp.symbols("theta theta0 p e f k t mu", real=True)
g0, g1, g2 = sp.symbols("G0:3", real=True)
d = sp.Matrix(sp.symbols("d1:3", real=True))
v, v_before, u = (sp.Matrix(sp.symbols(f"{name}1:4", real=True)) for name in "vwu")


def slope(at: sp.Expr) -> sp.Expr:
    """∇L(θ) for the loss with free coefficients."""
    variable = sp.Symbol("t", real=True)
    return sp.Subs(sp.Derivative(e * variable + f * variable**2 + k * variable**3, variable), variable, at)


def heavy_ball(at: sp.Expr, earlier: sp.Expr, step: sp.Expr = alpha, inertia: sp.Expr = beta) -> sp.Expr:
    """θ_(k+1) = θ_k - α∇L(θ_k) + β(θ_k - θ_(k-1))."""
    return at - step * slope(at) + inertia * (at - earlier)


_printed_now = before + beta * momentum
_printed = _printed_now + beta * (momentum - alpha * slope(_printed_now))
_lookahead = now + beta * (now - before)


def _energy(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """One quadratic form of two successive iterates, for the loss λθ²/2."""
    return one**2 + other**2 - (2 - alpha * beta * lam) * one * other


_discrete = (heavy_ball(now, before, h**2, 1 - gamma * h) - 2 * now + before) / h**2
_damped = 1 + gamma * h / 2
_central = heavy_ball(now, before, h**2 / _damped, (1 - gamma * h / 2) / _damped)
_on_exponential = sp.exp(2 * mu * h) - (2 - gamma * h + (mu**2 + gamma * mu) * h**2) * sp.exp(mu * h) + 1 - gamma * h
_at_rest = before - alpha * slope(before)

# P_k[β p_(k-1) - α∇L(v_k)], and its parameters.
_carried, _cross_gram = BEFORE * d, FRAME.T * BEFORE
_momentum_step = beta * natural(FRAME, _carried) - alpha * natural(FRAME, g)
_residual = lambda parameters: (v - v_before - FRAME * parameters).dot(v - v_before - FRAME * parameters)
_shortest = natural(FRAME, v - v_before)

# Quadratic losses ½‖u-v‖²: ∇L(v) = v - u.
_fd = lambda inertia, step: c.dot(projected(inertia * (v - v_before) - step * (v - u), J))
_lg = lambda sign: c.dot(projected(sign * beta * (v_before - u) - alpha * (v - u), J))
_quadratic = e * d[0] + f * d[1] + k * d[0] ** 2 + mu * d[0] * d[1] + gamma * d[1] ** 2

# A curve v = (θ, eθ + fθ²) in the plane: one parameter, whose tangent turns. A function of the plane is `_plane`.
_plane, _test = sp.Matrix(g[:2]), sp.Matrix(c[:2])
_tangent = lambda at: sp.Matrix([1, e + 2 * f * at])
_along = lambda at: _tangent(at) * _tangent(at).dot(_plane) / _tangent(at).dot(_tangent(at))
_out = sp.Matrix([-e - 2 * f * now, 1])

# A vector that is orthogonal to the tangent space of FRAME in the inner product K.
_orthogonal = K[0, :].T.cross(K[1, :].T)
_normal_part = sp.Matrix([0, 0, g[2]])
_theta, _error = sp.Matrix([now, before]), sp.Matrix([e, f])

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="somacal2025.heavy-ball.first-display",
        title="First display: θ_(k+1) = θ_k + βp_k with p_k = p_(k-1) - α∇L(θ_k) is the two-term form further down",
        statement=equation(heavy_ball(_printed_now, before), _printed),
        source=DYNAMICS,
        claim="refuted",
        flaw="slip",
        points=({"alpha": sp.Rational(1, 10), "beta": sp.Rational(1, 2), "e": 0, "f": sp.Rational(1, 2), "k": 0, "p": 1,
                 "theta0": 1},),
        note="β stands before the wrong p. The two-term form of the same slide and the heavy ball of the next one "
        "agree with each other (`somacal2025.heavy-ball`) and not with this; what it is: "
        "`sobolev.heavy-ball-undamped`.",
    ),
    Identity(
        label="somacal2025.heavy-ball",
        title="Heavy ball: θ_(k+1) = θ_k + p_k, p_k = βp_(k-1) - α∇L(θ_k), is θ_k - α∇L(θ_k) + β(θ_k - θ_(k-1))",
        statement=equation(before + momentum + (beta * momentum - alpha * slope(before + momentum)),
                           heavy_ball(before + momentum, before)),
        source=FUNCTIONS + ", first display; " + DYNAMICS + ", the two-term form",
        claim="proved",
        proof=differentiated,
        corrects=("somacal2025.heavy-ball.first-display",),
        note="p = p_(k-1), and θ_k = θ_(k-1) + p. " + LOSS,
    ),
    Identity(
        label="sobolev.heavy-ball-undamped",
        title="The first display is the two-term form with step αβ and momentum 1: nothing is damped",
        statement=equation(_printed, heavy_ball(_printed_now, before, alpha * beta, sp.Integer(1))),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="With p rescaled by β. It discretises d²θ/ds² = -∇L, the equation of the same slide with γ = 0. " + LOSS,
    ),
    Identity(
        label="sobolev.heavy-ball-undamped-energy",
        title="For λθ²/2 the first display conserves θ_(k+1)² + θ_k² - (2 - αβλ)θ_(k+1)θ_k: it never comes to rest",
        statement=equation(_energy(2 * now - before - alpha * beta * lam * now, now), _energy(now, before)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="Positive definite for αβλ < 4. The heavy ball multiplies the area of the (θ_k, θ_(k-1)) plane by β "
        "instead.",
    ),
    Identity(
        label="sobolev.heavy-ball-memory",
        title="From rest, p₂ = -α(g₂ + βg₁ + β²g₀), g_k being the gradient at step k",
        statement=equation(beta * (beta * (-alpha * g0) - alpha * g1) - alpha * g2,
                           -alpha * (g2 + beta * g1 + beta**2 * g0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="All earlier gradients enter, each with a negative sign; LG keeps one.",
    ),
    Identity(
        label="somacal2025.nesterov",
        title="Nesterov: y - α∇L(y) with y = θ_k + β(θ_k - θ_(k-1)) is θ_k - α∇L(y) + β(θ_k - θ_(k-1))",
        statement=equation(_lookahead - alpha * slope(_lookahead),
                           now - alpha * slope(now + beta * (now - before)) + beta * (now - before)),
        source=DYNAMICS + ", Nesterov, and the last line",
        claim="proved",
        proof=differentiated,
        note="The heavy ball with the gradient at y. " + LOSS,
    ),
    Identity(
        label="somacal2025.ode",
        title="Heavy ball discretises d²θ/ds² = -γ dθ/ds - ∇L: with α = h², β = 1 - γh it is exactly the difference "
        "equation",
        statement=equation(_discrete, -gamma * (now - before) / h - slope(now)),
        source=DYNAMICS + ", the second-order equation",
        claim="proved",
        proof=differentiated,
        note="With backward friction; so h = √α and γ = (1-β)/√α. " + LOSS,
    ),
    Identity(
        label="sobolev.ode-central",
        title="With friction (θ_(k+1) - θ_(k-1))γ/2h: β = (1 - γh/2)/(1 + γh/2), α = h²/(1 + γh/2)",
        statement=equation((_central - 2 * now + before) / h**2,
                           -gamma * (_central - before) / (2 * h) - slope(now)),
        where=(sp.Ne(gamma * h, 2),),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="Of second order in h; the two choices of β agree to first order.",
    ),
    Identity(
        label="sobolev.ode-local-error",
        title="e^(μs), -λ = μ² + γμ, misses the heavy ball with α = h², β = 1 - γh by -½γμ²h³ + O(h^4)",
        statement=equation(sp.Subs(sp.Derivative(_on_exponential, (h, 3)), h, 0), -3 * gamma * mu**2),
        where=(sp.Ne(mu, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="On λθ²/2; the terms up to h² vanish by the equation. Divided by h², the error is of first order in h.",
    ),
    Identity(
        label="somacal2025.retraction",
        title="R[v + J dθ] = A(θ + dθ) is a retraction: the derivative of A(θ + t dθ) at t = 0 is J dθ",
        statement=equation(
            sp.Subs(sp.Derivative(_quadratic.subs(dict(zip(d, (now + t * d[0], before + t * d[1]), strict=True)),
                                                  simultaneous=True), t), t, 0),
            (e + 2 * k * now + mu * before) * d[0] + (f + mu * now + 2 * gamma * before) * d[1]),
        where=(sp.Ne((e + 2 * k * now + mu * before) * d[0] + (f + mu * now + 2 * gamma * before) * d[1], 0),),
        source=FUNCTIONS + ", v_(k+1) = R[v_k + p_k]",
        claim="proved",
        proof=differentiated,
        note="One coefficient of A, any quadratic polynomial in (θ, θ0). R is not defined on the slides; in parameters "
        "it is θ + dθ, and it needs a tangent vector, given by its parameters.",
    ),
    Identity(
        label="somacal2025.heavy-ball-function",
        title="P_k[βp_(k-1) - α∇L(v_k)] has the parameters dθ_k = βG_k^(-1)G_(k,k-1)dθ_(k-1) - αG_k^(-1)∇_θL(θ_k)",
        statement=equation(c.dot(projected(beta * _carried - alpha * g, FRAME)), c.dot(FRAME * _momentum_step)),
        source=FUNCTIONS,
        claim="proved",
        proof=rational,
        note="∇_θL = J_k^T ∇L and p_(k-1) = J_(k-1)dθ_(k-1). On the slides p is the function in one place and its "
        "parameters in another. " + SPACE,
    ),
    Identity(
        label="somacal2025.transport-lm",
        title="LM: P_k p_(k-1) has the parameters G_k^(-1) G_(k,k-1) dθ_(k-1), G_(k,k-1) = J_k^T J_(k-1)",
        statement=equation(c.dot(projected(_carried, FRAME)), c.dot(FRAME * solve(FRAME.T * FRAME, _cross_gram * d))),
        source=FUNCTIONS + "; " + DIRECTIONS,
        claim="proved",
        proof=rational,
        note="p_(k-1) = J_(k-1)dθ_(k-1), dθ_(k-1) = d. G_(k,k-1) has the Jacobians of two iterates: "
        "∫ ∂A(θ_k) ∂A(θ_(k-1)) dx. " + SPACE,
    ),
    Identity(
        label="somacal2025.transport-fd",
        title="FD: G_k^(-1)∫ ∂A (v_k - v_(k-1)) dx are the parameters of the tangent vector nearest to v_k - v_(k-1)",
        statement=sp.Le(_residual(_shortest), _residual(d), evaluate=False),
        source=FUNCTIONS + "; " + DIRECTIONS,
        claim="proved",
        proof=squares("The difference is the squared norm of J_k(d - G_k^(-1)∫ ∂A (v_k - v_(k-1)) dx).",
                      [(FRAME * (d - _shortest))[i] ** 2 for i in range(2)]),
        note="∂A at θ_k. Every model with two parameters; V of dimension three.",
    ),
    Identity(
        label="sobolev.chord-of-quadratic",
        title="On a quadratic manifold v_k - v_(k-1) = ½(J_k + J_(k-1)) dθ: FD is the mean of dθ and LM",
        statement=equation(
            _quadratic - _quadratic.subs({d[0]: d[0] - now, d[1]: d[1] - before}, simultaneous=True),
            sp.Add(*((_quadratic.diff(x) + _quadratic.diff(x).subs({d[0]: d[0] - now, d[1]: d[1] - before},
                                                                  simultaneous=True)) * y / 2
                     for x, y in zip(d, (now, before), strict=True)))),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="One coefficient, any quadratic polynomial in θ_k = d, with dθ = (θ, θ0). Multiplied by G_k^(-1)J_k^T the "
        "right side is ½(dθ + G_k^(-1)G_(k,k-1)dθ).",
    ),
    Identity(
        label="somacal2025.transport-lg",
        title="LG: for L = ½‖u-v‖², P_k∇L(v_(k-1)) has the parameters G_k^(-1)[∇_θL(θ_k) - ∫ ∂A (v_k - v_(k-1)) dx]",
        statement=equation(c.dot(projected(v_before - u, FRAME)),
                           c.dot(FRAME * (natural(FRAME, v - u) - natural(FRAME, v - v_before)))),
        source=DIRECTIONS,
        claim="proved",
        proof=rational,
        note="w = v_(k-1). In general the parameters are G_k^(-1)J_k^T ∇L(v_(k-1)): the Jacobian of θ_k with the "
        "gradient at v_(k-1), which is not ∇_θL(θ_(k-1)) = J_(k-1)^T ∇L(v_(k-1)). " + SPACE,
    ),
    Identity(
        label="somacal2025.direction-lg",
        title="LG as printed, +β∇L(v_(k-1)) - α∇L(v_k), is momentum: βP(v_k - v_(k-1)) less a multiple of the gradient",
        statement=equation(_lg(1), _fd(beta, alpha + beta)),
        source=DIRECTIONS,
        claim="refuted",
        flaw="slip",
        where=REGULAR,
        points=({"alpha": sp.Rational(1, 2), "beta": sp.Rational(1, 4), "c1": 1, "c2": 0, "c3": 0, "j1": 1, "j2": 0,
                 "j3": 0, "j4": 1, "j5": 0, "j6": 0, "u1": 3, "u2": 0, "u3": 0, "v1": 1, "v2": 0, "v3": 0, "w1": 0,
                 "w2": 0, "w3": 0},),
        note="The sign contradicts LM and FD on the same slide: from rest p_(k-1) = -α∇L(v_(k-1)). As printed it "
        "brakes: `sobolev.lg-printed`. L = ½‖u-v‖².",
    ),
    Identity(
        label="sobolev.lg-is-fd",
        title="With the sign of momentum, P[-β∇L(v_(k-1)) - α∇L(v_k)] is FD with momentum β and step α+β",
        statement=equation(_lg(-1), _fd(beta, alpha + beta)),
        where=REGULAR,
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("somacal2025.direction-lg",),
        note="For L = ½‖u-v‖² and every model, linear or not. The momentum of LG is then no third kind; for other "
        "losses v_k - v_(k-1) is multiplied by the Hessian averaged along the chord. " + SPACE,
    ),
    Identity(
        label="sobolev.lg-printed",
        title="As printed, LG is FD with momentum -β and step α-β: friction instead of inertia",
        statement=equation(_lg(1), _fd(-beta, alpha - beta)),
        where=(*REGULAR, sp.Ne(alpha, beta)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="For L = ½‖u-v‖² and every model. " + SPACE,
    ),
    Identity(
        label="somacal2025.nesterov-lookahead",
        title="w_k = R[v_k + βP_k(v_k - v_(k-1))]: for a linear model, y = θ_k + β(θ_k - θ_(k-1))",
        statement=equation(c.dot(projected(beta * J * d, J)), beta * c.dot(J * d)),
        where=(*REGULAR, sp.Ne(c.dot(J * d), 0)),
        source=FUNCTIONS + ", Nesterov",
        claim="proved",
        proof=rational,
        note="d = θ_k - θ_(k-1). For other models y = θ_k + βG_k^(-1)∫ ∂A (v_k - v_(k-1)) dx. " + SPACE,
    ),
    Identity(
        label="somacal2025.nesterov-function",
        title="v_(k+1) = R[w_k - αP_k∇L(w_k)] is the natural gradient step from y: JG^(-1)∇_θL(y), both J and G at y",
        statement=equation(_along(now)[1], _along(before)[1]),
        source=FUNCTIONS + ", Nesterov",
        claim="refuted",
        flaw="slip",
        points=({"e": 0, "f": 1, "g1": 1, "g2": 0, "theta": 1, "theta0": 0},),
        note="y = θ and θ_k = θ0 on the curve v = (θ, eθ + fθ²). The projection must be onto the tangent space at w_k: "
        "P_k∇L(w_k) is not tangent there, and R[w_k + ...] has no meaning in parameters.",
    ),
    Identity(
        label="sobolev.nesterov-function",
        title="Nesterov's second step is v_(k+1) = R[w_k - αP∇L(w_k)], P onto the tangent space at w_k",
        statement=equation(_test.dot(_along(now)), _test.dot(_plane - _out * _out.dot(_plane) / _out.dot(_out))),
        where=(sp.Ne(_test.dot(_along(now)), 0),),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("somacal2025.nesterov-function",),
        note="The natural gradient step from y, with J and G at y. On the curve v = (θ, eθ + fθ²), tested on c; in "
        "general it is `somacal2025.natural-flow-function` at y.",
    ),
    Identity(
        label="sobolev.linear-transports",
        title="Linear model: LM = FD = θ_k - θ_(k-1), in every metric",
        statement=equation(
            d.dot(natural(FRAME, FRAME * _theta - FRAME * _error, K)),
            d.dot(sp.Matrix([now - e, before - f]))),
        where=(*DEFINITE, sp.Ne(d[0] * (now - e) + d[1] * (before - f), 0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="θ_k = (θ, θ0), θ_(k-1) = (e, f), v = Jθ; J is constant, so that J(θ_k - θ_(k-1)) is both p_(k-1) and "
        "v_k - v_(k-1). Tested on d. Heavy ball in function space is then preconditioned heavy ball, with G^(-1).",
    ),
    Identity(
        label="sobolev.linear-natural-heavy-ball",
        title="Linear model, loss ½‖u-v‖²_K, its Gram matrix: every coordinate of the error follows z² = (1-α+β)z - β",
        statement=equation(
            d.dot(_theta - alpha * natural(FRAME, FRAME * _theta, K)
                  + beta * sp.Matrix([now - e, before - f])),
            (1 - alpha + beta) * (now * d[0] + before * d[1]) - beta * (e * d[0] + f * d[1])),
        where=DEFINITE,
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="The errors are θ_k - θ∗ = (θ, θ0) and θ_(k-1) - θ∗ = (e, f), and ∇L is K J times the error. One "
        "curvature for all: with α = 1, β = 0 the first step arrives, and |z| = √β for 0 < β < 4: momentum can "
        "only delay.",
    ),
    Identity(
        label="sobolev.linear-lg",
        title="Linear model, ½‖u-v‖²_K and its Gram matrix: LG carries G^(-1)∇L(θ_(k-1)), the error of the step before",
        statement=equation(d.dot(natural(FRAME, FRAME * _error + mu * _orthogonal, K)), d.dot(_error)),
        where=(*DEFINITE, sp.Ne(d[0] * e + d[1] * f, 0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="Not θ_k - θ_(k-1): with the printed sign the recursion is z² = (1-α)z + β. The part of v-u that is "
        "K-orthogonal to the model drops out.",
    ),
    Identity(
        label="somacal2025.two-grams",
        title="Momentum by the plain Gram matrix, the gradient by that of the loss: on tangent vectors both project "
        "alike",
        statement=equation(d.dot(natural(FRAME, FRAME * _error, K)),
                           d.dot(natural(FRAME, FRAME * _error))),
        where=(*DEFINITE, sp.Ne(d[0] * e + d[1] * f, 0)),
        source=LATER,
        claim="proved",
        proof=rational,
        note="So for linear models the choice of the Gram matrix does not matter to the momentum.",
    ),
    Identity(
        label="sobolev.two-grams-normal",
        title="Otherwise the two projections of a function differ by the K-projection of its part normal to the model",
        statement=equation(d.dot(natural(FRAME, g, K)), d.dot(natural(FRAME, g) + natural(FRAME, _normal_part, K))),
        where=(*DEFINITE, sp.Ne(d.dot(d), 0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="The one P of 'Momentum dynamics in functional space' cannot stand for both: with G = ∫∫ ∂A [H_V L] ∂A "
        "for the gradient, the momentum of a non-linear model needs a choice, which the slides leave open.",
    ),
)
