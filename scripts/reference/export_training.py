#!/usr/bin/python3
"""Writes tests/models/data/training.json: losses, gradients, optimiser trajectories and learning
rates from PyTorch (made with 1.13, Debian's python3-torch), which the golden tests compare with.

    /usr/bin/python3 scripts/reference/export_training.py

All inputs are in the file too, so that the tests need no random numbers in common with PyTorch.
"""
import json
import pathlib

import torch

SEED = 7
STEPS = 12
SIZES = {"weight": 6, "bias": 3}  # the bias takes no weight decay
TARGET = pathlib.Path(__file__).resolve().parents[2] / "tests/models/data/training.json"


def floats(tensor):
    # The shortest text that is the same float; integers stay short.
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def losses():
    logits = 3 * torch.randn(7, 5)
    logits[1] *= 40  # far apart: naive softmax would overflow
    labels = torch.tensor([0, 4, -1, 2, 2, -1, 1])
    weights = [0.5, 2.0, 1.25, 3.0, 0.75]
    cases = []
    for class_weights in ([], weights):
        for smoothing in (0.0, 0.1, 1.0):
            x = logits.clone().requires_grad_()
            loss = torch.nn.CrossEntropyLoss(
                weight=torch.tensor(class_weights) if class_weights else None,
                ignore_index=-1, label_smoothing=smoothing)(x, labels)
            loss.backward()
            cases.append({
                "config": {"kind": "cross_entropy", "class_weights": class_weights,
                           "label_smoothing": smoothing},
                "loss": loss.item(), "gradient": floats(x.grad)})
    targets = torch.randn(7, 5)
    x = logits.clone().requires_grad_()
    kept = labels >= 0
    mse = torch.nn.MSELoss()(x[kept], targets[kept])
    mse.backward()
    return {
        "logits": floats(logits), "labels": labels.tolist(), "targets": floats(targets),
        "correct": int((logits.argmax(1) == labels)[kept].sum()),
        "softmax": floats(torch.softmax(logits, 1)),
        "cross_entropy": cases,
        "mean_squared_error": {"loss": mse.item(), "gradient": floats(x.grad)}}


# Our options -> an optimiser of PyTorch over two parameter groups.
def make_optimizer(options, parameters):
    decay = options.get("weight_decay", 0.0)
    groups = [{"params": [parameters["weight"]], "weight_decay": decay},
              {"params": [parameters["bias"]], "weight_decay": 0.0}]
    betas = (options.get("beta1", 0.9), options.get("beta2", 0.999))
    eps = options.get("epsilon", 1e-8)
    momentum = options.get("momentum", 0.0)
    kind = options["kind"]
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=1.0, momentum=momentum,
                               nesterov=options.get("nesterov", False))
    if kind == "adagrad":
        return torch.optim.Adagrad(groups, lr=1.0, eps=eps)
    if kind == "rmsprop":
        return torch.optim.RMSprop(groups, lr=1.0, alpha=options.get("alpha", 0.99), eps=eps,
                                   momentum=momentum)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind](
        groups, lr=1.0, betas=betas, eps=eps)


