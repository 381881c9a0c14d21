"""Golden trajectories of the optimizers that PyTorch does not have, 200 steps each.

Every algorithm is stated here in its own words, in float64, and compared with published code where that is at hand.
A row: {optimizer, options, problem, steps}: `steps` holds the parameters after the steps 1, 2, 3, 5, 10, 20, 50, 100, 200 of
a problem of trajectories.py; the first row has the gradients and starts. `options` is what differs from the defaults.
"""

import math

import torch

from golden import write
from reference import reference
from trajectories import compare, data, run, short, torch_optimizer

norm = lambda x: (x * x).sum().sqrt()


# --- rules: (weights, options) -> function of the gradients, which changes the weights in place ------------------------
def lion(weights, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
    mean = [torch.zeros_like(w) for w in weights]

    def step(gradients):
        for w, g, m in zip(weights, gradients, mean):
            direction = torch.sign(betas[0] * m + (1 - betas[0]) * g)
            w.copy_(w - lr * weight_decay * w - lr * direction)
            m.copy_(betas[1] * m + (1 - betas[1]) * g)

    return step


def adan(weights, lr=1e-3, betas=(0.98, 0.92, 0.99), eps=1e-8, weight_decay=0.0, no_prox=False):
    m, d, n = ([torch.zeros_like(w) for w in weights] for _ in range(3))
    last, t = [], 0

    def step(gradients):
        nonlocal t, last
        t += 1
        last = last or gradients
        c1, c2, c3 = (1 - beta**t for beta in betas)
        for i, (w, g) in enumerate(zip(weights, gradients)):
            change = g - last[i]
            m[i] = betas[0] * m[i] + (1 - betas[0]) * g
            d[i] = betas[1] * d[i] + (1 - betas[1]) * change
            n[i] = betas[2] * n[i] + (1 - betas[2]) * (g + betas[1] * change) ** 2
            move = lr * (m[i] / c1 + betas[1] * d[i] / c2) / ((n[i] / c3).sqrt() + eps)
            w.copy_(w * (1 - lr * weight_decay) - move if no_prox else (w - move) / (1 + lr * weight_decay))
        last = gradients

    return step


def adabelief(weights, lr=1e-3, betas=(0.9, 0.999), eps=1e-16, weight_decay=0.0, decoupled=True, rectify=True):
    mean, spread = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    t = 0

    def step(gradients):
        nonlocal t
        t += 1
        c1, c2 = (1 - beta**t for beta in betas)
        longest = 2 / (1 - betas[1]) - 1
        length = longest - 2 * t * betas[1] ** t / c2
        for i, (w, g) in enumerate(zip(weights, gradients)):
            if decoupled:
                w.copy_(w * (1 - lr * weight_decay))
            else:
                g = g + weight_decay * w
            mean[i] = betas[0] * mean[i] + (1 - betas[0]) * g
            spread[i] = betas[1] * spread[i] + (1 - betas[1]) * (g - mean[i]) ** 2 + eps
            if not rectify:
                w.copy_(w - lr * (mean[i] / c1) / ((spread[i] / c2).sqrt() + eps))
            elif length >= 5:
                trust = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
                w.copy_(w - lr * math.sqrt(c2 * trust) / c1 * mean[i] / (spread[i].sqrt() + eps))
            else:
                w.copy_(w - lr / c1 * mean[i])

    return step


def lamb(weights, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0, bias_correction=True, adapt=True):
    mean, square = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    t = 0

    def step(gradients):
        nonlocal t
        t += 1
        c1, c2 = ((1 - beta**t) if bias_correction else 1.0 for beta in betas)
        for i, (w, g) in enumerate(zip(weights, gradients)):
            mean[i] = betas[0] * mean[i] + (1 - betas[0]) * g
            square[i] = betas[1] * square[i] + (1 - betas[1]) * g * g
            direction = (mean[i] / c1) / ((square[i] / c2).sqrt() + eps) + weight_decay * w
            known = adapt and norm(w) > 0 and norm(direction) > 0
            w.copy_(w - lr * (norm(w) / norm(direction) if known else 1) * direction)

    return step


def lars(weights, lr=1.0, momentum=0.9, dampening=0.0, nesterov=False, weight_decay=0.0, trust=1e-3, eps=1e-8, adapt=True):
    velocity = [None for _ in weights]

    def step(gradients):
        for i, (w, g) in enumerate(zip(weights, gradients)):
            ratio = 1
            if adapt and norm(w) > 0 and norm(g) > 0:
                ratio = trust * norm(w) / (norm(g) + weight_decay * norm(w) + eps)
            g = ratio * (g + weight_decay * w)
            if momentum > 0:
                velocity[i] = g if velocity[i] is None else momentum * velocity[i] + (1 - dampening) * g
                g = g + momentum * velocity[i] if nesterov else velocity[i]
            w.copy_(w - lr * g)

    return step


def novograd(weights, lr=1e-3, betas=(0.95, 0.98), eps=1e-8, weight_decay=0.0, grad_averaging=False):
    momentum, square = [torch.zeros_like(w) for w in weights], [None for _ in weights]

    def step(gradients):
        for i, (w, g) in enumerate(zip(weights, gradients)):
            power = (g * g).sum()
            square[i] = power if square[i] is None else betas[1] * square[i] + (1 - betas[1]) * power
            direction = g / (square[i].sqrt() + eps) + weight_decay * w
            momentum[i] = betas[0] * momentum[i] + (1 - betas[0] if grad_averaging else 1) * direction
            w.copy_(w - lr * momentum[i])

    return step


def sophia(weights, lr=1e-4, betas=(0.965, 0.99), rho=0.04, weight_decay=0.1, batch_size=5120):
    """Before the steps 1, 11, 21 ... the curvature is estimated from half the gradient, as if from sampled labels."""
    mean, curvature = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    t = 0

    def step(gradients):
        nonlocal t
        for i, (w, g) in enumerate(zip(weights, gradients)):
            if t % 10 == 0:
                curvature[i] = betas[1] * curvature[i] + (1 - betas[1]) * (0.5 * g) ** 2
            mean[i] = betas[0] * mean[i] + (1 - betas[0]) * g
            reach = (mean[i].abs() / (rho * batch_size * curvature[i] + 1e-15)).minimum(torch.ones(()))
            w.copy_(w * (1 - lr * weight_decay) - lr * torch.sign(mean[i]) * reach)
        t += 1

    return step


def prodigy(weights, lr=1.0, betas=(0.9, 0.999), beta3=None, eps=1e-8, weight_decay=0.0, decoupled=True,
            bias_correction=False, safeguard=False, d0=1e-6, d_coef=1.0, growth=math.inf):
    start = [w.clone() for w in weights]
    mean, square, s = ([torch.zeros_like(w) for w in weights] for _ in range(3))
    keep = math.sqrt(betas[1]) if beta3 is None else beta3
    d, largest, numerator, t = d0, d0, 0.0, 0

    def step(gradients):
        nonlocal d, largest, numerator, t
        t += 1
        correction = math.sqrt(1 - betas[1] ** t) / (1 - betas[0] ** t) if bias_correction else 1
        rate, old, dots, size = d * lr * correction, d, 0.0, 0.0
        for i, (w, g) in enumerate(zip(weights, gradients)):
            if not decoupled:
                g = g + weight_decay * w
            dots += (g * (start[i] - w)).sum()
            mean[i] = betas[0] * mean[i] + (1 - betas[0]) * d * g
            square[i] = betas[1] * square[i] + (1 - betas[1]) * (d * g) ** 2
            s[i] = keep * s[i] + d / d0 * (d if safeguard else rate) * g
            size += s[i].abs().sum()
        if size == 0:
            return
        numerator = keep * numerator + d / d0 * rate * dots
        estimate = d_coef * numerator / size
        if d == d0:
            d = max(d, estimate)
        largest = max(largest, estimate)
        d = min(largest, d * growth)
        for i, w in enumerate(weights):
            shrunk = w * (1 - rate * weight_decay) if decoupled else w
            w.copy_(shrunk - rate * mean[i] / (square[i].sqrt() + d * eps))

    return step


def schedule_free(direction):
    """The three sequences y (where the weights are), z and x, around a rule that gives the step of z."""

    def rule(weights, lr, momentum, warmup_steps=0, r=0.0, weight_lr_power=2.0, **options):
        z, x, k, total, highest = [w.clone() for w in weights], [w.clone() for w in weights], 0, 0.0, 0.0
        move = direction(weights, **options)

        def step(gradients):
            nonlocal k, total, highest
            rate = lr * min(1, (k + 1) / warmup_steps) if warmup_steps > 0 else lr
            highest = max(highest, rate)
            weight = (k + 1) ** r * highest**weight_lr_power
            total += weight
            share = weight / total if total > 0 else 0
            for i, w in enumerate(weights):
                z[i] = z[i] - rate * move(i, gradients[i], w, k + 1)
                x[i] = (1 - share) * x[i] + share * z[i]
                w.copy_(momentum * x[i] + (1 - momentum) * z[i])
            k += 1

        return step

    return rule


def descent(weights, weight_decay=0.0):
    return lambda i, g, w, t: g + weight_decay * w


def adam_direction(weights, beta2=0.999, eps=1e-8, weight_decay=0.0):
    square = [torch.zeros_like(w) for w in weights]

    def move(i, g, w, t):
        square[i] = beta2 * square[i] + (1 - beta2) * g * g
        return g / ((square[i] / (1 - beta2**t)).sqrt() + eps) + weight_decay * w

    return move


def schedule_free_sgd(weights, lr=1.0, momentum=0.9, **options):
    return schedule_free(descent)(weights, lr, momentum, **options)


def schedule_free_adamw(weights, lr=0.0025, betas=(0.9, 0.999), **options):
    return schedule_free(adam_direction)(weights, lr, betas[0], beta2=betas[1], **options)


rows = [data]
camel = lambda name: "".join(part.capitalize() if i > 0 else part for i, part in enumerate(name.split("_")))
# Names of options that are called otherwise in TypeScript.
names = {"no_prox": "noProx", "decoupled": "decoupledWeightDecay", "trust": "trustCoefficient", "d_coef": "dCoef",
         "growth": "growthRate", "safeguard": "safeguardWarmup", "grad_averaging": "gradientAveraging"}
theirs_of = {
    "Lion": (reference("pytorch-image-models", "timm.optim.lion", "Lion"), {}),
    "Adan": (reference("Adan", "adan", "Adan"), {"foreach": False}),
    "AdaBelief": (reference("pytorch-image-models", "timm.optim.adabelief", "AdaBelief"), {}),
    "LAMB": (reference("pytorch-image-models", "timm.optim.lamb", "Lamb"), {"weight_decay": 0, "max_grad_norm": None, "always_adapt": True}),
    "LARS": (reference("pytorch-image-models", "timm.optim.lars", "Lars"), {"momentum": 0.9, "always_adapt": True}),
    "NovoGrad": (reference("pytorch-image-models", "timm.optim.nvnovograd", "NvNovoGrad"), {}),
    "Sophia": (reference("Sophia", "sophia", "SophiaG"), {}),
    "Prodigy": (reference("prodigy", "prodigyopt.prodigy_reference", "ProdigyReference"), {}),
    "ScheduleFreeSGD": (reference("schedule_free", "schedulefree.sgd_schedulefree_reference", "SGDScheduleFreeReference"), {}),
    "ScheduleFreeAdamW": (reference("schedule_free", "schedulefree.adamw_schedulefree_reference", "AdamWScheduleFreeReference"), {}),
}
their_names = {"decoupled": {"AdaBelief": "decoupled_decay", "Prodigy": "decouple"}, "trust": {"LARS": "trust_coeff"},
               "bias_correction": {"Prodigy": "use_bias_correction"}, "growth": {"Prodigy": "growth_rate"},
               "safeguard": {"Prodigy": "safeguard_warmup"}, "adapt": {"LAMB": "always_adapt", "LARS": "always_adapt"}}
rules = {"Lion": lion, "Adan": adan, "AdaBelief": adabelief, "LAMB": lamb, "LARS": lars, "NovoGrad": novograd, "Sophia": sophia,
         "Prodigy": prodigy, "ScheduleFreeSGD": schedule_free_sgd, "ScheduleFreeAdamW": schedule_free_adamw}


def published(name, options):
    """The reference as a rule; with the protocol that Sophia and the schedule-free optimizers ask for."""
    make, base = theirs_of[name]
    batch = options.get("batch_size", 5120)
    given = {their_names.get(key, {}).get(name, key): value for key, value in options.items() if key != "batch_size"}

    def rule(weights):
        step = torch_optimizer(weights, lambda parameters: make(parameters, **{**base, **given}))
        optimizer, parameters, t = step.optimizer, step.parameters, 0
        if name.startswith("ScheduleFree"):
            optimizer.train()
        if name != "Sophia":
            return step
        plain = optimizer.step

        def with_curvature():
            nonlocal t
            if t % 10 == 0:
                kept = [p.grad for p in parameters]
                for p in parameters:
                    p.grad = 0.5 * p.grad
                optimizer.update_hessian()
                for p, g in zip(parameters, kept):
                    p.grad = g
            plain(bs=batch)
            t += 1

        optimizer.step = with_curvature
        return step

    return rule


def row(name, problem, **options):
    ours = run(problem, lambda weights: rules[name](weights, **options))
    if theirs_of[name][0] is not None:
        compare(f"{name} {options} on {problem}", ours, run(problem, published(name, options)))
    shown = {names.get(key, camel(key)): value for key, value in options.items()}
    rows.append({"optimizer": name, "options": shown, "problem": problem, "steps": short(ours)})


every = ["quadratic", "rosenbrock", "network"]
for problem in every:
    row("Lion", problem)
    row("Lion", problem, lr=2e-4, betas=(0.5, 0.9), weight_decay=0.5)
    row("Adan", problem)
    row("Adan", problem, lr=0.01, betas=(0.9, 0.8, 0.95), eps=1e-3, weight_decay=0.1)
    row("Adan", problem, lr=0.01, weight_decay=0.1, no_prox=True)
    row("AdaBelief", problem, lr=1e-4)
    row("AdaBelief", problem, rectify=False)
    # In Rosenbrock's valley a short memory makes even the rounding of doubles grow to what is seen.
    memory = {"betas": (0.9, 0.99), "lr": 1e-3} if problem == "rosenbrock" else {"betas": (0.5, 0.9), "lr": 0.01}
    row("AdaBelief", problem, rectify=False, **memory, eps=1e-8, weight_decay=0.1)
    row("AdaBelief", problem, lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, decoupled=False)
    row("LAMB", problem)
    row("LAMB", problem, lr=0.01, betas=(0.5, 0.9), eps=1e-3, weight_decay=0.1)
    row("LAMB", problem, bias_correction=False, weight_decay=0.01)
    row("LARS", problem)
    row("LARS", problem, lr=2.0, weight_decay=0.01, nesterov=True)
    row("LARS", problem, lr=0.5, momentum=0.8, dampening=0.5, trust=0.01, eps=0.1, weight_decay=0.1)
    row("LARS", problem, momentum=0.0, weight_decay=0.1)
    row("LAMB", problem, adapt=False, weight_decay=0.0)
    row("LARS", problem, lr=1e-4, adapt=False, weight_decay=0.0)
    row("NovoGrad", problem)
    row("NovoGrad", problem, betas=(0.9, 0.5), weight_decay=0.1, eps=1e-3)
    row("NovoGrad", problem, lr=0.01, weight_decay=0.01, grad_averaging=True)
    row("Sophia", problem)
    row("Sophia", problem, lr=1e-3, betas=(0.9, 0.95), rho=0.1, weight_decay=0.01, batch_size=32)
    row("Prodigy", problem, d0=1e-2, weight_decay=0.1, bias_correction=True, safeguard=True)
    row("Prodigy", problem, d0=1e-2, lr=0.1, betas=(0.8, 0.9), beta3=0.9, d_coef=0.5, growth=1.005, eps=1e-3, weight_decay=0.01, decoupled=False)
    rate = 2**-11 if problem == "rosenbrock" else 0.1
    row("ScheduleFreeSGD", problem, lr=rate)
    row("ScheduleFreeSGD", problem, lr=rate, momentum=0.5, weight_decay=0.01, warmup_steps=20, r=1.0, weight_lr_power=1.0)
    row("ScheduleFreeAdamW", problem)
    row("ScheduleFreeAdamW", problem, lr=0.01, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1, warmup_steps=20, r=0.5, weight_lr_power=1.0)


# From zero: float32 can't hold the 1e-6 that its first steps are, next to weights of 1.
row("Prodigy", "zero")
write("optimizers", "optimizers_papers", rows)
