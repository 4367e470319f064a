"""Claims, and where they are found: in Python files, notebooks and folders."""
