"""What the scripts about optimizers share: the problems, and which steps are kept.

"quadratic" is 0.5 * sum(w^2), "zero" the same around another point, from 0, "rosenbrock" is (1 - x)^2 + 100 (y - x^2)^2 for w = [x, y], "network" has the gradients that a
small network gave along a path of its own, and "matrices" those of its weights without the biases.
"""

import torch

from golden import seeded
from reference import agree

STEPS = 200
SHOWN = [1, 2, 3, 5, 10, 20, 50, 100, 200]


def network():
    """Starting weights of a 2-3-1 network and 200 gradients, exact in float32, of mini-batches along a path of plain descent."""
    draw = seeded(11)
    start = [draw(3, 2, scale=1.0), draw(3, scale=0.5), draw(1, 3, scale=1.0), draw(1, scale=0.5)]
    weights, gradients = [w.clone().requires_grad_() for w in start], []
    for _ in range(STEPS):
        inputs = draw(8, 2)
        targets = torch.sin(inputs[:, :1]) * inputs[:, 1:]
        hidden = torch.tanh(inputs @ weights[0].T + weights[1])
        loss = ((hidden @ weights[2].T + weights[3] - targets) ** 2).mean()
        exact = [torch.round(g * 2**12) / 2**12 for g in torch.autograd.grad(loss, weights)]
        gradients.append(exact)
        weights = [(w - 0.05 * g).detach().requires_grad_() for w, g in zip(weights, exact)]
    return start, gradients


START, GRADIENTS = network()
starts = {
    "quadratic": [torch.tensor([[1.0, -2.0], [0.5, 3.0]])],
    "rosenbrock": [torch.tensor([-1.5, 1.0])],
    "zero": [torch.zeros(2, 2)],
    "network": START,
    "matrices": [START[0], START[2]],
}
losses = {
    "quadratic": lambda w: 0.5 * (w * w).sum(),
    "zero": lambda w: 0.5 * ((w - starts["quadratic"][0]) ** 2).sum(),
    "rosenbrock": lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2,
}
recorded = {"network": GRADIENTS, "matrices": [[g[0], g[2]] for g in GRADIENTS]}


def gradients_at(problem, weights, step):
    """The gradients at these weights; those of a network are recorded and only depend on the step, 0 for the first."""
    if problem in recorded:
        return [g.clone() for g in recorded[problem][step]]
    at = [w.detach().clone().requires_grad_() for w in weights]
    return list(torch.autograd.grad(losses[problem](*at), at))


def run(problem, make):
    """
    The weights after the steps that are kept; `make(weights)` gives a function of the gradients, which changes the weights.
    Where the function has an `average`, that is kept instead.
    """
    weights = [w.clone() for w in starts[problem]]
    step, shown = make(weights), []
    for t in range(STEPS):
        step(gradients_at(problem, weights, t))
        if t + 1 in SHOWN:
            shown.append([w.clone() for w in getattr(step, "average", weights)])
    return shown


def short(steps):
    """Ten digits: what is compared is float32 or, on the reference engine, good to nine."""
    return [[torch.tensor([float(f"{x:.10g}") for x in w.flatten().tolist()]).reshape(w.shape) for w in step] for step in steps]


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


def compare(label, ours, theirs):
    for t, (mine, other) in zip(SHOWN, zip(ours, theirs)):
        for a, b in zip(mine, other):
            agree(f"{label} step {t}", a, b.detach(), 1e-7)


#: The first row of a file: what the others need.
data = {"gradients": GRADIENTS, "starts": starts, "shown": SHOWN}
