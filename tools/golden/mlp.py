"""Golden training run of a small net: 20-8-4 with relu, cross entropy, 5 steps of Adam (lr 0.01).

One row: {layers, inputs, labels, lr, initial, losses, gradients, final}; `initial`, `gradients` (of the first
step) and `final` are keyed by PyTorch's parameter names.
"""

import torch
import torch.nn.functional as F

from golden import seeded, write

draw = seeded(5)
model = torch.nn.Sequential(torch.nn.Linear(20, 8), torch.nn.ReLU(), torch.nn.Linear(8, 4))
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(draw(*parameter.shape, scale=0.5))
initial = {name: value.clone() for name, value in model.state_dict().items()}
inputs, labels = draw(16, 20), torch.tensor([index * 7 % 4 for index in range(16)])

optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
losses, gradients = [], None
for _ in range(5):
    loss = F.cross_entropy(model(inputs), labels)
    optimizer.zero_grad()
    loss.backward()
    if gradients is None:
        gradients = {name: value.grad.clone() for name, value in model.named_parameters()}
    optimizer.step()
    losses.append(loss.item())

row = {"layers": [20, 8, 4], "inputs": inputs, "labels": labels, "lr": 0.01, "initial": initial}
write("nn", "mlp", [row | {"losses": losses, "gradients": gradients, "final": model.state_dict()}])
