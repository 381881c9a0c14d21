"""PyTorch's side of the bench: answers one line of JSON per line of JSON on its standard input, as worker.mjs does.

A case is a function of this file, (data) => (step, check), or a row of a table, which says itself what to run: `step`
does the work once, `check` gives numbers of the last step that all libraries must agree on.
"""

import gc
import json
import math
import os
import sys
import time

import pytorch_losses
import torch
import torch.nn.functional as F

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
WARM_UPS = 2


def fingerprint(tensor):
    return float((tensor.detach().double() ** 2).sum())


def read(files):
    data = {}
    for entry in files:
        with open(entry["path"], "rb") as file:
            values = torch.frombuffer(bytearray(file.read()), dtype=getattr(torch, entry["type"]))
        data[entry["name"]] = values.reshape(entry["shape"])
    return data


def loss_case(loss):
    def case(data):
        prediction, target = data["prediction"].requires_grad_(), data["target"]
        state = {}

        def step():
            prediction.grad = None
            state["value"] = loss(prediction, target)
            state["value"].backward()

        return step, lambda: [state["value"].item(), fingerprint(prediction.grad)]

    return case


def training(parameters, forward, update=True):
    for parameter in parameters:
        parameter.requires_grad_()
    optimizer = torch.optim.Adam(parameters)
    state = {}

    def step():
        loss = forward()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if update:
            optimizer.step()
        state["last"] = loss.item()

    return step, lambda: [state["last"]]


def dense_net(data, update=True):
    x, y, w1, b1, w2, b2 = (data[name] for name in ("x", "y", "w1", "b1", "w2", "b2"))
    y = y.long()
    return training([w1, b1, w2, b2], lambda: F.cross_entropy(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2), y), update)


def conv_net(data):
    x, y = data.pop("x"), data.pop("y").long()
    w1, b1, w2, b2, w3, b3 = data.values()

    def block(x, w, b):
        return F.max_pool2d(F.relu(F.conv2d(x, w, b, padding=1)), 2)

    return training(
        [w1, b1, w2, b2, w3, b3],
        lambda: F.cross_entropy(F.linear(block(block(x, w1, b1), w2, b2).flatten(1), w3, b3), y),
    )


def cross_entropy(data):
    return loss_case(F.cross_entropy)({"prediction": data["prediction"], "target": data["target"].long()})


def layer_norm(data):
    x, weight, bias = (data[name].requires_grad_() for name in ("x", "weight", "bias"))
    upstream = data["upstream"]

    def step():
        x.grad = weight.grad = bias.grad = None
        F.layer_norm(x, (x.shape[1],), weight, bias).backward(upstream)

    return step, lambda: [fingerprint(value.grad) for value in (x, weight, bias)]


def output_only(work):
    state = {}

    def step():
        state["output"] = work()

    return step, lambda: [fingerprint(state["output"])]


def loss_row(data, code, learned):
    """A loss of the tables: an expression of the names of its data, of which some get a gradient."""
    data = {name: value.long() if value.dtype == torch.int32 else value for name, value in data.items()}
    loss = eval(f"lambda {', '.join(data)}: {code}", {"F": F, "losses": pytorch_losses, "math": math, "torch": torch})
    parameters = [data[name].requires_grad_() for name in learned]
    state = {}

    def step():
        for parameter in parameters:
            parameter.grad = None
        state["value"] = loss(**data)
        state["value"].backward()

    return step, lambda: [state["value"].item(), *(fingerprint(parameter.grad) for parameter in parameters)]


def optimizer_row(data, code):
    """An optimizer of the tables: an expression of its parameters, whose gradients stay as they are."""
    parameters = [each.clone().requires_grad_() for each in data["parameters"]]
    for parameter, gradient in zip(parameters, data["gradients"]):
        parameter.grad = gradient
    optimizer = eval(code, {"parameters": parameters, "torch": torch})
    changes = list(zip(parameters, data["parameters"]))
    return optimizer.step, lambda: [sum(fingerprint(parameter - start) for parameter, start in changes)]


def matmul(data):
    return output_only(lambda: data["a"] @ data["b"])


CASES = {
    "mlp-784-128-10": dense_net,
    "mlp-784-128-10-gradient": lambda data: dense_net(data, update=False),
    "mlp-784-10-10": dense_net,
    "conv-net": conv_net,
    "cross-entropy": cross_entropy,
    "mean-squared-error": loss_case(F.mse_loss),
    "huber": loss_case(F.huber_loss),
    "bce-with-logits": loss_case(F.binary_cross_entropy_with_logits),
    "layer-norm": layer_norm,
    "softmax": lambda data: output_only(lambda: torch.softmax(data["x"], -1)),
    "matmul-256": matmul,
    "matmul-512": matmul,
    "matmul-1024": matmul,
}
ROWS = {"loss": loss_row, "optimizer": optimizer_row}


def blas():
    """The BLAS that is really loaded: Debian's PyTorch runs on the slow reference one unless OpenBLAS is installed."""
    torch.ones(8, 8) @ torch.ones(8, 8)
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            loaded = os.path.basename
            names = {os.path.realpath(line.split()[-1]) for line in maps if "blas" in line or "mkl_" in line}
    except OSError:
        return "BLAS unknown"
    if any("mkl_" in name for name in names) or torch.backends.mkl.is_available():
        return "MKL"
    for name in ("openblas", "blis"):
        if any(name in path for path in names):
            return name
    return f"REFERENCE BLAS, SLOW ({', '.join(sorted(map(loaded, names)))}): install libopenblas0-pthread"


class Worker:
    run = None

    def hello(self, _):
        threads = torch.get_num_threads()
        return {"info": f"{torch.__version__}, {blas()}, {threads} thread{'s' if threads > 1 else ''}"}

    def setup(self, request):
        data = read(request["files"])
        row = request.get("row")
        case = CASES[request["case"].split("@")[0]] if row is None else ROWS[row.pop("kind")]
        step, check = self.run = case(data, **(row or {}))
        for _ in range(WARM_UPS):
            step()
        return {"check": check()}

    def round(self, request):
        step, samples, now = self.run[0], [], time.perf_counter
        end = now() + request["milliseconds"] / 1e3
        while True:
            start = now()
            step()
            done = now()
            samples.append((done - start) * 1e3)
            if done >= end:
                return {"samples": samples}

    def close(self, _):
        self.run = None
        gc.collect()
        return {}


worker = Worker()
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = getattr(worker, request["do"])(request)
    except Exception as error:  # any failure of a case belongs in the table, not in a lost process
        answer = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
    print(json.dumps(answer), flush=True)
