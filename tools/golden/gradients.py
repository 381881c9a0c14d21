"""Golden numbers of what changes gradients between backward and step.

A row: {name, options, parameters, gradients, result}, for clipGradNorm also the norm. Adaptive clipping and centralisation are
stated here in their own words and compared with timm's and pytorch_optimizer's, where these are at hand.
"""

import math

import torch

from golden import seeded, write
from reference import agree, reference

rows = []
draw = seeded(5)
parameters = [draw(3, 4), draw(4), draw(2, 3, 2, 2), torch.zeros(2, 2)]
gradients = [draw(3, 4), draw(4), draw(2, 3, 2, 2), draw(2, 2)]


def row(name, change, **options):
    weights = [torch.nn.Parameter(p.clone()) for p in parameters]
    for weight, g in zip(weights, gradients):
        weight.grad = g.clone()
    norm = change(weights)
    result = [weight.grad for weight in weights]
    rows.append({"name": name, "options": options, "parameters": parameters, "gradients": gradients, "result": result, **({} if norm is None else {"norm": norm})})
    return result


for max_norm in (0.5, 3.0, 1000.0):
    for kind in (None, 1.0, 3.0, math.inf):
        options = {"maxNorm": max_norm, **({} if kind is None else {"normType": kind})}
        row("clipGradNorm", lambda weights: torch.nn.utils.clip_grad_norm_(weights, max_norm, 2.0 if kind is None else kind), **options)
row("clipGradValue", lambda weights: torch.nn.utils.clip_grad_value_(weights, 0.75), clipValue=0.75)


def unit_norm(x):
    return x.norm() if x.dim() < 2 else x.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.dim() - 1))


def adaptive(weights, factor, eps):
    for weight in weights:
        most = unit_norm(weight.data).clamp(min=eps) * factor
        own = unit_norm(weight.grad)
        weight.grad = torch.where(own < most, weight.grad, weight.grad * most / own.clamp(min=1e-6))


theirs = reference("pytorch-image-models", "timm.utils.agc", "adaptive_clip_grad")
for factor, eps in ((0.01, 1e-3), (0.5, 1e-3), (1.0, 2.0)):
    ours = row("clipGradAdaptive", lambda weights: adaptive(weights, factor, eps), clipFactor=factor, eps=eps)
    if theirs is not None:
        weights = [torch.nn.Parameter(p.clone()) for p in parameters]
        for weight, g in zip(weights, gradients):
            weight.grad = g.clone()
        theirs(weights, clip_factor=factor, eps=eps)
        for mine, weight in zip(ours, weights):
            agree("clipGradAdaptive", mine, weight.grad)


def centralize(weights):
    for weight in weights:
        if weight.dim() > 1:
            weight.grad = weight.grad - weight.grad.flatten(1).mean(1).reshape(-1, *[1] * (weight.dim() - 1))


ours = row("centralizeGrad", centralize)
if not hasattr(torch.optim.lr_scheduler, "LRScheduler"):
    # Its name until PyTorch 2.0; pytorch_optimizer asks for the new one.
    torch.optim.lr_scheduler.LRScheduler = torch.optim.lr_scheduler._LRScheduler
theirs = reference("pytorch_optimizer", "pytorch_optimizer.optimizer.gradient_centralization", "centralize_gradient")
if theirs is not None:
    for mine, g in zip(ours, gradients):
        other = g.clone()
        theirs(other, gc_conv_only=False)
        agree("centralizeGrad", mine, other)

write("optimizers", "gradients", rows)
