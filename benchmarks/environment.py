"""A process in which every library computes on one thread. Imports nothing that reads the environment."""

import os
import platform
import sys
from pathlib import Path

SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NPROC": "1",  # JAX sizes its thread pool by it
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONHASHSEED": "0",
}
REMOVED = ("OPENBLAS_CORETYPE", "PYTHONWARNINGS")  # the first would give NumPy the kernels of another CPU


def restart_alone() -> None:
    """Start the program again with these settings, unless it runs with them already."""
    wanted = {k: v for k, v in os.environ.items() if k not in REMOVED} | SETTINGS
    if wanted != dict(os.environ):
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]], wanted)


def machine() -> str:
    """The machine in a line: processor, system, Python."""
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        lines = described.read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, one thread; {platform.system()} {platform.machine()}; Python {platform.python_version()}"
