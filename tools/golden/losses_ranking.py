"""Golden values and gradients of the ranking losses."""

import torch
import torch.nn.functional as F

from golden import seeded
from loss_rows import Rows, reduce

rows = Rows()
draw = seeded(4)

# Pairwise.
P, T, signs = torch.tensor([0.5, -1.5, 3.0]), torch.tensor([0.0, 1.0, 2.5]), torch.tensor([1.0, 1.0, -1.0])


def margin_ranking(*arguments, **options):
    rows.add("marginRanking", F.margin_ranking_loss, *arguments, wrt=(0, 1), **options)


margin_ranking(P, T, signs)
margin_ranking(P, T, signs, margin=0.5)
margin_ranking(P, T, signs, margin=0.5, reduction="none")
margin_ranking(P, T, signs, margin=2.0, reduction="sum")
margin_ranking(draw(2, 3), draw(2, 3), torch.tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]]), margin=1.0)
margin_ranking(torch.tensor([1.0, 1e4]), torch.tensor([1.0, -1e4]), torch.tensor([1.0, -1.0]), margin=0.25)


# Listwise.
def list_net(s, y, reduction="mean"):
    return reduce(-(torch.softmax(y, -1) * torch.log_softmax(s, -1)).sum(-1), reduction)


scores = draw(3, 5)
relevance = torch.tensor([[3.0, 2.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 4.0, 1.0, 1.0, 2.0]])
for reduction in ["none", "mean", "sum"]:
    rows.add("listNet", list_net, scores, relevance, reduction=reduction)
rows.add("listNet", list_net, torch.tensor([1.5, -0.5, 0.25]), torch.tensor([2.0, 0.0, 1.0]))
rows.add("listNet", list_net, torch.tensor([[1e4, -1e4, 0.0]]), torch.tensor([[0.0, 2.0, 1.0]]))
rows.add("listNet", list_net, torch.tensor([[2.0], [-1.0]]), torch.tensor([[1.0], [0.0]]))  # lists of one

rows.write("ranking")
