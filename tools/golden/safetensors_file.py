"""Writes packages/tensor/test/golden/python.safetensors in the published byte format, in plain Python:
8 bytes little-endian header length, a JSON header padded with spaces to a multiple of 8, the raw data.

@reference https://github.com/huggingface/safetensors#format
"""

import json
import os
import struct

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PATH = os.path.join(ROOT, "packages", "tensor", "test", "golden", "python.safetensors")

tensors = [
    # Wide types first, then by name: the order the reference writer uses, so that data stays aligned.
    ("empty", "F32", [0, 3], b""),
    ("layer.bias", "F32", [3], struct.pack("<3f", 0.5, -1.5, 3.25)),
    ("layer.weight", "F32", [2, 3], struct.pack("<6f", 1.0, -2.0, 0.125, float("inf"), 1e-30, -0.0)),
    ("scalar", "F32", [], struct.pack("<f", 42.5)),
    ("labels", "I32", [2, 2], struct.pack("<4i", 7, -1, 2147483647, -2147483648)),
    ("mask", "BOOL", [5], bytes([1, 0, 1, 1, 0])),
]

header, data = {"__metadata__": {"format": "pt", "note": "größer, \"quoted\""}}, b""
for name, dtype, shape, content in tensors:
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
text += b" " * (-len(text) % 8)

os.makedirs(os.path.dirname(PATH), exist_ok=True)
with open(PATH, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
print(f"{os.path.relpath(PATH, ROOT)}: {len(tensors)} tensors")
