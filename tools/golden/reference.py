"""Published reference implementations, to check the golden scripts against.

The environment variable DOWNHILL_REFERENCES names a folder with checkouts of the repositories, each under its own name.
Without it the numbers are made all the same, from the formulas of the scripts, and the comparisons that did not run are
listed at the end.
"""

import atexit
import importlib
import os
import sys

FOLDER = os.environ.get("DOWNHILL_REFERENCES")
compared, missing = [], []


def reference(repository, module, name, source="."):
    """`name` of the module `a.b.c` in `repository`, whose modules begin in the folder `source`; None when it is not at hand."""
    label = f"{repository} {module}.{name}"
    root = os.path.join(FOLDER, repository, source) if FOLDER else None
    if root is None or not os.path.isdir(root):
        missing.append(label)
        return None
    sys.path.insert(0, root)
    try:
        found = getattr(importlib.import_module(module), name)
    finally:
        sys.path.remove(root)
    compared.append(label)
    return found


def agree(label, ours, theirs, relative=1e-9):
    """Stops the script unless both tensors have the same numbers."""
    if not bool(((ours - theirs).abs() <= 1e-12 + relative * theirs.abs()).all()):
        raise SystemExit(f"golden: {label}: expected {theirs.tolist()} as in the reference, got {ours.tolist()}")


@atexit.register
def report():
    if compared:
        print(f"checked against {', '.join(compared)}")
    if missing:
        print(f"NOT CHECKED against {', '.join(missing)}: set DOWNHILL_REFERENCES to a folder with these repositories")
