"""Wages that clear the markets.

A secant method (Broyden's) from a rough derivative is cheapest, and gets there nearly always; where it does
not, Newton's method with the exact derivative is tried, then a damped fixed point.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from geomonitor.shocks.system import CounterfactualSystem

__all__ = ["damped", "newton", "secant"]

Floats = NDArray[np.float64]

_SECANT_STEPS = 60
_NEWTON_STEPS = 60
_DAMPED_STEPS = 3_000
_LARGEST_STEP = 0.5


class _Secant:
    """A factorised derivative with Broyden's updates, by Sherman and Morrison."""

    def __init__(self, derivative: Floats) -> None:
        self.factors = scipy.linalg.lu_factor(derivative)
        self.updates: list[tuple[Floats, Floats]] = []

    def solve(self, value: Floats) -> Floats:
        found: Floats = scipy.linalg.lu_solve(self.factors, value)
        for rest, moved in self.updates:
            found = found + rest * float(moved @ found)
        return found

    def update(self, moved: Floats, changed: Floats) -> None:
        image = self.solve(changed)
        scale = float(moved @ image)
        if abs(scale) > 1e-14 * float(moved @ moved):
            self.updates.append(((moved - image) / scale, moved))


def secant(
    system: CounterfactualSystem, log_wages: Floats, tolerance: float
) -> tuple[Floats | None, int, str]:
    """Broyden's method from a rough derivative; None where it wanders off."""
    system.aim(1.0)
    value, inner = system.excess(log_wages)
    if not np.isfinite(value).all():
        return None, 0, "secant"
    size = best = float(np.max(np.abs(value)))
    weights = system.value_added / system.world
    # Walras: one condition is redundant; the value of world value added takes its place
    rough = system.rough_derivative(log_wages) + np.outer(np.ones_like(weights), weights)
    if not np.isfinite(rough).all():
        return None, 0, "secant"
    broyden = _Secant(rough)
    for number in range(1, _SECANT_STEPS + 1):
        step = -broyden.solve(value)
        largest = float(np.max(np.abs(step)))
        step *= min(1.0, _LARGEST_STEP / largest) if largest > 0 else 1.0
        trial = system.normalised(log_wages + step)
        system.aim(size)
        new_value, inner = system.excess(trial)
        if not np.isfinite(new_value).all():
            return None, number, "secant"
        broyden.update(trial - log_wages, new_value - value)
        log_wages, value, size = trial, new_value, float(np.max(np.abs(new_value)))
        if size <= tolerance and inner <= tolerance:
            return log_wages, number, "secant"
        best = min(best, size)
        if size > 1e3 * best and number > 10:
            return None, number, "secant"
    return None, _SECANT_STEPS, "secant"


def newton(
    system: CounterfactualSystem, log_wages: Floats, tolerance: float
) -> tuple[Floats | None, int, str]:
    """Newton's method with Broyden's updates; None where it does not get there."""
    system.aim(0.0)
    value, inner = system.excess(log_wages)
    if not np.isfinite(value).all():
        return None, 0, "newton"
    weights = system.value_added / system.world
    broyden: _Secant | None = None
    trial, new_value, new_size, new_inner = log_wages, value, np.inf, inner
    size = float(np.max(np.abs(value)))
    renewed, fresh = 0, True
    for number in range(_NEWTON_STEPS):
        if size <= tolerance and inner <= tolerance:
            return log_wages, number, "newton"
        if broyden is None:
            if renewed == 4:
                return None, number, "newton"
            # Walras: one condition is redundant; the value of world value added takes its place
            jacobian = system.derivative(log_wages) + np.outer(np.ones_like(weights), weights)
            broyden = _Secant(jacobian)
            renewed += 1
            fresh = True
        step = -broyden.solve(value)
        largest = float(np.max(np.abs(step)))
        factor = min(1.0, 1.0 / largest) if largest > 0 else 1.0
        accepted = False
        for _ in range(6):
            trial = system.normalised(log_wages + factor * step)
            new_value, new_inner = system.excess(trial)
            new_size = float(np.max(np.abs(new_value))) if np.isfinite(new_value).all() else np.inf
            if new_size < size * (1 - 0.1 * factor) or new_size <= tolerance:
                accepted = True
                break
            factor /= 3
        if not accepted:
            if fresh:
                return None, number, "newton"
            broyden = None
            continue
        slow = new_size > 0.5 * size
        broyden.update(trial - log_wages, new_value - value)
        log_wages, value, size, inner = trial, new_value, new_size, new_inner
        if slow and not fresh:
            broyden = None
        fresh = False
    return None, _NEWTON_STEPS, "newton"


def damped(
    system: CounterfactualSystem, log_wages: Floats, tolerance: float
) -> tuple[Floats | None, int, str]:
    """Take small steps in the direction of the excess: slow, and needs little."""
    damping, last = 0.2, np.inf
    for number in range(_DAMPED_STEPS):
        value, inner = system.excess(log_wages)
        if not np.isfinite(value).all():
            return None, number, "damped"
        size = float(np.max(np.abs(value)))
        if size <= tolerance and inner <= tolerance:
            return log_wages, number, "damped"
        if size > last * 1.02:
            damping = max(damping / 2, 1e-3)
        last = size
        log_wages = system.normalised(log_wages + np.log1p(np.clip(damping * value, -0.5, 0.5)))
    return None, _DAMPED_STEPS, "damped"
