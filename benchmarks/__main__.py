"""`python -m benchmarks [NAME ...]`, in a process where every library has one thread."""

import sys

from benchmarks.environment import restart_alone

if __name__ == "__main__":
    restart_alone()
    from benchmarks.run import main

    sys.exit(main())
