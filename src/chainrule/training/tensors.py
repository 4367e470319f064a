"""Arrays in a file of the safetensors format, which PyTorch, JAX and others read too: plain numbers, no code.

Eight bytes with the length of a header, the header in JSON (names, types, shapes, places; texts under `__metadata__`),
then the numbers, one array after the other (github.com/huggingface/safetensors, "Format"). It is written and read here
in a few lines, so that nothing has to be installed for it.
"""

from __future__ import annotations

import json
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import ArgumentError

KINDS = {  # NumPy's names, without the order of bytes
    "f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16", "i1": "I8", "u1": "U8", "b1": "BOOL",
}  # fmt: skip
_KNOWN = {name: np.dtype(f"<{kind}") for kind, name in KINDS.items()}


def write(file: IO[bytes], arrays: dict[str, NDArray[Any]], texts: dict[str, str]) -> None:
    """Write arrays, and texts about them. Raises ArgumentError for numbers the format has no name for."""
    header: dict[str, Any] = {"__metadata__": texts}
    place = 0
    for name, x in arrays.items():
        kind = KINDS.get(x.dtype.str[1:])
        if kind is None:
            raise ArgumentError.here(
                f"safetensors has no numbers of type {x.dtype}, which {name} has; name the file .npz"
            )
        header[name] = {"dtype": kind, "shape": list(x.shape), "data_offsets": [place, place + x.nbytes]}
        place += x.nbytes
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)  # the numbers begin at a multiple of their size
    file.write(len(head).to_bytes(8, "little") + head)
    for x in arrays.values():
        file.write(np.ascontiguousarray(x, x.dtype.newbyteorder("<")).tobytes())


def read(data: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """What `write` wrote, or another writer of the format. Raises ValueError where it is something else.

    >>> import io
    >>> file = io.BytesIO()
    >>> write(file, {"w": np.array([1.0, 2.0])}, {"by": "hand"})
    >>> read(file.getvalue())
    ({'w': array([1., 2.])}, {'by': 'hand'})
    """
    begin = 8 + int.from_bytes(data[:8], "little")
    if not 8 < begin <= len(data):
        raise ValueError("no header of safetensors")
    header = json.loads(data[8:begin])
    texts = header.pop("__metadata__", {})
    arrays = {}
    for name, about in header.items():
        first, last = about["data_offsets"]
        flat = np.frombuffer(data[begin + first : begin + last], _KNOWN[about["dtype"]])
        arrays[name] = flat.reshape(about["shape"]).astype(flat.dtype.newbyteorder("="))
    return arrays, texts