OPTIMIZERS = [
    {"kind": "sgd"},
    {"kind": "sgd", "weight_decay": 0.1},
    {"kind": "sgd", "momentum": 0.9},
    {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.1},
    {"kind": "sgd", "momentum": 0.9, "nesterov": True},
    {"kind": "sgd", "momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
    {"kind": "sgd", "clip_norm": 1.0},
    {"kind": "sgd", "clip_norm": 1e6},
    {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.1, "clip_norm": 0.5},
    {"kind": "sgd", "clip_value": 0.3},
    {"kind": "adagrad", "epsilon": 1e-10},
    {"kind": "adagrad", "epsilon": 1e-3, "weight_decay": 0.1},
    {"kind": "rmsprop"},
    {"kind": "rmsprop", "alpha": 0.9, "epsilon": 1e-3},
    {"kind": "rmsprop", "momentum": 0.9},
    {"kind": "rmsprop", "momentum": 0.5, "weight_decay": 0.1},
    {"kind": "adam"},
    {"kind": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
    {"kind": "adam", "weight_decay": 0.1},
    {"kind": "adam", "clip_norm": 1.0},
    {"kind": "adamw"},
    {"kind": "adamw", "weight_decay": 0.1},
    {"kind": "adamw", "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.01, "clip_value": 0.3},
]


def optimizers():
    start = {name: torch.randn(size) for name, size in SIZES.items()}
    gradients = [{name: torch.randn(size) for name, size in SIZES.items()} for _ in range(STEPS)]
    gradients[3]["weight"].zero_()  # as of units that are never active
    rates = [0.05 * (1 + step % 4) for step in range(STEPS)]
    cases = []
    for options in OPTIMIZERS:
        parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
        optimizer = make_optimizer(options, parameters)
        trajectory = []
        for step in range(STEPS):
            for name, parameter in parameters.items():
                parameter.grad = gradients[step][name].clone()
            if "clip_norm" in options:
                torch.nn.utils.clip_grad_norm_(parameters.values(), options["clip_norm"])
            if "clip_value" in options:
                torch.nn.utils.clip_grad_value_(parameters.values(), options["clip_value"])
            for group in optimizer.param_groups:
                group["lr"] = rates[step]
            optimizer.step()
            trajectory.append({name: floats(value) for name, value in parameters.items()})
        cases.append({"config": options, "trajectory": trajectory})
    return {"start": {name: floats(value) for name, value in start.items()},
            "gradients": [{name: floats(g) for name, g in step.items()} for step in gradients],
            "learning_rates": rates, "cases": cases}


def optimizer_at(rate):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)


def rates_of(optimizer, scheduler, steps):
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def warmup(steps, count):
    optimizer = optimizer_at(1.0)
    return rates_of(optimizer, torch.optim.lr_scheduler.LinearLR(
        optimizer, start_factor=1 / steps, total_iters=steps - 1), count)


SCHEDULES = [
    {"kind": "constant", "learning_rate": 0.02},
    {"kind": "step", "learning_rate": 0.5, "step_epochs": 2, "factor": 0.3},
    {"kind": "cosine", "learning_rate": 0.1},
    {"kind": "cosine", "learning_rate": 0.1, "min_learning_rate": 0.004},
    {"kind": "one_cycle", "learning_rate": 2e-3},
    {"kind": "one_cycle", "learning_rate": 1.0, "pct_start": 0.45, "div_factor": 10.0,
     "final_div_factor": 100.0},
    {"kind": "one_cycle", "learning_rate": 1.0, "pct_start": 0.01},
]


def schedule(options, steps_per_epoch, epochs, warmup_steps):
    module = torch.optim.lr_scheduler
    total = steps_per_epoch * epochs
    optimizer = optimizer_at(options["learning_rate"])
    kind = options["kind"]
    if kind == "constant":
        rates = [options["learning_rate"]] * total
    elif kind == "step":
        by_epoch = rates_of(optimizer, module.StepLR(
            optimizer, options["step_epochs"], options["factor"]), epochs)
        rates = [rate for rate in by_epoch for _ in range(steps_per_epoch)]
    elif kind == "cosine":
        rates = rates_of(optimizer, module.CosineAnnealingLR(
            optimizer, total, options.get("min_learning_rate", 0.0)), total)
    else:
        rates = rates_of(optimizer, module.OneCycleLR(
            optimizer, options["learning_rate"], total,
            pct_start=options.get("pct_start", 0.3), div_factor=options.get("div_factor", 25.0),
            final_div_factor=options.get("final_div_factor", 1e4)), total - 1)
        rates.append(optimizer.param_groups[0]["lr"])
    if warmup_steps:
        rates = [a * b for a, b in zip(rates, warmup(warmup_steps, total))]
    return {"config": dict(options, warmup_steps=warmup_steps), "rates": rates}


def plateau(patience, min_rate):
    losses = [1.0, 0.9, 0.89999, 0.95, 0.91, 0.9, 0.8, 0.8, 0.85, 0.7, 0.71, 0.72, 0.73, 0.74,
              0.75, 0.76, 0.6, 0.6, 0.6, 0.6, 0.6]
    optimizer = optimizer_at(0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.25, patience=patience, min_lr=min_rate)
    rates = []
    for loss in losses:
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step(loss)
    return {"config": {"kind": "plateau", "learning_rate": 0.1, "factor": 0.25,
                       "patience": patience, "min_learning_rate": min_rate},
            "losses": losses, "rates": rates}


def schedules():
    steps_per_epoch, epochs = 5, 7
    return {"steps_per_epoch": steps_per_epoch, "epochs": epochs,
            "cases": [schedule(options, steps_per_epoch, epochs, warmup_steps)
                      for options in SCHEDULES for warmup_steps in (0, 4)],
            "plateau": [plateau(0, 0.0), plateau(1, 0.0), plateau(2, 0.003)]}


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    values = {"losses": losses(), "optimizers": optimizers(), "schedules": schedules()}
    TARGET.write_text(json.dumps(values, separators=(",", ":")) + "\n")


main()
