"""Golden values and gradients of tensor operations.

A row: {op, inputs, dtypes?, options, value, upstream?, gradients?}. `gradients` (one per input, null for
integers) are those of sum(value * upstream). `dtypes` names inputs that are not float32. Several results
(sort, topK) are {values, indices}; upstream and gradients belong to the values.
"""

import torch
import torch.nn.functional as F

from golden import seeded, write

rows = []
draw = seeded(4)


def row(op, formula, *inputs, **options):
    tensors = [value.clone() for value in inputs]
    floats = [value.is_floating_point() for value in tensors]
    for value, is_float in zip(tensors, floats):
        if is_float:
            value.requires_grad_()
    result = formula(*tensors)
    value = result[0] if isinstance(result, (tuple, list)) else result
    upstream = draw(*value.shape)
    (value * upstream).sum().backward()
    entry = {"op": op, "inputs": list(inputs)}
    if not all(floats):
        entry["dtypes"] = ["float32" if is_float else "int32" for is_float in floats]
    shown = {"values": value, "indices": result[1]} if isinstance(result, (tuple, list)) else value
    gradients = [value.grad for value in tensors]
    rows.append({**entry, "options": options, "value": shown, "upstream": upstream, "gradients": gradients})


def axes(axis):
    return tuple(axis) if isinstance(axis, list) else axis


# Functions of one element.
edges = torch.tensor([0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 10.0, -10.0, 40.0, -40.0])
for op, formula in [
    ("sigmoid", torch.sigmoid),
    ("tanh", torch.tanh),
    ("erf", torch.erf),
    ("gelu", F.gelu),
    ("silu", F.silu),
    ("exp", torch.exp),
    ("expm1", torch.expm1),
    ("relu", torch.relu),  # slope 0 at 0
    ("abs", torch.abs),  # slope 0 at 0
    ("square", torch.square),
    ("sin", torch.sin),
    ("cos", torch.cos),
]:
    row(op, formula, edges)
# PyTorch turns softplus into x above its threshold of 20; there is no threshold in the formula.
row("softplus", lambda x: F.softplus(x, threshold=1e3), edges)
positive = torch.tensor([0.015625, 0.25, 1.0, 2.5, 1024.0])
for op, formula in [("log", torch.log), ("log1p", torch.log1p), ("sqrt", torch.sqrt), ("reciprocal", torch.reciprocal)]:
    row(op, formula, positive)
row("pow", torch.pow, positive, torch.tensor([2.0, -1.0, 3.5, 0.0, 0.5]))
for low, high in [(-0.5, 1.0), (0.0, 3.0)]:  # at a bound the gradient passes
    row("clip", lambda x: torch.clamp(x, low, high), edges, min=low, max=high)

# Two operands, broadcast, and ties: each side gets half.
for op, formula in [("maximum", torch.maximum), ("minimum", torch.minimum)]:
    row(op, formula, torch.tensor([1.0, 2.0, -3.0, 0.0]), torch.tensor([1.0, 3.0, -4.0, 0.0]))
    row(op, formula, draw(2, 3), draw(3))
for op in ["add", "sub", "mul", "div"]:
    row(op, getattr(torch, op), draw(2, 1, 3), draw(4, 1) + 4)

# Rows.
matrix, cube = draw(3, 4, scale=3.0), draw(2, 3, 4, scale=3.0)
large = torch.tensor([[1e4, -1e4, 0.0], [100.0, 100.0, -100.0]])
for x, axis in [(matrix, -1), (matrix, 0), (cube, 1), (large, -1), (draw(3, 1), -1)]:
    row("softmax", lambda x: torch.softmax(x, axis), x, axis=axis)
    row("logSoftmax", lambda x: torch.log_softmax(x, axis), x, axis=axis)
    row("logSumExp", lambda x: torch.logsumexp(x, axis), x, axis=axis)
row("logSumExp", lambda x: torch.logsumexp(x, (0, 2), keepdim=True), cube, axis=[0, 2], keepDims=True)
row("logSumExp", lambda x: torch.logsumexp(x, (0, 1)), matrix)

for correction in [0, 1]:
    for op, function in [("variance", torch.var), ("std", torch.std)]:
        row(op, lambda x: function(x, None, correction=correction), matrix, correction=correction)
        row(op, lambda x: function(x, 1, correction=correction), matrix, correction=correction, axis=1)
        row(
            op,
            lambda x: function(x, (0, 2), correction=correction, keepdim=True),
            cube,
            correction=correction,
            axis=[0, 2],
            keepDims=True,
        )
