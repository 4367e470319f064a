"""A module of Python 2 that another file imports."""
# none: square


def square(x):
    return x * x


def told(x):
    print x, square(x)
