"""Length and friction of a pendulum, from its angles: the derivative goes through 4th-order Runge-Kutta steps.

python examples/training/pendulum.py
"""

import importlib.util

import numpy as np

from chainrule import optim

GRAVITY, STEP = 9.81, 0.05
COMPILED = importlib.util.find_spec("llvmlite") is not None


def slope(angle, speed, params):
    return speed, -GRAVITY / params["length"] * np.sin(angle) - params["friction"] * speed


def swing(params, steps, angle=1.2, speed=0.0):
    """The angles after each of so many steps."""
    angles = []
    for _ in range(steps):
        a1, s1 = slope(angle, speed, params)
        a2, s2 = slope(angle + STEP / 2 * a1, speed + STEP / 2 * s1, params)
        a3, s3 = slope(angle + STEP / 2 * a2, speed + STEP / 2 * s2, params)
        a4, s4 = slope(angle + STEP * a3, speed + STEP * s3, params)
        angle = angle + STEP / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
        speed = speed + STEP / 6 * (s1 + 2 * s2 + 2 * s3 + s4)
        angles.append(angle)
    return np.array(angles)


TRUE, START = {"length": 1.3, "friction": 0.25}, {"length": 1.0, "friction": 0.0}


def measured(steps, noise=0.01):
    return swing(TRUE, steps) + noise * np.random.default_rng(0).normal(size=steps)


def loss(params, angles):
    return np.mean((swing(params, len(angles)) - angles) ** 2)


def main(steps=80):
    found = optim.minimize(loss, START, measured(steps), jit=COMPILED)
    print(f"true {TRUE}")
    print(
        f"found { ({k: round(v, 3) for k, v in found.params.items()}) } in {found.steps} steps, loss {found.value:.2g}"
    )
    return found


if __name__ == "__main__":
    main()
