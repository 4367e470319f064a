"""Random programs, run as they stand and through jit, which has to agree.

`python -m tests.fuzz --minutes 5` in the repository's folder looks for disagreements. Every program is drawn from a
seed and runs in another process, under a time limit. One that fails is made as short as it can be, and printed as
Python source.
"""
