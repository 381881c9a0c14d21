"""Golden rates of PyTorch's schedulers, 200 steps each.

A row: {kind, schedule, torch, rates}: `schedule` is ours as [name, ...arguments], where an argument may be a schedule itself,
and `torch` is what was run. Of kind "schedule" they are the same; of kind "momentum" the numbers are the momentum that CyclicLR
and OneCycleLR set; "after the end" is where PyTorch's cosine rises again. A row of kind "plateau" has {lr, options, metrics}
instead of `schedule`, and the rate before the first metric and after each.
"""

import math
import warnings

import torch
from torch.optim import lr_scheduler as torch_schedulers

from golden import seeded, write
from reference import agree, reference

STEPS = 200
warnings.filterwarnings("ignore")
rows = []


def optimizer(lr):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=0.9)


def run(make, lr, steps=STEPS, field="lr"):
    update = optimizer(lr)
    scheduler = make(update)
    values = []
    for step in range(steps):
        values.append(float(update.param_groups[0][field]))
        update.step()
        # OneCycleLR refuses to go on after its last step.
        if step + 1 < steps:
            scheduler.step()
    return values


def row(schedule, name, lr=1.0, steps=STEPS, kind="schedule", **options):
    field = "momentum" if kind == "momentum" else "lr"
    rates = run(lambda update: getattr(torch_schedulers, name)(update, **options), lr, steps, field)
    text = f"{name}({', '.join(f'{key}={value}' for key, value in options.items())}), lr={lr}"
    rows.append({"kind": kind, "schedule": schedule, "torch": text, "rates": rates})


row(["stepDecay", 0.5, {"every": 30}], "StepLR", lr=0.5, step_size=30)
row(["stepDecay", 1, {"every": 7, "gamma": 0.7}], "StepLR", step_size=7, gamma=0.7)
row(["multiStepDecay", 1, {"milestones": [20, 50, 51, 150]}], "MultiStepLR", milestones=[20, 50, 51, 150])
row(["multiStepDecay", 0.3, {"milestones": [1, 199], "gamma": 0.5}], "MultiStepLR", lr=0.3, milestones=[1, 199], gamma=0.5)
row(["piecewiseConstant", [0.3 / 3, 0.3], {"at": [5]}], "ConstantLR", lr=0.3)
row(["piecewiseConstant", [0.25, 0.5], {"at": [40]}], "ConstantLR", lr=0.5, factor=0.5, total_iters=40)
row(["linear", 1 / 3, {"steps": 5, "end": 1}], "LinearLR")
row(["linear", 0.02, {"steps": 90, "end": 0.15}], "LinearLR", lr=0.2, start_factor=0.1, end_factor=0.75, total_iters=90)
row(["linear", 2, {"steps": 120, "end": 0.5}], "LinearLR", lr=2.0, start_factor=1.0, end_factor=0.25, total_iters=120)
row(["exponentialDecay", 0.1, {"gamma": 0.95}], "ExponentialLR", lr=0.1, gamma=0.95)
row(["exponentialDecay", 1e-6, {"gamma": 1.05}], "ExponentialLR", lr=1e-6, gamma=1.05)
row(["polynomialDecay", 0.1, {"steps": 5}], "PolynomialLR", lr=0.1)
row(["polynomialDecay", 1, {"steps": 150, "power": 2}], "PolynomialLR", total_iters=150, power=2.0)
row(["polynomialDecay", 1, {"steps": 180, "power": 0.5}], "PolynomialLR", total_iters=180, power=0.5)
# Up to its end; from there on PyTorch's rises again and ours stays.
row(["cosineDecay", 0.1, {"steps": 199}], "CosineAnnealingLR", lr=0.1, T_max=199)
row(["cosineDecay", 1, {"steps": 250, "end": 0.1}], "CosineAnnealingLR", T_max=250, eta_min=0.1)
row(["cosineDecay", 1, {"steps": 40, "end": 0.1}], "CosineAnnealingLR", steps=41, T_max=40, eta_min=0.1)
row(["cosineDecay", 1, {"steps": 40, "end": 0.1}], "CosineAnnealingLR", kind="after the end", T_max=40, eta_min=0.1)
row(["cosineRestarts", 1, {"period": 30}], "CosineAnnealingWarmRestarts", T_0=30)
restarts = {"period": 3, "periodMultiplier": 2, "end": 0.01}
row(["cosineRestarts", 0.5, restarts], "CosineAnnealingWarmRestarts", lr=0.5, T_0=3, T_mult=2, eta_min=0.01)
restarts = {"period": 1, "periodMultiplier": 3}
row(["cosineRestarts", 1, restarts], "CosineAnnealingWarmRestarts", T_0=1, T_mult=3)