row("norm", lambda x: torch.linalg.vector_norm(x), matrix)
row("norm", lambda x: torch.linalg.vector_norm(x, dim=1), cube, axis=1)
row("norm", lambda x: torch.linalg.vector_norm(x, dim=1, keepdim=True), matrix, axis=1, keepDims=True)
row("norm", lambda x: torch.linalg.vector_norm(x, dim=1), torch.tensor([[0.0, 0.0], [3.0, 4.0]]), axis=1)

ties = torch.tensor([[2.0, 5.0, 5.0, 1.0], [3.0, 3.0, 3.0, 3.0], [-1.0, -2.0, -1.0, -4.0]])
for op, formula in [("sum", torch.sum), ("mean", torch.mean), ("max", torch.amax), ("min", torch.amin)]:
    for x, axis in [(matrix, [0, 1]), (ties, 1), (ties, 0), (cube, [0, 2])]:  # equal extremes share evenly
        row(op, lambda x: formula(x, axes(axis)), x, axis=axis)

for axis in [0, 1]:
    row("cumsum", lambda x: torch.cumsum(x, axis), matrix, axis=axis)
    for descending in [False, True]:
        row(
            "sort",
            lambda x: torch.sort(x, dim=axis, descending=descending, stable=True),
            ties,
            axis=axis,
            descending=descending,
        )
distinct = torch.tensor([[0.5, -1.0, 3.0, 2.0, 0.25], [5.0, 4.0, -3.0, 2.0, 1.0]])
for k in [1, 3]:
    row("topK", lambda x: torch.topk(x, k), distinct, k=k)

# Indices.
index = torch.tensor([[0, 2, 2], [1, 0, 3]])
row("gather", lambda x, i: torch.gather(x, 1, i), draw(2, 4), index, axis=1)
row("gather", lambda x, i: torch.gather(x, 0, i), draw(4, 3), index, axis=0)
row("take", lambda x, i: torch.index_select(x, 0, i), matrix, torch.tensor([2, 0, 2, 1]), axis=0)
row("take", lambda x, i: torch.index_select(x, 1, i), matrix, torch.tensor([3, 3]), axis=1)
row("indexAdd", lambda x, i, s: torch.index_add(x, 0, i, s), matrix, torch.tensor([2, 0, 2]), draw(3, 4), axis=0)
row("indexAdd", lambda x, i, s: torch.index_add(x, 1, i, s), matrix, torch.tensor([1, 1]), draw(3, 2), axis=1)
row("scatterAdd", lambda x, i, s: torch.scatter_add(x, 1, i, s), draw(2, 4), index, draw(2, 3), axis=1)

# Contraction.
for left, right in [
    ([2, 3], [3, 4]),
    ([1, 3], [3, 1]),
    ([2, 2, 3], [2, 3, 2]),
    ([2, 1, 2, 3], [3, 3, 2]),
    ([2, 3], [2, 3, 2]),
]:
    row("matmul", torch.matmul, draw(*left), draw(*right))


# Convolution and pooling, [N, C, H, W] and [O, C / groups, h, w].
def conv(x, w, **options):
    row("conv2d", lambda x, w: F.conv2d(x, w, **options), draw(*x), draw(*w), **options)


conv([2, 1, 4, 4], [2, 1, 3, 3])
conv([1, 2, 5, 4], [3, 2, 3, 2], stride=2)
conv([1, 2, 4, 5], [2, 2, 3, 3], padding=1)
conv([1, 1, 5, 5], [1, 1, 2, 2], dilation=2)
conv([1, 4, 3, 3], [4, 2, 2, 2], groups=2)
conv([1, 3, 4, 4], [3, 1, 3, 3], groups=3, padding=1, stride=2)
conv([1, 1, 5, 6], [1, 1, 2, 3], stride=[2, 1], padding=[1, 0], dilation=[1, 2])
conv([2, 2, 1, 1], [3, 2, 1, 1])


def pool(op, function, x, **options):
    keys = {"kernel_size" if key == "size" else key: value for key, value in options.items()}
    row(op, lambda x: function(x, **keys), x, **options)


image = draw(1, 2, 4, 5, scale=4.0)
for op, function in [("maxPool2d", F.max_pool2d), ("avgPool2d", F.avg_pool2d)]:
    pool(op, function, image, size=2)
    pool(op, function, image, size=3, stride=1)
    pool(op, function, image, size=2, stride=2, padding=1)  # averages count the padding
    pool(op, function, image, size=[3, 2], stride=[1, 2], padding=[1, 0])
pool("maxPool2d", F.max_pool2d, torch.ones(1, 1, 4, 4), size=2)  # the first of equals gets it all

write("tensor", "ops", rows)
