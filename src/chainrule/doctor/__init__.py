"""Which lines of somebody's code have no derivative here, and what to write instead."""
