"""`jit`: the same program at machine speed."""