for theirs, ours in [
    ({"step_size_up": 20}, {"up": 20}),
    ({"step_size_up": 7, "step_size_down": 13}, {"up": 7, "down": 13}),
    ({"step_size_up": 15, "step_size_down": 10, "mode": "triangular2"}, {"up": 15, "down": 10, "mode": "triangular2"}),
    ({"step_size_up": 12, "mode": "exp_range", "gamma": 0.99}, {"up": 12, "mode": "expRange", "gamma": 0.99}),
]:
    row(["cyclic", 0.01, {"high": 0.2, **ours}], "CyclicLR", base_lr=0.01, max_lr=0.2, **theirs)
    row(["cyclicMomentum", ours], "CyclicLR", kind="momentum", base_lr=0.01, max_lr=0.2, **theirs)
row(
    ["cyclicMomentum", {"up": 9, "base": 0.7, "max": 0.99}],
    "CyclicLR",
    kind="momentum",
    base_lr=0.01,
    max_lr=0.2,
    step_size_up=9,
    base_momentum=0.7,
    max_momentum=0.99,
)

for theirs, ours in [
    ({"total_steps": 200}, {"steps": 200}),
    ({"total_steps": 177, "pct_start": 0.25}, {"steps": 177, "warmupFraction": 0.25}),
    ({"total_steps": 200, "anneal_strategy": "linear"}, {"steps": 200, "shape": "linear"}),
    ({"total_steps": 200, "three_phase": True}, {"steps": 200, "threePhase": True}),
    (
        {"total_steps": 150, "pct_start": 0.45, "three_phase": True, "anneal_strategy": "linear"},
        {"steps": 150, "warmupFraction": 0.45, "threePhase": True, "shape": "linear"},
    ),
]:
    steps = theirs["total_steps"]
    row(["oneCycle", 0.4, ours], "OneCycleLR", steps=steps, max_lr=0.4, **theirs)
    row(["oneCycleMomentum", ours], "OneCycleLR", steps=steps, kind="momentum", max_lr=0.4, **theirs)
divided = {"steps": 200, "divideBy": 10, "finalDivideBy": 100}
row(["oneCycle", 1, divided], "OneCycleLR", max_lr=1.0, total_steps=200, div_factor=10.0, final_div_factor=100.0)
row(
    ["oneCycleMomentum", {"steps": 200, "base": 0.8, "max": 0.9}],
    "OneCycleLR",
    kind="momentum",
    max_lr=1.0,
    total_steps=200,
    base_momentum=0.8,
    max_momentum=0.9,
)


def combined(schedule, text, lr, make):
    rows.append({"kind": "schedule", "schedule": schedule, "torch": f"{text}, lr={lr}", "rates": run(make, lr)})


def sequence(update, parts, milestones):
    return torch_schedulers.SequentialLR(update, [part(update) for part in parts], milestones)


combined(
    ["warmup", ["cosineDecay", 1, {"steps": 160}], {"steps": 40, "from": 0.1}],
    "SequentialLR([LinearLR(0.1, 1, 40), CosineAnnealingLR(160)], [40])",
    1.0,
    lambda update: sequence(
        update,
        [
            lambda u: torch_schedulers.LinearLR(u, start_factor=0.1, end_factor=1.0, total_iters=40),
            lambda u: torch_schedulers.CosineAnnealingLR(u, 160),
        ],
        [40],
    ),
)
combined(
    [
        "join",
        [["exponentialDecay", 0.5, {"gamma": 0.9}], ["stepDecay", 0.5, {"every": 20}], ["constant", 0.25]],
        {"at": [30, 100]},
    ],
    "SequentialLR([ExponentialLR(0.9), StepLR(20), ConstantLR(0.5, 1000)], [30, 100])",
    0.5,
    lambda update: sequence(
        update,
        [
            lambda u: torch_schedulers.ExponentialLR(u, 0.9),
            lambda u: torch_schedulers.StepLR(u, 20),
            lambda u: torch_schedulers.ConstantLR(u, factor=0.5, total_iters=1000),
        ],
        [30, 100],
    ),
)
combined(
    ["product", [["exponentialDecay", 1, {"gamma": 0.98}], ["piecewiseConstant", [0.1, 1], {"at": [20]}]]],
    "ChainedScheduler([ConstantLR(0.1, 20), ExponentialLR(0.98)])",
    1.0,
    lambda update: torch_schedulers.ChainedScheduler(
        [
            torch_schedulers.ConstantLR(update, factor=0.1, total_iters=20),
            torch_schedulers.ExponentialLR(update, gamma=0.98),
        ]
    ),
)
combined(
    ["product", [["stepDecay", 0.2, {"every": 50, "gamma": 0.5}], ["linear", 0.25, {"steps": 80, "end": 1}]]],
    "ChainedScheduler([LinearLR(0.25, 1, 80), StepLR(50, 0.5)])",
    0.2,
    lambda update: torch_schedulers.ChainedScheduler(
        [
            torch_schedulers.LinearLR(update, start_factor=0.25, total_iters=80),
            torch_schedulers.StepLR(update, step_size=50, gamma=0.5),
        ]
    ),
)


