"""Golden trajectories of LBFGS.

A row: {problem, options, start, steps, losses, calls}: the parameter after each step, the loss that the step returned, and how
often the closure was called until then. Problems: "bowl" is 0.5 * sum(c w^2) with c = 1, 4, 9, 16, "rosenbrock" is
(1 - x)^2 + 100 (y - x^2)^2, "fit" is the mean of (a exp(-b t) + c - y)^2 over the points t = 0, 1/4 ... 15/4 with
y = round(64 (2 exp(-1.5 t) + 0.5 + 0.1 sin(5 t))) / 64.
"""

import torch

from golden import write

t = torch.arange(16) / 4
y = torch.round(64 * (2 * torch.exp(-1.5 * t) + 0.5 + 0.1 * torch.sin(5 * t))) / 64
curvature = torch.tensor([1.0, 4.0, 9.0, 16.0])
problems = {
    "bowl": ([1.0, -2.0, 0.5, 3.0], lambda w: 0.5 * (curvature * w * w).sum()),
    "rosenbrock": ([-1.5, 1.0], lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2),
    "fit": ([1.0, 1.0, 0.0], lambda w: ((w[0] * torch.exp(-w[1] * t) + w[2] - y) ** 2).mean()),
}
names = {"max_iter": "maxIter", "max_eval": "maxEval", "tolerance_grad": "toleranceGrad", "tolerance_change": "toleranceChange", "history_size": "historySize", "line_search_fn": "lineSearchFn"}
rows = []


def row(problem, steps, **options):
    start, objective = problems[problem]
    w = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.LBFGS([w], **options)
    called = 0

    def closure():
        nonlocal called
        called += 1
        optimizer.zero_grad()
        loss = objective(w)
        loss.backward()
        return loss

    path, losses, calls = [], [], []
    for _ in range(steps):
        losses.append(float(optimizer.step(closure)))
        path.append(w.detach().clone())
        calls.append(called)
    ours = {names.get(key, key): "strongWolfe" if value == "strong_wolfe" else value for key, value in options.items()}
    rows.append({"problem": problem, "options": ours, "start": start, "steps": path, "losses": losses, "calls": calls})


for search in (None, "strong_wolfe"):
    given = {} if search is None else {"line_search_fn": search}
    row("bowl", 10, max_iter=1, **given)
    row("bowl", 5, max_iter=3, history_size=2, lr=0.5, **given)
    row("bowl", 3, max_iter=4, max_eval=3, **given)
    row("fit", 12, max_iter=1, lr=0.5 if search is None else 1, **given)
    row("fit", 4, max_iter=4, tolerance_grad=1e-3, tolerance_change=1e-4, **given)
row("bowl", 4, tolerance_grad=1e-2, tolerance_change=1e-3, line_search_fn="strong_wolfe")
row("rosenbrock", 12, max_iter=1, lr=2**-5)
row("rosenbrock", 12, max_iter=1, line_search_fn="strong_wolfe")
row("rosenbrock", 3, max_iter=4, history_size=3, line_search_fn="strong_wolfe")

write("optimizers", "lbfgs", rows)
