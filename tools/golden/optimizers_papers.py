"""Golden trajectories of the optimizers that PyTorch does not have, and of the wrappers, 200 steps each.

Every algorithm is stated here in its own words, in float64, and compared with published code where that is at hand.
A row: {optimizer, options, problem, steps}, for a wrapper also {inner, innerOptions}: `steps` holds the parameters after
the steps 1, 2, 3, 5, 10, 20, 50, 100, 200. Problems: "quadratic" is 0.5 * sum(w^2), "zero" the same around its start, begun at 0, "rosenbrock" is (1 - x)^2 + 100 (y - x^2)^2
for w = [x, y], "network" has the gradients that a small network gave along a path of its own; they are in the row "gradients",
as are the starts. `options` is what differs from the defaults.
"""

import math

import torch

from golden import seeded, write
from reference import agree, reference

SHOWN = [1, 2, 3, 5, 10, 20, 50, 100, 200]
norm = lambda x: (x * x).sum().sqrt()


# --- problems ---------------------------------------------------------------------------------------------------------
def network():
    """Starting weights of a 2-3-1 network and 200 gradients, exact in float32, of mini-batches along a path of plain descent."""
    draw = seeded(11)
    start = [draw(3, 2, scale=1.0), draw(3, scale=0.5), draw(1, 3, scale=1.0), draw(1, scale=0.5)]
    weights, gradients = [w.clone().requires_grad_() for w in start], []
    for _ in range(200):
        inputs = draw(8, 2)
        targets = torch.sin(inputs[:, :1]) * inputs[:, 1:]
        hidden = torch.tanh(inputs @ weights[0].T + weights[1])
        loss = ((hidden @ weights[2].T + weights[3] - targets) ** 2).mean()
        exact = [torch.round(g * 2**12) / 2**12 for g in torch.autograd.grad(loss, weights)]
        gradients.append(exact)
        weights = [(w - 0.05 * g).detach().requires_grad_() for w, g in zip(weights, exact)]
    return start, gradients


START, GRADIENTS = network()
starts = {"quadratic": [torch.tensor([[1.0, -2.0], [0.5, 3.0]])], "rosenbrock": [torch.tensor([-1.5, 1.0])], "network": START,
          "zero": [torch.zeros(2, 2)]}
TARGET = starts["quadratic"][0]
losses = {
    "quadratic": lambda w: 0.5 * (w * w).sum(),
    "zero": lambda w: 0.5 * ((w - TARGET) ** 2).sum(),
    "rosenbrock": lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2,
}


def gradients_at(problem, weights, step):
    if problem == "network":
        return [g.clone() for g in GRADIENTS[step]]
    at = [w.detach().clone().requires_grad_() for w in weights]
    return list(torch.autograd.grad(losses[problem](*at), at))


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

        step.average = x
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


# --- wrappers: around an optimizer of PyTorch ---------------------------------------------------------------------------
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


def torch_optimizer(weights, make):
    """An optimizer of PyTorch, or in its form, as a rule."""
    parameters = [torch.nn.Parameter(w.clone()) for w in weights]
    optimizer = make(parameters)

    def step(gradients):
        with torch.no_grad():
            for p, w, g in zip(parameters, weights, gradients):
                p.copy_(w)
                p.grad = g.clone()
            optimizer.step()
            for p, w in zip(parameters, weights):
                w.copy_(p)

    step.optimizer, step.parameters = optimizer, parameters
    return step


# --- running ------------------------------------------------------------------------------------------------------------
def run(problem, make):
    """The weights, or the average of them that the rule keeps, after the steps that are shown."""
    weights = [w.clone() for w in starts[problem]]
    step, shown = make(weights), []
    for t in range(200):
        step(gradients_at(problem, weights, t))
        if t + 1 in SHOWN:
            shown.append([w.clone() for w in getattr(step, "average", None) or weights])
    return shown


def short(steps):
    """Ten digits: what is compared is float32 or, on the reference engine, good to nine."""
    return [[torch.tensor([float(f"{x:.10g}") for x in w.flatten().tolist()]).reshape(w.shape) for w in step] for step in steps]


def compare(label, ours, theirs):
    for t, (mine, other) in zip(SHOWN, zip(ours, theirs)):
        for a, b in zip(mine, other):
            agree(f"{label} step {t}", a, b.detach(), 1e-7)


rows = [{"gradients": [[g for g in step] for step in GRADIENTS], "starts": starts, "shown": SHOWN}]
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

    def averaged(weights):
        step = rule(weights)
        step.average = None
        return step

    return averaged


def row(name, problem, **options):
    make = lambda weights: with_weights(rules[name](weights, **options))
    ours = run(problem, make)
    if theirs_of[name][0] is not None:
        compare(f"{name} {options} on {problem}", ours, run(problem, published(name, options)))
    shown = {names.get(key, camel(key)): value for key, value in options.items()}
    rows.append({"optimizer": name, "options": shown, "problem": problem, "steps": short(ours)})


def with_weights(step):
    """What is shown of a schedule-free rule is where the weights are, not their average."""
    if hasattr(step, "average"):
        step.average = None
    return step


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
    row("Prodigy", problem, d0=1e-2, lr=0.1, betas=(0.8, 0.9), beta3=0.9, d_coef=0.5, growth=1.005, weight_decay=0.01, decoupled=False)
    rate = 2**-11 if problem == "rosenbrock" else 0.1
    row("ScheduleFreeSGD", problem, lr=rate)
    row("ScheduleFreeSGD", problem, lr=rate, momentum=0.5, weight_decay=0.01, warmup_steps=20, r=1.0, weight_lr_power=1.0)
    row("ScheduleFreeAdamW", problem)
    row("ScheduleFreeAdamW", problem, lr=0.01, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1, warmup_steps=20, r=0.5)


# From zero: float32 can't hold the 1e-6 that its first steps are, next to weights of 1.
row("Prodigy", "zero")

# --- wrappers -----------------------------------------------------------------------------------------------------------
inners = {
    "SGD": lambda parameters, lr, momentum: torch.optim.SGD(parameters, lr=lr, momentum=momentum),
    "Adam": lambda parameters, lr: torch.optim.Adam(parameters, lr=lr),
}
if not hasattr(torch.optim.lr_scheduler, "LRScheduler"):
    # Its name until PyTorch 2.0; pytorch_optimizer asks for the new one.
    torch.optim.lr_scheduler.LRScheduler = torch.optim.lr_scheduler._LRScheduler
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
    for t in range(200):
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
    shown = {camel(key): value for key, value in options.items()}
    ours = [None if t <= options.get("start", 0) else step for t, step in zip(SHOWN, short(ours))]
    rows.append({"optimizer": name, "options": shown, "inner": inner, "innerOptions": inner_options, "problem": problem, "steps": ours})


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


for problem in every:
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

write("optimizers", "optimizers_papers", rows)
