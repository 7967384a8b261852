#!/usr/bin/env python3
"""Times element-wise expressions in PyTorch, eager and compiled, on the processor: those that
`./mezzo bench kernels --only ...` times in one pass and one by one. "new" makes a tensor for the
result in each call; "into" writes to memory that is there, as Mezzo's, which comes from a pool.

    python benchmarks/expressions.py [--threads N] [--seconds S]
"""
import argparse
import statistics
import time

import torch
import torch.nn.functional as F


def median(call, seconds):
    for _ in range(3):
        call()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e6


def residual(a, b):
    return torch.relu(a + b)


def gated(a, b):
    return F.silu(a) * b


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; microseconds")
    print(f"{'expression':<14}{'elements':>10}{'type':>10}{'eager new':>12}{'compiled new':>14}{'into':>10}")
    for name, function in (("relu(a + b)", residual), ("silu(a) * b", gated)):
        for dtype in (torch.float16, torch.bfloat16, torch.float32):
            for size in (1 << 18, 1 << 24):
                row(name, function, dtype, size, options.seconds)


def row(name, function, dtype, size, seconds):
    a = torch.rand(size, dtype=torch.float32).sub_(0.5).to(dtype)
    b = torch.rand(size, dtype=torch.float32).sub_(0.5).to(dtype)
    out = torch.empty_like(a)
    torch._dynamo.reset()  # or the second size is compiled for any size
    new = torch.compile(function)
    into = torch.compile(lambda a, b, out: out.copy_(function(a, b)))
    times = [
        median(lambda: function(a, b), seconds),
        median(lambda: new(a, b), seconds),
        median(lambda: into(a, b, out), seconds),
    ]
    kind = str(dtype).removeprefix("torch.")
    print(f"{name:<14}{size:>10}{kind:>10}{times[0]:>12.0f}{times[1]:>14.0f}{times[2]:>10.0f}", flush=True)


if __name__ == "__main__":
    main()
