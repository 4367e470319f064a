"""Gradients of solutions: of a differential equation by its parameters, and of a system of equations by its data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import fsolve

import chainrule as cr
from benchmarks.common import Contender, Run, Workload

PARAMETERS = np.array([1.1, 0.4, 0.1, 0.4])
START = np.array([10.0, 5.0])
TOLERANCE = 1e-9


def chainrule_ode(end: float) -> Run:
    def loss(p: Any) -> Any:
        def slope(t: float, y: Any) -> Any:
            return [p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]]

        return np.sum(solve_ivp(slope, (0.0, end), START, rtol=TOLERANCE, atol=TOLERANCE).y[:, -1] ** 2)

    gradient = cr.grad(loss)
    return lambda: gradient(PARAMETERS)


def sensitivities(end: float) -> Run:
    """The equation together with that of its derivatives, by hand."""
    a, b, c, d = PARAMETERS

    def slope(t: float, z: Any) -> Any:
        x, y = z[:2]
        jacobian = np.array([[a - b * y, -b * x], [c * y, c * x - d]])
        direct = np.array([[x, -x * y, 0.0, 0.0], [0.0, 0.0, x * y, -y]])
        moved = jacobian @ z[2:].reshape(2, 4) + direct
        return np.concatenate([[a * x - b * x * y, c * x * y - d * y], moved.ravel()])

    def run() -> Any:
        begin = np.concatenate([START, np.zeros(8)])
        z = solve_ivp(slope, (0.0, end), begin, rtol=TOLERANCE, atol=TOLERANCE).y[:, -1]
        return 2 * z[:2] @ z[2:].reshape(2, 4)

    return run


def jax_ode(end: float) -> Run:
    import jax
    import jax.numpy as jnp
    from jax.experimental.ode import odeint

    jax.config.update("jax_enable_x64", True)

    def slope(y: Any, t: Any, p: Any) -> Any:
        return jnp.array([p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]])

    def loss(p: Any) -> Any:
        return jnp.sum(odeint(slope, START, jnp.array([0.0, end]), p, rtol=TOLERANCE, atol=TOLERANCE)[-1] ** 2)

    gradient = jax.jit(jax.grad(loss))
    return lambda: jax.block_until_ready(gradient(PARAMETERS))


def diffrax_ode(end: float) -> Run:
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    term = diffrax.ODETerm(
        lambda t, y, p: jnp.array([p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]])
    )
    control = diffrax.PIDController(rtol=TOLERANCE, atol=TOLERANCE)

    def loss(p: Any) -> Any:
        found = diffrax.diffeqsolve(
            term, diffrax.Dopri5(), 0.0, end, None, jnp.array(START), p, stepsize_controller=control, max_steps=4096
        )
        return jnp.sum(found.ys[-1] ** 2)

    gradient = jax.jit(jax.grad(loss))
    return lambda: jax.block_until_ready(gradient(PARAMETERS))


def matrix(n: int) -> Any:
    return np.cos(np.arange(n)[:, None] * np.arange(1, n + 1)) / n


def chainrule_implicit(n: int) -> Run:
    w, target = matrix(n), np.linspace(-1.0, 1.0, n)

    def residual(y: Any, a: Any) -> Any:
        return y + np.tanh(w @ y) - a

    def jacobian(y: Any, a: Any) -> Any:
        return np.eye(n) + (1 - np.tanh(w @ y) ** 2)[:, None] * w

    solution = cr.implicit(lambda a: fsolve(residual, a, (a,), jacobian, xtol=1e-14), residual)
    gradient = cr.grad(lambda a: np.sum(solution(a) ** 2))
    return lambda: gradient(target)


def implicit_by_hand(n: int) -> Run:
    w, target = matrix(n), np.linspace(-1.0, 1.0, n)

    def run() -> Any:
        def jacobian(y: Any) -> Any:
            return np.eye(n) + (1 - np.tanh(w @ y) ** 2)[:, None] * w

        y = fsolve(lambda y: y + np.tanh(w @ y) - target, target, fprime=jacobian, xtol=1e-14)
        return np.linalg.solve(jacobian(y).T, 2 * y)

    return run


def jax_implicit(n: int) -> Run:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    w, target = jnp.array(matrix(n)), np.linspace(-1.0, 1.0, n)

    def residual(y: Any, a: Any) -> Any:
        return y + jnp.tanh(w @ y) - a

    slopes = jax.jacobian(residual)

    @jax.custom_vjp
    def solution(a: Any) -> Any:
        return jax.lax.fori_loop(0, 8, lambda _, y: y - jnp.linalg.solve(slopes(y, a), residual(y, a)), a)

    def forward(a: Any) -> Any:
        y = solution(a)
        return y, (y, a)

    solution.defvjp(forward, lambda kept, ct: (jnp.linalg.solve(slopes(*kept).T, ct),))
    gradient = jax.jit(jax.grad(lambda a: jnp.sum(solution(a) ** 2)))
    return lambda: jax.block_until_ready(gradient(target))


def optimistix_implicit(n: int) -> Run:
    import jax
    import jax.numpy as jnp
    import optimistix

    jax.config.update("jax_enable_x64", True)
    w, target = jnp.array(matrix(n)), np.linspace(-1.0, 1.0, n)
    solver = optimistix.Newton(rtol=1e-13, atol=1e-13)

    def loss(a: Any) -> Any:
        return jnp.sum(optimistix.root_find(lambda y, a: y + jnp.tanh(w @ y) - a, solver, a, a).value ** 2)

    gradient = jax.jit(jax.grad(loss))
    return lambda: jax.block_until_ready(gradient(jnp.array(target)))


def workloads(tiny: bool = False) -> Iterator[Workload]:
    end, n = (1.0, 4) if tiny else (10.0, 30)
    yield Workload(
        "gradient of a differential equation's solution by 4 parameters (Lotka and Volterra)",
        [
            Contender("Chainrule", lambda: chainrule_ode(end), "chainrule", "solve_ivp"),
            Contender("by hand", lambda: sensitivities(end), note="solve_ivp of the sensitivities"),
            Contender("JAX", lambda: jax_ode(end), "jax", "jit, odeint, adjoint"),
            Contender("diffrax", lambda: diffrax_ode(end), "diffrax", "jit, Dopri5, recursive checkpoints"),
        ],
        tolerance=1e-5,
    )
    yield Workload(
        f"gradient of the solution of {n} equations by {n} numbers",
        [
            Contender("Chainrule", lambda: chainrule_implicit(n), "chainrule", "implicit, fsolve"),
            Contender("by hand", lambda: implicit_by_hand(n), note="fsolve, the transposed system"),
            Contender("JAX", lambda: jax_implicit(n), "jax", "jit, custom_vjp, Newton"),
            Contender("optimistix", lambda: optimistix_implicit(n), "optimistix", "jit, root_find, Newton"),
        ],
        tolerance=1e-7,
    )
