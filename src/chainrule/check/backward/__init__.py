"""Backward passes as people write them: pairs of functions, `forward(x, w) -> out, cache` and `backward(dout, cache)`,
and layers.

`passes` calls them, `gradients` finds out which gradient belongs to which argument, `layer` makes a layer such a pair,
`behaviour` looks at what numbers do not show, `checking` holds all of it against the function.
"""
