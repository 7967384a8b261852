#!/usr/bin/env python3
"""PyTorch's side of benchmarks/gpu.sh: kernels and training steps on a GPU, a line of JSON each.

  torch_gpu.py kernels [--scale N] | step --workload W1|...|W6|GPT2_1|GPT2_16|GPT2_64 --precision fp32|fp16|bf16 [--compile]
               [--device cpu] [--tiny]

The models are those of `mezzo bench step`; autocast with a GradScaler for fp16, fused optimizers, SDPA. --compile is torch.compile with
CUDA graphs. A GPT-2 batch that does not fit is cut into micro-batches, which the line says.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["kernels", "step"])
parser.add_argument("--workload", default="W1", choices=["W1", "W2", "W3", "W4", "W5", "W6", "GPT2_1", "GPT2_16", "GPT2_64"])
parser.add_argument("--precision", default="fp16", choices=["fp32", "fp16", "bf16"])
parser.add_argument("--compile", action="store_true")
parser.add_argument("--device", default="cuda")
parser.add_argument("--scale", type=int, default=1)
parser.add_argument("--tiny", action="store_true", help="small models, to try the script itself")
parser.add_argument("--warm-up", type=int, default=15)
parser.add_argument("--seconds", type=float, default=3)
args = parser.parse_args()
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
HALF = {"fp16": torch.float16, "bf16": torch.bfloat16}


def wait():
    if args.device == "cuda":
        torch.cuda.synchronize()


def timed(name, work, call, unit, per, calls=20, repeats=5):
    times = []
    for i in range(repeats + 1):
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        wait()
        if i > 0:
            times.append((time.perf_counter() - begin) / calls)
    seconds = statistics.median(times)
    print(json.dumps({"name": name, "microseconds": seconds * 1e6, "rate": work / seconds / per, "unit": unit}), flush=True)


def kernels():
    def random(size, dtype):
        return (torch.rand(size, device=args.device) > 0.5).to(dtype)
    for dtype in HALF:
        for size in (1024, 4096, 8192):
            n = size // args.scale
            a, b = random((n, n), HALF[dtype]), random((n, n), HALF[dtype])
            timed(f"gemm {dtype} {size}", 2 * n**3, lambda: a @ b.T, "TFLOP/s", 1e12)
    cols, n = 4096, 2**28 // args.scale**2
    x, y = random((n // cols, cols), torch.float16), torch.empty((n // cols, cols), dtype=torch.float16, device=args.device)
    timed("copy fp16", 4 * n, lambda: y.copy_(x), "GB/s", 1e9)
    wide = random((n // cols, cols), torch.float32)
    timed("cast fp32 fp16", 6 * n, lambda: y.copy_(wide), "GB/s", 1e9)
    weight = torch.ones(cols, device=args.device, dtype=torch.float16)
    timed("layer norm fp16", 4 * n, lambda: F.layer_norm(x, (cols,), weight, weight), "GB/s", 1e9)
    labels = torch.zeros(n // cols, dtype=torch.long, device=args.device)
    timed("cross entropy fp16", 2 * n, lambda: F.cross_entropy(x, labels), "GB/s", 1e9)
    del y, wide
    p = torch.nn.Parameter(torch.rand(n, device=args.device))
    p.grad = torch.rand(n, device=args.device)
    step = torch.optim.AdamW([p], lr=1e-4, fused=True)
    timed("adamw fp16", 28 * n, step.step, "GB/s", 1e9)  # torch's gradient is FP32 and there is no shadow: 28 bytes, too


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (s.view(b, t, self.heads, -1).transpose(1, 2) for s in self.qkv(self.ln1(x)).chunk(3, dim=2))
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, d=384, heads=6, layers=6, vocab=256, context=256, tied=False):
        super().__init__()
        self.tok, self.pos = nn.Embedding(vocab, d), nn.Embedding(context, d)
        self.blocks = nn.Sequential(*[Block(d, heads) for _ in range(layers)])
        self.ln, self.head = nn.LayerNorm(d), nn.Linear(d, vocab, bias=False)
        if tied:
            nn.init.normal_(self.tok.weight, std=0.02)
            nn.init.normal_(self.pos.weight, std=0.02)
            self.head.weight = self.tok.weight

    def forward(self, ids):
        return self.head(self.ln(self.blocks(self.tok(ids) + self.pos.weight[: ids.shape[1]])))


class Residual(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.c2, self.b2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.skip = nn.Identity() if i == o and stride == 1 else nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False),
                                                                               nn.BatchNorm2d(o))

    def forward(self, x):
        return F.relu(self.b2(self.c2(F.relu(self.b1(self.c1(x))))) + self.skip(x))


class LstmText(nn.Module):
    def __init__(self, d=512):
        super().__init__()
        self.emb, self.rnn, self.head = nn.Embedding(256, d), nn.LSTM(d, d, num_layers=2, batch_first=True), nn.Linear(d, 256)

    def forward(self, ids):
        return self.head(self.rnn(self.emb(ids))[0])


class Speech(nn.Module):
    """Spectrograms (batch, 1, 64, 128) to log-probabilities (64, batch, 29)."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 32, (41, 11), (2, 2), (20, 5), bias=False), nn.BatchNorm2d(32), nn.Hardtanh(0, 20),
            nn.Conv2d(32, 32, (21, 11), (2, 1), (10, 5), bias=False), nn.BatchNorm2d(32), nn.Hardtanh(0, 20))
        self.rnn, self.head = nn.GRU(32 * 16, 256, num_layers=3, bidirectional=True), nn.Linear(512, 29)

    def forward(self, x):
        x = self.conv(x)
        b, c, f, t = x.shape
        return self.head(self.rnn(x.reshape(b, c * f, t).permute(2, 0, 1))[0]).log_softmax(-1)


