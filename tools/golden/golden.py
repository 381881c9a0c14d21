"""What the golden scripts share: float64 tensors, short exact inputs, and the JSON file format.

A file is {"source", "script", "rows"}, one row a line. Numbers JSON cannot hold are the strings
"NaN", "Infinity" and "-Infinity". Random inputs are multiples of 1/64, so float32 holds them exactly.
"""

import json
import math
import os

import torch

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def seeded(seed):
    """Random tensors of multiples of 1/64 within about +-`scale`, the same on every machine."""
    # A small generator of its own: PyTorch's stream may change between versions.
    state = [seed * 2654435761 % 2**32 or 1]

    def draw(*shape, scale=2.0):
        values = []
        for _ in range(math.prod(shape)):
            state[0] = (1664525 * state[0] + 1013904223) % 2**32
            unit = (state[0] >> 8) / 2**24
            values.append(round((2 * unit - 1) * scale * 64) / 64)
        return torch.tensor(values).reshape(shape)

    return draw


def plain(value):
    """Tensors, lists and numbers as what JSON can hold."""
    if isinstance(value, torch.Tensor):
        return plain(value.detach().tolist())
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value == int(value) and abs(value) < 1e15:
            return int(value) if value != 0 or math.copysign(1, value) > 0 else 0
    return value


def write(package, name, rows, script=None, source=None):
    """Writes packages/<package>/test/golden/<name>.json; the script has the same name, and PyTorch made it, unless said otherwise."""
    folder = os.path.join(ROOT, "packages", package, "test", "golden")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name + ".json")
    head = {"source": source or "PyTorch " + torch.__version__, "script": f"tools/golden/{script or name}.py"}
    lines = ",\n".join("    " + json.dumps(plain(row), separators=(", ", ": "), allow_nan=False) for row in rows)
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n")
        for key, value in head.items():
            file.write(f"  {json.dumps(key)}: {json.dumps(value)},\n")
        file.write('  "rows": [\n' + lines + "\n  ]\n}\n")
    print(f"{os.path.relpath(path, ROOT)}: {len(rows)} rows from {head['source']}")
