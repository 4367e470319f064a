"""What the syntax tree of a file says before it runs: what could be a claim, and what that needs."""
