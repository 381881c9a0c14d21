"""Golden values and gradients of the regression losses."""

import torch
import torch.nn.functional as F

from golden import seeded
from loss_rows import Rows

rows = Rows()
P, T = torch.tensor([0.5, -1.5, 3.0]), torch.tensor([0.0, 1.0, 2.5])
draw = seeded(1)
matrix, matrix_target = draw(3, 4), draw(3, 4)
equal = torch.tensor([[0.25, -1.0], [4.0, 0.0]])
huge = torch.tensor([1e4, -1e4, 0.0])

for name, formula in [("meanSquaredError", F.mse_loss), ("meanAbsoluteError", F.l1_loss)]:
    rows.add(name, formula, P, T)
    rows.add(name, formula, matrix, matrix_target)
    rows.add(name, formula, matrix, matrix_target, reduction="none")
    rows.add(name, formula, matrix, matrix_target, reduction="sum")
    rows.add(name, formula, equal, equal)  # zero, with gradient zero: |e| has slope 0 at 0
    rows.add(name, formula, huge, torch.zeros(3))

rows.add("huber", F.huber_loss, P, T)
rows.add("huber", F.huber_loss, P, T, delta=0.3)
rows.add("huber", F.huber_loss, matrix, matrix_target, delta=0.3, reduction="none")
rows.add("huber", F.huber_loss, matrix, matrix_target, reduction="sum")
rows.add("huber", F.huber_loss, [1.0, -1.0, 0.0, 2.0, -0.5], torch.zeros(5), reduction="none")  # |e| exactly delta
rows.add("huber", F.huber_loss, huge, torch.zeros(3))

rows.write("regression")
