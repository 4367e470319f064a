"""Repetition in a sequence of steps, found: `reroll` writes it as machine code, `export` as C, `show` as Python."""
