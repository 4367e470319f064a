"""Names that only look like derivatives."""
# none: getp, dbode, dstep, dsplit, minkowski_distance_p, execlp, draw, dump, inp, stop, gradient_descent, dtype, sgrad
import numpy as np


def get(name):
    return {"a": 1}[name]


def getp(name):
    return "p" + name


def bode(system, w=None, n=100):
    return system.response(w, n)


def dbode(system, w=None, n=100):
    return system.discrete().response(w, n)


def step(system, T=None):
    return system.run(T)


def dstep(system, T=None):
    return system.run(T, discrete=True)


def split(text):
    return text.split()


def dsplit(text):
    return text.split(",")


def minkowski_distance(x, y, p=2):
    return np.sum(np.abs(x - y) ** p) ** (1 / p)


def minkowski_distance_p(x, y, p=2):
    return np.sum(np.abs(x - y) ** p)


def execl(file, *args):
    raise OSError(file)


def execlp(file, *args):
    raise OSError(file)


def raw(text):
    return repr(text)


def draw(text, canvas):
    return canvas.write(text)


def ump(x):
    return str(x)


def dump(x, file):
    file.write(x)


def gradient_descent(f, x, steps):
    return x
