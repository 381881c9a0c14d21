"""Golden trajectories of PyTorch's optimizers, 200 steps each.

A row: {optimizer, options, problem, steps}: `steps` holds the parameters after the steps 1, 2, 3, 5, 10, 20, 50, 100, 200 of
a problem of trajectories.py; the first row has the gradients and starts. `options` is what differs from the defaults, which
are those of PyTorch 2.13 and checked against its numbers below. Rows of LBFGS have {start, steps, losses, calls} after each
step of their own.

Adafactor and Muon came with PyTorch 2.5 and 2.9; they are stated here as its documentation has them, Muon in float64. So is
NAdam: PyTorch 1.13 has a factor too many in its momentum.
"""

import math

import torch

from golden import write
from trajectories import data, losses, run, short, starts

EPS32 = 2**-23


def adafactor(weights, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0):
    rows = [torch.zeros(*w.shape[:-1], 1) if w.dim() > 1 else None for w in weights]
    columns = [torch.zeros(*w.shape[:-2], 1, w.shape[-1]) if w.dim() > 1 else None for w in weights]
    squares = [torch.zeros_like(w) for w in weights]
    t = 0

    def rms(x):
        return float((x * x).mean().sqrt())

    def step(gradients):
        nonlocal t
        t += 1
        share = t**beta2_decay
        least = EPS32 if eps[0] is None else eps[0]
        for i, (w, g) in enumerate(zip(weights, gradients)):
            rate = max(eps[1], rms(w)) * min(lr, t**-0.5)
            if w.dim() > 1:
                rows[i] += share * ((g * g).mean(-1, keepdim=True) - rows[i])
                columns[i] += share * ((g * g).mean(-2, keepdim=True) - columns[i])
                estimate = rows[i] @ columns[i] / rows[i].mean(-2, keepdim=True).clamp(min=least)
            else:
                squares[i] += share * (g * g - squares[i])
                estimate = squares[i]
            update = g / estimate.clamp(min=least**2).sqrt()
            w.mul_(1 - lr * weight_decay)
            w.sub_(update * rate / max(1.0, rms(update) / d))

    return step


def muon(weights, lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True, ns_coefficients=(3.4445, -4.775, 2.0315), eps=1e-7, ns_steps=5, adjust_lr="original"):
    means = [torch.zeros_like(w) for w in weights]
    a, b, c = ns_coefficients

    def step(gradients):
        for w, g, m in zip(weights, gradients, means):
            m.add_((g - m) * (1 - momentum))
            x = g + (m - g) * momentum if nesterov else m.clone()
            n, k = w.shape
            x = x.T if n > k else x
            x = x / max(float(x.norm()), eps)
            for _ in range(ns_steps):
                gram = x @ x.T
                x = a * x + (b * gram + c * gram @ gram) @ x
            x = x.T if n > k else x
            factor = math.sqrt(max(1, n / k)) if adjust_lr == "original" else 0.2 * math.sqrt(max(n, k))
            w.mul_(1 - lr * weight_decay)
            w.sub_(lr * factor * x)

    return step


def nadam(weights, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3, decoupled_weight_decay=False):
    means, squares = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    product, t = 1.0, 0

    def step(gradients):
        nonlocal product, t
        t += 1
        now, ahead = (betas[0] * (1 - 0.5 * 0.96 ** (i * momentum_decay)) for i in (t, t + 1))
        product *= now
        for w, g, m, v in zip(weights, gradients, means, squares):
            if decoupled_weight_decay:
                w.mul_(1 - lr * weight_decay)
            else:
                g = g + weight_decay * w
            m.add_((g - m) * (1 - betas[0]))
            v.add_((g * g - v) * (1 - betas[1]))
            root = (v / (1 - betas[1] ** t)).sqrt() + eps
            w.sub_(lr * ((1 - now) / (1 - product) * g + ahead / (1 - product * ahead) * m) / root)

    return step


#: Defaults that PyTorch 1.13 did not have yet.
newer = {"SGD": {"lr": 1e-3}}


def published(name, **options):
    """A class of torch.optim; decoupled decay shrinks the weights first, as later versions do."""
    decoupled = options.pop("decoupled_weight_decay", False)
    decay = options.get("weight_decay", 0) * options.get("lr", 1e-3)

    def make(weights):
        parameters = [torch.nn.Parameter(w) for w in weights]
        given = {**newer.get(name, {}), **options, **({"weight_decay": 0} if decoupled else {})}
        optimizer = getattr(torch.optim, name)(parameters, **given)

        def step(gradients):
            for p, w, g in zip(parameters, weights, gradients):
                p.grad = g
                if decoupled:
                    w.mul_(1 - decay)
            optimizer.step()

        return step

    # A parameter shares the memory of its tensor, so the step changes the weights themselves.
    return make


def rule(name, **options):
    own = {"Adafactor": adafactor, "Muon": muon, "NAdam": nadam}
    return (lambda weights: own[name](weights, **options)) if name in own else published(name, **options)


