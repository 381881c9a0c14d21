"""Losses over exclusive classes: what their golden scripts share. Layout: `axis` counts as in our package (default: last)."""

import torch

from loss_rows import reduce


def weighted(each, reduction="mean", sample_weight=None, divisor=None):
    """One loss per element or example, weighted from the front and reduced; the mean of nothing is 0.

    The mean divides by the sum of the weights, each times its `divisor` if there is one.
    """
    if sample_weight is None and divisor is None:
        return reduce(each, reduction)
    weight = torch.ones(()) if sample_weight is None else torch.as_tensor(sample_weight, dtype=torch.float64)
    weight = weight.reshape(weight.shape + (1,) * (each.dim() - weight.dim())).expand(each.shape)
    each = torch.where(weight == 0, torch.zeros_like(each), each * weight)
    if reduction == "mean":
        total = (weight if divisor is None else weight * divisor).sum()
        return each.sum() / (total if total > 0 else 1)
    return reduce(each, reduction)


def class_loss(per_example):
    """The function of predictions and targets that `per_example(x, q, **own)` makes.

    `x` has the classes last, `q` is the target as probabilities; `weight` of classes, where the loss has it, is among `own`, and
    the mean over class indices divides by the weights of the labels.
    """

    def formula(
        prediction, t, /, axis=-1, ignore_index=-100, mask=None, sample_weight=None, reduction="mean", divides=True, **own
    ):
        x = prediction.movedim(axis, -1)
        shape = x.shape[:-1]
        counts = torch.ones(shape, dtype=torch.bool) if mask is None else torch.as_tensor(mask).to(torch.bool)
        x = torch.where(counts.unsqueeze(-1), x, torch.zeros_like(x))
        hard = not t.is_floating_point()
        if hard:
            counts = counts & (t != ignore_index)
            index = torch.where(counts, t, torch.zeros_like(t))
            q = torch.nn.functional.one_hot(index, x.shape[-1]).to(torch.float64)
        else:
            q = t.movedim(axis, -1)
            q = torch.where(counts.unsqueeze(-1), q, torch.zeros_like(q))
        each = per_example(x, q, **own)
        weight = torch.ones(shape) if sample_weight is None else torch.as_tensor(sample_weight, dtype=torch.float64)
        weight = weight.reshape(weight.shape + (1,) * (len(shape) - weight.dim())).expand(shape) * counts
        divisor = None
        if hard and divides and own.get("weight") is not None:
            divisor = torch.as_tensor(own["weight"])[index]
        return weighted(each, reduction, weight, divisor)

    return formula


def expected(per_class):
    """Per example: the sum over the classes of target, smoothed, times class weight times `per_class(-ln p)`."""

    def per_example(x, q, weight=None, label_smoothing=0.0, **own):
        each = per_class(-torch.log_softmax(x, -1), **own)
        factors = 1.0 if weight is None else torch.as_tensor(weight, dtype=torch.float64)
        if label_smoothing > 0:
            q = q * (1 - label_smoothing) + label_smoothing / x.shape[-1]
        return (q * factors * each).sum(-1)

    return per_example
