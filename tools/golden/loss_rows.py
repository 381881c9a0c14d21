"""Rows of losses: {loss, arguments, options, value}.

An argument is {data, shape?, dtype?, gradient?}: `shape` where nested lists can't tell it (something is empty), `dtype` unless
it is float32, `gradient` of the sum of the value where the loss is differentiated. Options carry the names that the package uses.
"""

import torch

from golden import plain, write


def camel(name):
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def reduce(each, reduction="mean", sample_weight=None):
    """One loss per element or example, weighted and reduced; the mean divides by the sum of the weights, that of nothing is 0."""
    total = each.numel()
    if sample_weight is not None:
        weight = torch.as_tensor(sample_weight)
        weight = weight.reshape(weight.shape + (1,) * (each.dim() - weight.dim())).expand(each.shape)
        each, total = torch.where(weight == 0, 0.0, each * weight), float(weight.sum())
    if reduction == "none":
        return each
    return each.sum() / total if reduction == "mean" and total > 0 else each.sum()


class Rows:
    """The rows of one file of losses."""

    def __init__(self):
        self.rows = []

    def add(self, loss, formula, *arguments, wrt=(0,), **options):
        """Appends `formula(*arguments, **options)`, with gradients for the arguments in `wrt`; returns the value.

        Options may be tensors, which the row lists. The defaults of our package can be left out here only when they are those
        of `formula`, too.
        """
        arguments = [torch.as_tensor(each) for each in arguments]
        arguments = [
            each.detach().clone().to(torch.float64).requires_grad_() if i in wrt else each for i, each in enumerate(arguments)
        ]
        value = formula(*arguments, **options)
        if wrt:
            value.sum().backward()
        entries = []
        for each in arguments:
            entry = {"data": each}
            if 0 in each.shape:
                entry["shape"] = list(each.shape)
            if each.dtype == torch.bool:
                entry["dtype"] = "bool"
            elif not each.is_floating_point():
                entry["dtype"] = "int32"
            if each.requires_grad:
                entry["gradient"] = torch.zeros_like(each) if each.grad is None else each.grad
            entries.append(entry)
        named = {camel(key): option for key, option in options.items() if option is not None}
        self.rows.append({"loss": loss, "arguments": entries, "options": named, "value": value})
        return value

    def write(self, group):
        """Writes packages/losses/test/golden/<group>.json; the script is tools/golden/losses_<group>.py."""
        write("losses", group, plain(self.rows), script=f"losses_{group}")