# --- defaults: three steps on the quadratic, against what PyTorch 2.13 gave ----------------------------------------------
recent = {
    "SGD": ({}, ".997002999 -1.994005998 .4985015 2.991008997"),
    "SGD lr": ({"lr": 0.1, "momentum": 0.9}, ".486 -.972 .243 1.458"),
    "SGD nesterov": ({"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, ".321859673 -.643719347 .160929837 .96557902"),
    "Adam": ({}, ".997000096 -1.997000048 .497000193 2.997000032"),
    "AdamW": ({}, ".996970127 -1.996940079 .496985224 2.996910064"),
    "NAdam": ({}, ".994858915 -1.994857102 .49486255 2.994856499"),
    "RAdam": ({}, ".997001596 -1.994003192 .498500798 2.991004789"),
    "Adamax": ({}, ".994000388 -1.993997191 .494006782 2.993998126"),
    "Adagrad": ({}, ".977237939 -1.977196511 .477321848 2.977182779"),
    "Adadelta": ({}, ".990309083 -1.990300762 .490325867 2.990297999"),
    "RMSprop": ({}, ".779982282 -1.77534945 .290433242 2.773888572"),
    "RMSprop centered": ({"centered": True, "momentum": 0.9}, ".549650185 -1.54067803 .070867567 2.537908888"),
    "Rprop": ({}, ".9636 -1.9636 .4636 2.9636"),
    "ASGD": ({}, ".970296082 -1.940592164 .485148041 2.910888245"),
    # In float64 PyTorch's least root is that of float64, which makes no difference here.
    "Adafactor": ({}, ".92062398 -1.95037425 .470700911 2.945324333"),
    # PyTorch iterates in bfloat16, which is good to two or three hundredths of the way.
    "Muon": ({}, ".997172935 -1.998255645 .498221267 2.997151066"),
}
for label, (options, values) in recent.items():
    name = label.split(" ")[0]
    w = starts["quadratic"][0].clone()
    step = rule(name, **options)([w])
    for _ in range(3):
        step([w.clone()])
    wanted = torch.tensor([float(x) for x in values.split()]).reshape(2, 2)
    off = float((w - wanted).abs().max())
    if off > (8e-5 if name == "Muon" else 1e-9):
        raise SystemExit(f"golden: {label}: expected {wanted.tolist()} as in PyTorch 2.13, got {w.tolist()}")

# --- rows ----------------------------------------------------------------------------------------------------------------
rows = [data]
camel = lambda name: "".join(part if i == 0 else part.capitalize() for i, part in enumerate(name.split("_")))


def row(name, problem, **options):
    ours = {camel(key): "matchRmsAdamW" if value == "match_rms_adamw" else value for key, value in options.items()}
    rows.append({"optimizer": name, "options": ours, "problem": problem, "steps": short(run(problem, rule(name, **options)))})


for problem, rate in [("quadratic", 0.1), ("rosenbrock", 2**-12), ("network", 0.05)]:
    row("SGD", problem)
    row("SGD", problem, lr=rate, momentum=0.9)
    row("SGD", problem, lr=rate, momentum=0.9, dampening=0.5, weight_decay=0.1)
    row("SGD", problem, lr=rate, momentum=0.9, nesterov=True, weight_decay=0.01)
    row("ASGD", problem, lr=rate)
    row("ASGD", problem, lr=rate, lambd=0.01, alpha=0.5, t0=20, weight_decay=0.1)

for problem in ["quadratic", "rosenbrock", "network"]:
    # In Rosenbrock's valley a short memory makes even the rounding of doubles grow to what is seen.
    valley = problem == "rosenbrock"
    fast = {"lr": 1e-3} if valley else {"lr": 0.01}
    short_memory = {**fast, "betas": (0.9, 0.99) if valley else (0.5, 0.9)}
    row("Adam", problem)
    row("Adam", problem, **short_memory, eps=1e-3, weight_decay=0.1)
    row("Adam", problem, **short_memory, amsgrad=True)
    row("Adam", problem, **fast, weight_decay=0.1, decoupled_weight_decay=True)
    row("AdamW", problem)
    row("AdamW", problem, **short_memory, eps=1e-3, weight_decay=0.5, amsgrad=True)
    row("NAdam", problem)
    row("NAdam", problem, **short_memory, eps=1e-3, weight_decay=0.1, momentum_decay=0.1)
    row("NAdam", problem, **fast, weight_decay=0.1, decoupled_weight_decay=True)
    row("RAdam", problem)
    row("RAdam", problem, **short_memory, eps=1e-3, weight_decay=0.1)
    row("RAdam", problem, **fast, weight_decay=0.1, decoupled_weight_decay=True)
    row("Adamax", problem)
    row("Adamax", problem, lr=1e-3, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)
    row("Adagrad", problem)
    row("Adagrad", problem, lr=0.1, lr_decay=0.01, weight_decay=0.1, initial_accumulator_value=0.1, eps=1e-3)
    row("Adadelta", problem)
    row("Adadelta", problem, lr=0.5, rho=0.95 if valley else 0.5, eps=1e-5 if valley else 1e-3, weight_decay=0.1)
    row("RMSprop", problem)
    row("RMSprop", problem, lr=1e-3, alpha=0.9, eps=1e-3, weight_decay=0.1, momentum=0.5)
    row("RMSprop", problem, lr=1e-3, eps=1e-2, centered=True)
    row("RMSprop", problem, lr=1e-3, eps=1e-2, centered=True, momentum=0.9)
    row("Rprop", problem)
    row("Rprop", problem, lr=1e-3, etas=(0.25, 1.1), step_sizes=(1e-4, 0.01))
    row("Adafactor", problem)
    row("Adafactor", problem, lr=1e-3 if valley else 0.1, beta2_decay=-0.5, eps=(1e-5, 0.1), d=0.5, weight_decay=0.1)

for problem in ["quadratic", "matrices"]:
    row("Muon", problem)
    row("Muon", problem, lr=0.02, momentum=0.9, nesterov=False, weight_decay=0)
    row("Muon", problem, lr=0.02, ns_coefficients=(2.0, -1.5, 0.5), eps=10.0)
    row("Muon", problem, lr=0.02, momentum=0.5, adjust_lr="match_rms_adamw", ns_steps=3)

write("optimizers", "optimizers", rows)
