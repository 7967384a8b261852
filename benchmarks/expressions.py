#!/usr/bin/env python3
"""Times element-wise expressions in PyTorch, eager and compiled, in FP16 on the processor:
the ones that `./mezzo bench kernels --only ...` times in one pass and one by one.

    python benchmarks/expressions.py [--threads N]
"""
import argparse
import statistics
import time

import torch
import torch.nn.functional as F


def median(call, seconds=1.0):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        call()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def residual(a, b):
    return torch.relu(a + b)


def gated(a, b):
    return F.silu(a) * b


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, FP16")
    print(f"{'expression':<16}{'elements':>10}{'eager us':>12}{'compiled us':>12}")
    for name, function in (("relu(a + b)", residual), ("silu(a) * b", gated)):
        compiled = torch.compile(function)
        for size in (1 << 18, 1 << 24):
            a = torch.rand(size, dtype=torch.float32).sub_(0.5).half()
            b = torch.rand(size, dtype=torch.float32).sub_(0.5).half()
            try:
                fast = median(lambda: compiled(a, b)) * 1e6
            except Exception as failure:  # no C++ compiler, say
                print("torch.compile:", type(failure).__name__, str(failure).splitlines()[0])
                fast = float("nan")
            eager = median(lambda: function(a, b)) * 1e6
            print(f"{name:<16}{size:>10}{eager:>12.1f}{fast:>12.1f}")


if __name__ == "__main__":
    main()
