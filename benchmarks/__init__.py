"""Chainrule and its peers doing the same work, timed side by side: `python -m benchmarks`."""
