"""Prints a safetensors file as JSON: {"metadata": {...}, "tensors": {name: {dtype, shape, data}}}, data flat.

Plain Python, written from the published format, so that our writer is read by something that is not ours.
Refuses what the format forbids: gaps, overlaps, trailing bytes, a wrong size. Usage: read_safetensors.py FILE
"""

import json
import math
import struct
import sys

CODES = {"F32": ("f", 4), "F64": ("d", 8), "I32": ("i", 4), "I64": ("q", 8), "U8": ("B", 1), "BOOL": ("?", 1)}


def readable(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    if length > len(content) - 8:
        raise ValueError(f"header of {length} bytes in a file of {len(content)}")
    text = content[8 : 8 + length]
    if not text.startswith(b"{"):
        raise ValueError("the header does not start with {")
    header, body = json.loads(text.decode("utf-8")), content[8 + length :]
    metadata, tensors, end = header.pop("__metadata__", {}), {}, 0
    if not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("metadata values must be strings")
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        code, size = CODES[entry["dtype"]]
        count = math.prod(entry["shape"])
        start, stop = entry["data_offsets"]
        if start != end or stop - start != count * size:
            raise ValueError(f"{name}: data_offsets {start}..{stop}, expected {end}..{end + count * size}")
        end = stop
        data = struct.unpack(f"<{count}{code}", body[start:stop])
        tensors[name] = {**entry, "data": [readable(value) for value in data]}
        del tensors[name]["data_offsets"]
    if end != len(body):
        raise ValueError(f"{len(body) - end} bytes after the last tensor")
    return {"metadata": metadata, "tensors": tensors}


try:
    print(json.dumps(read(sys.argv[1]), allow_nan=False))
except (ValueError, KeyError, struct.error) as error:
    sys.exit(f"read_safetensors: {sys.argv[1]}: {error}")
