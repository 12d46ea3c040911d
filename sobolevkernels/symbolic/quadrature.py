"""Quadrature rules for the integrals that formulas of this field are made of, on top of mpmath's.

Each rule takes a function of mpmath numbers and works at the precision in force;
none returns a value that its own estimate of the error does not support.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from mpmath import mp


class DidNotSettle(ValueError):
    """Two refinements of a rule disagree: the integrand is singular, or decays too slowly."""


def frequency(integrand: sp.Expr, variable: sp.Symbol) -> tuple[type, sp.Expr] | None:
    """(cos, ω), (sin, ω), (exp, ω) or (besselj, ω) when the integrand oscillates in that way only.

    ω must be a number: the frequency of an inner integral may not vary with its own variable.
    """
    found = set()
    for call in integrand.atoms(sp.cos, sp.sin, sp.exp, sp.besselj):
        rate = sp.diff(call.args[-1], variable)
        if isinstance(call, sp.exp):
            rate = rate / sp.I
        if not rate.free_symbols and sp.im(rate) == 0 and rate != 0:
            found.add((type(call), rate if isinstance(call, sp.exp) else abs(rate)))
    return found.pop() if len(found) == 1 else None


def double_exponential(at: Callable[[Any], Any], frequency_value: Callable[[], Any], shift: Any) -> Any:
    """∫_0^∞ of a function that oscillates like sin(ωx) (shift 0) or cos(ωx) (shift 1/2), after Ooura and Mori.

    The substitution x = Mφ(t)/ω sends the nodes to the zeros of the
    oscillating factor doubly exponentially fast, so that slow decay costs
    nothing. M is doubled until two values agree. ω is a function, because the nodes
    must hit the zeros to more digits than the result has.
    """
    goal = mp.mpf(10) ** -mp.dps
    with mp.extradps(12):
        omega = frequency_value()
        near, far = (abs(at((2 * mp.pi * 10**power + (0.5 - shift) * mp.pi) / omega)) for power in (3, 6))
        if near and not far < near:
            raise DidNotSettle("the oscillating integrand does not decay: the integral diverges")
        beta, previous, steps = mp.mpf(1) / 4, None, 16
        while steps <= 1024:
            alpha = beta / mp.sqrt(1 + steps * mp.log(1 + steps) / (4 * mp.pi))
            h, total = mp.pi / steps, mp.mpf(0)
            for direction in (1, -1):
                n, small = (0 if direction == 1 else -1), 0
                while small < 4:
                    t = (n + shift) * h
                    decay = mp.exp(-2 * t - alpha * (1 - mp.exp(-t)) - beta * (mp.exp(t) - 1))
                    slope = 2 + alpha * mp.exp(-t) + beta * mp.exp(t)
                    if t:
                        phi = t / (1 - decay)
                        weight = (1 - phi * slope * decay) / (1 - decay)
                    else:  # the limits of the same two expressions
                        phi, weight = 1 / slope, mp.mpf(1) / 2 - (beta - alpha) / (2 * slope**2)
                    term = at(steps * phi / omega) * weight
                    total += term
                    small = small + 1 if abs(term) <= goal * abs(total) * mp.mpf("1e-4") else 0
                    n += direction
                    if abs(n) > 100 * steps:
                        raise DidNotSettle("the oscillating integrand does not die out at the zeros of its wave")
            total *= mp.pi / omega
            if previous is not None and abs(total - previous) <= goal * abs(total):
                return total
            previous, steps = total, 2 * steps
    raise DidNotSettle("the oscillating integral did not settle; is the integrand smooth and decaying?")


def trapezoidal(at: Callable[[Any], Any]) -> Any:
    """∫_R by the trapezoidal rule, which converges geometrically for analytic integrands that decay
    exponentially or faster; None where it cannot be trusted.

    A first look at |x| ≤ 60 finds where the integrand lives. The grid is shifted by a different
    irrational amount at each refinement, so that no wave can hide between its nodes, and agreement is
    measured against ∫|f|: a value that is nearly all cancellation is given to another rule.
    """
    goal = mp.mpf(10) ** (-mp.dps - 3)
    with mp.extradps(8):
        golden, h = (mp.sqrt(5) - 1) / 2, mp.mpf(1) / 2
        first = [abs(at(h * n)) for n in range(-120, 121)]
        live = [abs(n - 120) * h for n, size in enumerate(first) if size > goal * max(first)]
        if not live or max(live) > 58:
            return None
        reach, previous = max(live) + 2, None
        for level in range(6):
            shift = h * mp.frac((level + 1) * golden)
            values = [at(shift + h * n) for n in range(-int(reach / h), int(reach / h) + 1)]
            total, mass = sum(values) * h, sum(map(abs, values)) * h
            if previous is not None and abs(total - previous) <= 10 * goal * mass:
                return total if abs(total) > mp.mpf(10) ** (-mp.dps // 2) * mass else None
            previous, h = total, h / 2
    return None


def settled_quadrature(at: Callable[[Any], Any], nodes: list) -> Any:
    """mpmath's tanh-sinh rule, refused where its own estimate of the error is poor."""
    if nodes[-1] == mp.inf:
        near, far = (abs(at(mp.mpf(10) ** power)) * 10**power for power in (3, 6))
        if near and not far < near:
            raise DidNotSettle("the integrand decays no faster than the inverse of its variable")
    total, error = mp.quad(at, nodes, error=True)
    if error > abs(total) * mp.mpf(10) ** (-mp.dps / 2):
        raise DidNotSettle("the quadrature did not settle; is the integrand singular or slowly decaying?")
    return total
