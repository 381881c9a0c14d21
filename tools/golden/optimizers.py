"""Golden trajectories of the optimizers, 10 steps each.

A row: {optimizer, options, problem, start, steps}: `steps` holds the parameter after each step. Problems:
"quadratic" is 0.5 * sum(w^2), "rosenbrock" is (1 - x)^2 + 100 (y - x^2)^2 for w = [x, y]. What `options`
leaves out has its default value, which is PyTorch's (2.13: SGD has lr 1e-3).
"""

import torch

from golden import write

problems = {
    "quadratic": ([[1.0, -2.0], [0.5, 3.0]], lambda w: 0.5 * (w * w).sum()),
    "rosenbrock": ([-1.5, 1.0], lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2),
}
names = {"weight_decay": "weightDecay"}
rows = []


def row(optimizer, problem, **options):
    start, objective = problems[problem]
    w = torch.tensor(start, requires_grad=True)
    update = getattr(torch.optim, optimizer)([w], **{"lr": 1e-3, **options})
    steps = []
    for _ in range(10):
        update.zero_grad()
        objective(w).backward()
        update.step()
        steps.append(w.detach().clone())
    ours = {names.get(key, key): value for key, value in options.items()}
    rows.append({"optimizer": optimizer, "options": ours, "problem": problem, "start": start, "steps": steps})


for problem, rate in [("quadratic", 0.1), ("rosenbrock", 2**-11)]:
    row("SGD", problem)
    row("SGD", problem, lr=rate)
    row("SGD", problem, lr=rate, momentum=0.9)
    row("SGD", problem, lr=rate, momentum=0.9, dampening=0.5)
    row("SGD", problem, lr=rate, momentum=0.9, nesterov=True)
    row("SGD", problem, lr=rate, weight_decay=0.01)
    row("SGD", problem, lr=rate, momentum=0.9, weight_decay=0.01)
    row("SGD", problem, lr=rate, momentum=0.9, dampening=0.5, weight_decay=0.1)
    row("SGD", problem, lr=rate, momentum=0.9, nesterov=True, weight_decay=0.01)

for problem in problems:
    row("Adam", problem)
    row("Adam", problem, lr=0.1)
    row("Adam", problem, lr=0.1, betas=(0.5, 0.9))
    row("Adam", problem, lr=0.1, betas=(0.0, 0.999))
    row("Adam", problem, lr=0.1, eps=0.1)
    row("Adam", problem, lr=0.1, weight_decay=0.1)
    row("Adam", problem, lr=0.5, betas=(0.5, 0.6), amsgrad=True)
    row("Adam", problem, lr=0.5, betas=(0.5, 0.6), eps=1e-3, weight_decay=0.1, amsgrad=True)

write("optimizers", "optimizers", rows)