class PerEpoch:
    """A scheduler that moves once after so many steps, as training loops of PyTorch call it."""

    def __init__(self, scheduler, steps):
        self.scheduler, self.steps, self.taken = scheduler, steps, 0

    def step(self):
        self.taken += 1
        if self.taken % self.steps == 0:
            self.scheduler.step()


combined(
    ["perEpoch", ["multiStepDecay", 1, {"milestones": [3, 6]}], {"stepsPerEpoch": 23}],
    "MultiStepLR([3, 6]), stepped after each 23 steps",
    1.0,
    lambda update: PerEpoch(torch_schedulers.MultiStepLR(update, [3, 6]), 23),
)


def plateau(metrics, lr=0.1, **options):
    update = optimizer(lr)
    scheduler = torch_schedulers.ReduceLROnPlateau(update, **options)
    rates = [lr]
    for metric in metrics:
        scheduler.step(metric)
        rates.append(update.param_groups[0]["lr"])
    names = {"threshold_mode": "thresholdMode", "min_lr": "minLr", "rel": "relative", "abs": "absolute"}
    ours = {names.get(key, key): names.get(value, value) for key, value in options.items()}
    rows.append(
        {"kind": "plateau", "lr": lr, "options": ours, "torch": "ReduceLROnPlateau", "metrics": metrics, "rates": rates}
    )


noise = seeded(7)(STEPS, scale=1.0).tolist()
falling = [2 * math.exp(-step / 40) + 0.05 + 0.02 * noise[step] for step in range(STEPS)]
flat = [1.0] * STEPS
rising = [1 - value / 3 for value in falling]
waves = [2 + math.sin(step / 5) - step / 300 for step in range(STEPS)]
for metrics in (falling, flat, waves):
    plateau(metrics)
    plateau(metrics, patience=0, factor=0.5)
    plateau(metrics, patience=3, cooldown=4, factor=0.3)
    plateau(metrics, patience=2, threshold=0.01, threshold_mode="abs", min_lr=1e-3)
    plateau(metrics, patience=1, factor=0.2, eps=1e-4)
plateau(rising, mode="max", patience=4)
plateau(rising, mode="max", patience=2, threshold=0.05, threshold_mode="abs", cooldown=1, factor=0.7)
plateau(rising, mode="max", patience=1, threshold=0.0, factor=0.9, min_lr=0.02)


def warmup_stable_decay(step, warmup, stable, decay, shape):
    """The factor of the highest rate, to zero at both ends."""
    if step < warmup:
        return step / warmup
    if step < warmup + stable:
        return 1.0
    done = (step - warmup - stable) / decay
    if done >= 1:
        return 0.0
    return {"1-sqrt": 1 - math.sqrt(done), "linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}[shape]


# The version of PyTorch that Debian has calls the base class by its old name, which the reference doesn't know.
if not hasattr(torch_schedulers, "LRScheduler"):
    torch_schedulers.LRScheduler = torch_schedulers._LRScheduler
published = reference("pytorch_optimizer", "pytorch_optimizer.lr_scheduler.wsd", "get_wsd_scheduler_lambda")
for shape in ("1-sqrt", "linear", "cosine"):
    rates = [0.3 * warmup_stable_decay(step, 25, 80, 60, shape) for step in range(STEPS)]
    if published:
        theirs = [
            0.3
            * published(
                step,
                num_warmup_steps=25,
                num_stable_steps=80,
                num_decay_steps=60,
                min_lr_ratio=0.0,
                num_cycles=0.5,
                cooldown_type=shape,
            )
            for step in range(STEPS)
        ]
        agree(f"warm-up, stable, decay {shape}", torch.tensor(rates), torch.tensor(theirs))
    parts = {"warmupSteps": 25, "stableSteps": 80, "decaySteps": 60, "shape": shape}
    rows.append(
        {
            "kind": "schedule",
            "schedule": ["warmupStableDecay", 0.3, parts],
            "torch": "warm-up, stable, decay in float64, as in pytorch_optimizer",
            "rates": rates,
        }
    )

write("schedulers", "schedulers", rows)
