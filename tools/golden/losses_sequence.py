"""Golden values and gradients of the losses of sequences."""

import torch
import torch.nn.functional as F

from golden import seeded
from loss_rows import Rows

rows = Rows()
draw = seeded(11)


def ctc_loss(x, y, input_lengths=None, target_lengths=None, blank=0, zero_infinity=False, reduction="mean", sample_weight=None):
    batch, frames, _ = x.shape
    frames_of = torch.tensor([frames] * batch if input_lengths is None else input_lengths)
    labels_of = torch.tensor([y.shape[1]] * batch if target_lengths is None else target_lengths)
    log_probabilities = torch.log_softmax(x, -1).transpose(0, 1)
    options = {"blank": blank, "zero_infinity": zero_infinity}
    each = lambda kind: F.ctc_loss(log_probabilities, y, frames_of, labels_of, reduction=kind, **options)
    if sample_weight is None:
        return each(reduction)
    # PyTorch has no weights of examples: ours divides by their sum.
    weight = torch.tensor(sample_weight)
    if reduction == "mean":
        return (each("none") / labels_of.clamp(min=1) * weight).sum() / weight.sum()
    return (each("none") * weight).sum() if reduction == "sum" else each("none") * weight


def ctc(*arguments, **options):
    rows.add("ctc", ctc_loss, *arguments, **options)


logits, labels = draw(3, 7, 5), torch.tensor([[1, 2, 4], [3, 3, 1], [4, 1, 1]])
for reduction in ["none", "mean", "sum"]:
    ctc(logits, labels, reduction=reduction)
    ctc(logits, labels, input_lengths=[7, 4, 6], target_lengths=[3, 3, 1], reduction=reduction)
    ctc(logits, labels, target_lengths=[2, 0, 3], reduction=reduction)  # an empty target: blanks only
    # The second can't be aligned: equal neighbours need a blank between them.
    ctc(logits, labels, input_lengths=[7, 3, 5], zero_infinity=True, reduction=reduction)
    ctc(logits, labels, sample_weight=[1.0, 0.0, 3.0], target_lengths=[3, 1, 2], reduction=reduction)
ctc(logits, torch.tensor([[1, 0, 4], [3, 3, 1], [0, 1, 1]]), blank=2)
ctc(logits, torch.tensor([[1, 0, 3], [3, 3, 1], [0, 1, 1]]), blank=4, input_lengths=[5, 6, 4])
# What stands behind the end of a target is not looked at.
ctc(logits, torch.tensor([[1, 2, -1], [3, 0, 0], [4, 1, 9]]), target_lengths=[2, 1, 2])
# As many frames as labels: one path. One frame: one label or none.
ctc(draw(2, 3, 4), torch.tensor([[1, 2, 3], [2, 1, 2]]), reduction="none")
ctc(draw(3, 1, 3), torch.tensor([[1], [2], [1]]), target_lengths=[1, 1, 0], reduction="none")
ctc(draw(2, 4, 3), torch.zeros((2, 0), dtype=torch.int64), reduction="none")
ctc(draw(1, 12, 3, scale=6.0), torch.tensor([[1, 1, 2, 2, 1]]))
ctc(torch.zeros(2, 6, 3), torch.tensor([[1, 2, 1], [2, 2, 1]]), reduction="none")  # every path as likely
# Frames that leave no doubt, for the target and against it.
sure = 1e4 * (2.0 * F.one_hot(torch.tensor([[1, 0, 2, 2, 0], [1, 1, 0, 1, 2]]), 3) - 1)
ctc(sure, torch.tensor([[1, 2], [1, 1]]), target_lengths=[2, 2], input_lengths=[5, 4], reduction="none")
ctc(sure, torch.tensor([[2, 1], [2, 1]]), target_lengths=[1, 1], input_lengths=[2, 2], reduction="none")
ctc(draw(2, 17, 4, scale=3.0), torch.tensor([[1, 2, 3, 3, 1, 2], [3, 3, 3, 1, 1, 2]]), input_lengths=[17, 12], blank=0)
ctc(torch.zeros(2, 3, 2), torch.ones((2, 2), dtype=torch.int64), input_lengths=[2, 2], zero_infinity=True)  # nothing can be aligned

rows.write("sequence")
