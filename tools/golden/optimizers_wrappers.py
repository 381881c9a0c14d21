"""Golden trajectories of the wrappers of optimizers, 200 steps each.

Every algorithm is stated here in its own words, in float64, around an optimizer of PyTorch, and compared with published code
where that is at hand. A row: {optimizer, options, inner, innerOptions, problem, steps}: `steps` holds the parameters, or their
average, after the steps 1, 2, 3, 5, 10, 20, 50, 100, 200 of a problem of trajectories.py, null before there is an average; the
first row has the gradients and starts. `options` is what differs from the defaults.
"""

import math

import torch

from golden import write
from reference import reference
from trajectories import SHOWN, STEPS, compare, data, gradients_at, run, short, starts, torch_optimizer


def lookahead(weights, inner, k=5, alpha=0.5):
    slow, t = [w.clone() for w in weights], 0

    def step(gradients):
        nonlocal t
        inner(gradients)
        t += 1
        if t % k == 0:
            for i, w in enumerate(weights):
                slow[i] = slow[i] + alpha * (w - slow[i])
                w.copy_(slow[i])

    return step


def sharpness(weights, inner, problem, rho, adaptive):
    """First the gradient where we are, then the one uphill of it, which the inner rule gets."""

    def step(gradients):
        here = [w.clone() for w in weights]
        scaled = [g * w.abs() if adaptive else g for w, g in zip(weights, gradients)]
        reach = rho / (math.sqrt(sum((each * each).sum() for each in scaled)) + 1e-12)
        for w, g in zip(weights, gradients):
            w.copy_(w + reach * (w * w if adaptive else 1) * g)
        uphill = gradients_at(problem, weights, 0)
        for w, value in zip(weights, here):
            w.copy_(value)
        inner(uphill)

    return step


def average(weights, inner, share):
    """The mean of the weights after each step; `share(n)` is what the newest counts when there were n before it."""
    means, n = [w.clone() for w in weights], 0

    def step(gradients):
        nonlocal n
        inner(gradients)
        newest = share(n)
        for i, w in enumerate(weights):
            means[i] = means[i] + newest * (w - means[i])
        n += 1

    step.average = means
    return step


inners = {
    "SGD": lambda parameters, lr, momentum: torch.optim.SGD(parameters, lr=lr, momentum=momentum),
    "Adam": lambda parameters, lr: torch.optim.Adam(parameters, lr=lr),
}
if not hasattr(torch.optim.lr_scheduler, "LRScheduler"):
    # Its name until PyTorch 2.0; pytorch_optimizer asks for the new one.
    torch.optim.lr_scheduler.LRScheduler = torch.optim.lr_scheduler._LRScheduler
rows = [data]
their_lookahead = reference("pytorch_optimizer", "pytorch_optimizer.optimizer.lookahead", "Lookahead")
their_sam = reference("sam", "sam", "SAM")


def decay_of(decay=0.999, warmup=False):
    return lambda n: 1 if n == 0 else 1 - (min(decay, (1 + n) / (10 + n)) if warmup else decay)


def swa_share(start=0, every=1):
    """From step `start` + 1 on every `every`-th step counts; before the first that does there is no average."""

    def share(n):
        if n < start:
            return 0
        return 1 / (1 + (n - start) // every) if (n - start) % every == 0 else 0

    return share


def published_average(problem, inner, options, share):
    """PyTorch's AveragedModel, asked after every step."""
    weights = [w.clone() for w in starts[problem]]
    module = torch.nn.Module()
    module.weights = torch.nn.ParameterList([torch.nn.Parameter(w) for w in weights])
    n = 0
    averaged = torch.optim.swa_utils.AveragedModel(module, avg_fn=lambda mean, w, _: mean + share(n) * (w - mean))
    step, shown = torch_optimizer(weights, lambda parameters: inners[inner](parameters, **options)), []
    for t in range(STEPS):
        step(gradients_at(problem, weights, t))
        with torch.no_grad():
            for p, w in zip(module.weights, weights):
                p.copy_(w)
        averaged.update_parameters(module)
        n += 1
        if t + 1 in SHOWN:
            shown.append([p.detach().clone() for p in averaged.module.weights])
    return shown


def wrapped(name, problem, inner, inner_options, **options):
    make = lambda weights: torch_optimizer(weights, lambda parameters: inners[inner](parameters, **inner_options))
    theirs = None
    if name == "Lookahead":
        ours = run(problem, lambda weights: lookahead(weights, make(weights), **options))
        if their_lookahead is not None:
            theirs = run(problem, lambda weights: torch_optimizer(
                weights, lambda parameters: their_lookahead(inners[inner](parameters, **inner_options), **options)))
    elif name in ("SAM", "ASAM"):
        adaptive, rho = name == "ASAM", options.get("rho", 0.5 if name == "ASAM" else 0.05)
        ours = run(problem, lambda weights: sharpness(weights, make(weights), problem, rho, adaptive))
        if their_sam is not None:
            theirs = run(problem, lambda weights: published_sam(problem, weights, inner, inner_options, rho, adaptive))
    else:
        share = decay_of(**options) if name == "EMA" else swa_share(**options)
        ours = run(problem, lambda weights: average(weights, make(weights), share))
        if name == "EMA" or options.get("start", 0) == 0 and options.get("every", 1) == 1:
            again = decay_of(**options) if name == "EMA" else lambda n: 1 / (n + 1)
            theirs = published_average(problem, inner, inner_options, again)
    if theirs is not None:
        compare(f"{name} {options} around {inner} on {problem}", ours, theirs)
    ours = [None if t <= options.get("start", 0) else step for t, step in zip(SHOWN, short(ours))]
    rows.append({"optimizer": name, "options": options, "inner": inner, "innerOptions": inner_options, "problem": problem, "steps": ours})


def published_sam(problem, weights, inner, inner_options, rho, adaptive):
    parameters = [torch.nn.Parameter(w.clone()) for w in weights]
    optimizer = their_sam(parameters, getattr(torch.optim, inner), rho=rho, adaptive=adaptive, **inner_options)

    def step(gradients):
        def closure():
            for p, g in zip(parameters, gradients_at(problem, parameters, 0)):
                p.grad = g

        closure()
        optimizer.step(closure)
        for p, w in zip(parameters, weights):
            w.copy_(p.detach())

    return step


for problem in ["quadratic", "rosenbrock", "network"]:
    rate = 2**-13 if problem == "rosenbrock" else 0.01
    inner = ("SGD", {"lr": rate, "momentum": 0.9})
    wrapped("Lookahead", problem, *inner)
    wrapped("Lookahead", problem, "Adam", {"lr": 1e-3}, k=3, alpha=0.8)
    if problem != "network":
        wrapped("SAM", problem, *inner)
        wrapped("SAM", problem, "Adam", {"lr": 1e-3}, rho=0.2)
        wrapped("ASAM", problem, *inner)
        wrapped("ASAM", problem, "Adam", {"lr": 1e-3}, rho=0.1)
    wrapped("EMA", problem, *inner)
    wrapped("EMA", problem, *inner, decay=0.99, warmup=True)
    wrapped("SWA", problem, *inner)
    wrapped("SWA", problem, "Adam", {"lr": 1e-3}, start=20, every=10)

write("optimizers", "optimizers_wrappers", rows)