def tiny(usual, small):
    return small if args.tiny else usual


GPT2 = {"d": 32, "heads": 2, "layers": 2, "vocab": 97, "context": 16} if args.tiny else {
    "d": 768, "heads": 12, "layers": 12, "vocab": 50257, "context": 1024}


def gpt2():
    return Gpt(**GPT2, tied=True)


def mlp():
    d = tiny(1024, 32)
    return nn.Sequential(nn.Linear(784, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 10))


def gpt():
    return Gpt(**tiny({}, {"d": 32, "heads": 2, "layers": 1}))


def lstm():
    return LstmText(tiny(512, 32))


def cnn():
    def block(i, o):
        return [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
    return nn.Sequential(*block(1, 32), *block(32, 64), nn.MaxPool2d(2), *block(64, 128), *block(128, 128), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(128 * 49, 256), nn.ReLU(), nn.Linear(256, 10))


def resnet18():
    layers, i = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()], 64
    for o, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Residual(i, o, stride), Residual(o, o, 1)]
        i = o
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def cross_entropy(out, y):
    return F.cross_entropy(out.flatten(0, -2).float(), y.flatten())


def ctc(out, y):
    time, batch = out.shape[:2]
    return F.ctc_loss(out.float(), y, torch.full((batch,), time), torch.full((batch,), y.shape[1]))


def sgd(parameters, rate):
    return torch.optim.SGD(parameters, lr=rate, momentum=0.9, fused=True)


def adam(parameters, rate):
    return torch.optim.Adam(parameters, lr=rate, fused=True)


def adamw(parameters, rate):
    return torch.optim.AdamW(parameters, lr=rate, fused=True)


def text(batch, time, vocabulary):
    return torch.randint(vocabulary, (batch, time)), torch.randint(vocabulary, (batch, time))


# model, batch, data, loss, optimizer, rate
WORKLOADS = {
    "W1": (mlp, 256, lambda b: (torch.randn(b, 784), torch.randint(10, (b,))), cross_entropy, sgd, 0.05),
    "W2": (cnn, 128, lambda b: (torch.randn(b, 1, 28, 28), torch.randint(10, (b,))), cross_entropy, sgd, 0.02),
    "W3": (gpt, 8, lambda b: text(b, 256, 256), cross_entropy, adamw, 3e-4),
    "W4": (lstm, 32, lambda b: text(b, 64, 256), cross_entropy, adam, 1e-3),
    "W5": (resnet18, 64, lambda b: (torch.randn(b, 3, 32, 32), torch.randint(10, (b,))), cross_entropy, sgd, 0.02),
    "W6": (Speech, 8, lambda b: (torch.randn(b, 1, 64, 128), torch.randint(1, 29, (b, 20))), ctc, sgd, 1e-3),
} | {f"GPT2_{b}": (gpt2, b, lambda b: text(b, GPT2["context"], GPT2["vocab"]), cross_entropy, adamw, 3e-4) for b in (1, 16, 64)}


def step():
    build, batch, data, loss_of, optimizer_of, rate = WORKLOADS[args.workload]
    model = build().to(args.device)
    batch = tiny(batch, min(batch, 4))
    x, y = data(batch)
    x = x.to(args.device)
    if loss_of is not ctc:  # cuDNN's loss takes labels of the host
        y = y.to(args.device)
    if args.workload in ("W2", "W5"):
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = optimizer_of(model.parameters(), rate)
    half = HALF.get(args.precision)
    scaler = torch.amp.GradScaler(args.device, enabled=args.precision == "fp16")
    run = torch.compile(model, mode="reduce-overhead") if args.compile else model

    def one(parts):
        optimizer.zero_grad(set_to_none=True)
        total = 0
        for some, labels in zip(x.chunk(parts), y.chunk(parts)):
            if args.compile:
                torch.compiler.cudagraph_mark_step_begin()
            with torch.autocast(args.device, dtype=half or torch.float16, enabled=half is not None):
                out = run(some)
            loss = loss_of(out, labels) / parts
            scaler.scale(loss).backward()
            total = total + loss.detach()
        scaler.step(optimizer)
        scaler.update()
        return total.item()

    parts = 1
    while True:
        try:
            one(parts)
            break
        except torch.OutOfMemoryError:
            if parts >= batch:
                raise
            parts *= 2
            optimizer.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
    for _ in range(args.warm_up):
        one(parts)
    if args.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < args.seconds or len(times) < 5:
        start = time.perf_counter()
        loss = one(parts)
        times.append(time.perf_counter() - start)
    peak = torch.cuda.max_memory_allocated() if args.device == "cuda" else None
    print(json.dumps({"peer": "torch " + torch.__version__, "mode": "compile" if args.compile else "eager", "workload": args.workload,
                      "precision": args.precision, "step_s": statistics.median(times), "step_s_min": min(times),
                      "timed_steps": len(times), "batch": batch, "micro_batches": parts, "final_loss": loss, "peak_bytes": peak}),
          flush=True)


kernels() if args.what == "kernels" else step()
