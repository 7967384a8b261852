"""Writes what OperationParityTest compares with: operations and their gradients as PyTorch computes them in FP64.

  python make_parity.py            # all families, beside this script
  python make_parity.py losses     # one of them

A family is a function below; a case is one call of one operation. Operands and dy are multiples of 1/32 below 4, exact in FP32, FP16 and
BF16, so one reference serves all three. Names of operands and of plain arguments are those of the Java method's parameters, in order:
the test finds the method, and its gradients, by them. Written with torch 2.13.0+cpu.

A file is lines of words:
  case NAME                     the operation
  in NAME DTYPE DIMS VALUES     an operand, float or int; NAME[0], NAME[1] ... of an array
  plain NAME VALUE              any other argument; "-" for null
  out DIMS SCALE VALUES         a result; several for an operation with several
  dy DIMS VALUES                its gradient, where it has one
  grad NAME DIMS SCALE VALUES   the gradient of an operand
SCALE is what rounding errors inside the operation are relative to: the greatest |value|, or of sums the greatest sum of |terms|.
Where an intermediate value is rounded to the operands' type there is /BETWEEN behind it: what that rounding is relative to.
"""
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HERE = Path(__file__).parent
# One element, a vector's tail, primes, three dimensions, an empty batch.
SHAPES = [(1,), (67,), (13, 17), (2, 3, 5), (0, 5)]
MASK32, MASK64 = 2**32 - 1, 2**64 - 1
MATRICES = [(1, 1), (13, 17), (2, 3, 5), (0, 5)]


class Family:
    """The cases of one file."""

    def __init__(self, name):
        self.name = name
        self.lines = [f"# {name}: written by make_parity.py with torch {torch.__version__}"]
        self.only_first = False
        self.random = np.random.default_rng(zlib.crc32(name.encode()))

    def values(self, *shape, low=-3.96875, high=3.96875):
        """Random multiples of 1/32."""
        return np.asarray(self.random.integers(round(low * 32), round(high * 32), shape, endpoint=True) / 32.0)

    def distinct(self, *shape):
        """Different multiples of 1/32, for what depends on an order."""
        size = int(np.prod(shape))
        return (self.random.permutation(254)[:size] - 127).reshape(shape) / 32.0

    def ints(self, *shape, below):
        return self.random.integers(0, below, shape)

    def case(self, name, function, scale=1, between=0, **arguments):
        """Runs function(**arguments), float arrays as FP64 tensors that need a gradient.

        A scale other than 1 multiplies that of results and gradients: of sums whose terms cancel. What is between is rounded to the
        operands' type: errors are relative to that, too.
        """
        within = f"/{number(between)}" if between else ""
        self.lines.append(f"case {name}")
        tensors, called = {}, {}
        for key, value in arguments.items():
            if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
                called[key] = []
                for i, one in enumerate(value):
                    called[key].append(self.operand(f"{key}[{i}]", one, tensors))
            elif isinstance(value, np.ndarray):
                called[key] = self.operand(key, value, tensors)
            else:
                self.lines.append(f"plain {key} {plain(value)}")
                called[key] = value
        results = function(**called)
        results = list(results) if isinstance(results, (list, tuple)) else [results]
        gradients = []
        for y in results:
            self.lines.append(f"out {dims(y)} {number(scale * top(y))}{within} {numbers(y.detach())}".rstrip())
            if y.requires_grad:
                dy = torch.from_numpy(np.asarray(self.values(*y.shape, low=-2, high=2)))
                self.lines.append(f"dy {dims(dy)} {numbers(dy)}".rstrip())
                gradients.append(dy)
        if gradients:
            found = torch.autograd.grad([y for y in results if y.requires_grad], [x for x in tensors.values() if x.requires_grad], gradients,
                                        allow_unused=True)
            for key, dx in zip([key for key, x in tensors.items() if x.requires_grad], found):
                if dx is not None:
                    most = max(top(dx), max(top(dy) for dy in gradients))
                    self.lines.append(f"grad {key} {dims(dx)} {number(scale * most)}{within} {numbers(dx)}".rstrip())

    @contextmanager
    def constants(self):
        """Only the first operand of the cases within has a gradient."""
        self.only_first = True
        yield
        self.only_first = False

    def operand(self, key, value, tensors):
        kind = "float" if value.dtype == np.float64 else "int"
        self.lines.append(f"in {key} {kind} {dims(value)} {numbers(value)}".rstrip())
        tensor = torch.from_numpy(np.array(value))
        if kind == "float":
            tensor.requires_grad_(not (self.only_first and tensors))
            tensors[key] = tensor
        return tensor

    def write(self):
        (HERE / f"{self.name}.txt").write_text("\n".join(self.lines) + "\n")


def plain(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def dims(x):
    return ",".join(map(str, x.shape)) if len(x.shape) else "scalar"


def number(x):
    return f"{float(x):.10g}"


def numbers(x):
    return " ".join(number(v) for v in np.asarray(x).reshape(-1))


def top(x):
    return max(1.0, float(x.detach().abs().nan_to_num().max())) if x.numel() else 1.0


def elementwise(f):
    pairs = [((1,), (1,)), ((67,), (67,)), ((13, 17), (17,)), ((13, 1), (1, 17)), ((2, 3, 5), ()), ((0, 5), (5,))]
    for a, b in pairs:
        f.case("add", lambda a, b: a + b, a=f.values(*a), b=f.values(*b), scale=13)
        f.case("subtract", lambda a, b: a - b, a=f.values(*a), b=f.values(*b), scale=13)
        f.case("multiply", lambda a, b: a * b, a=f.values(*a), b=f.values(*b), scale=13)
    for s in SHAPES:
        f.case("scale", lambda x, factor: x * factor, x=f.values(*s), factor=-0.75)
        f.case("relu", lambda x: torch.relu(x), x=f.values(*s))
        f.case("gelu", lambda x: F.gelu(x), x=f.values(*s))
        f.case("sigmoid", lambda x: torch.sigmoid(x), x=f.values(*s))
        f.case("tanh", lambda x: torch.tanh(x), x=f.values(*s))
        f.case("exp", lambda x: torch.exp(x), x=f.values(*s))
        f.case("log", lambda x: torch.log(x), x=f.values(*s, low=0.03125))
    for s in SHAPES:
        f.case("add", lambda x, number: x + number, x=f.values(*s), number=0.8125)
        f.case("subtract", lambda x, number: x - number, x=f.values(*s), number=0.8125)
        f.case("subtract", lambda number, x: number - x, number=1.0, x=f.values(*s))
        f.case("dropout", dropout, x=f.values(*s), rate=0.25)


def dropout(x, rate):
    """With Mezzo's mask: the first draw of a tape's first step, whose seed is 0."""
    seed = mixed(0, 0)
    keep = [uniform(seed, i) >= np.float32(rate) for i in range(x.numel())]
    return x * torch.tensor(np.array(keep, dtype=np.float64).reshape(x.shape)) / (1 - rate)


def mixed(seed, index):
    """SplitMix64."""
    z = (seed + (index + 1) * 0x9E3779B97F4A7C15) & MASK64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return z ^ (z >> 31)


def uniform(seed, index):
    """A hash of seed and index, in [0, 1)."""
    low = murmur(index * 0x9E3779B9 + seed)
    return (murmur(low ^ ((seed >> 32) + (index >> 32) * 0x85EBCA6B)) >> 8) / 2.0**24


def murmur(value):
    """The finalizer of MurmurHash3."""
    h = value & MASK32
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & MASK32
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & MASK32
    return h ^ (h >> 16)


def activations(f):
    for s in SHAPES:
        f.case("geluTanh", lambda x: F.gelu(x, approximate="tanh"), x=f.values(*s))
        f.case("silu", lambda x: F.silu(x), x=f.values(*s))
        f.case("elu", lambda x, alpha: F.elu(x, alpha), x=f.values(*s), alpha=1.0)
        f.case("leakyRelu", lambda x, slope: F.leaky_relu(x, slope), x=f.values(*s), slope=0.25)
        f.case("softplus", lambda x: F.softplus(x), x=f.values(*s))
        f.case("hardTanh", lambda x, least, most: F.hardtanh(x, least, most), x=f.values(*s), least=-1.0, most=1.0)
        f.case("hardSigmoid", lambda x: F.hardsigmoid(x), x=f.values(*s))
        f.case("hardSwish", lambda x: F.hardswish(x), x=f.values(*s))
    ends = np.array([-3.0, 3.0, 0.0, -0.0, -1.0, 1.0])
    f.case("hardTanh", lambda x, least, most: F.hardtanh(x, least, most), x=ends, least=-1.0, most=1.0)
    f.case("hardSigmoid", lambda x: F.hardsigmoid(x), x=ends)
    f.case("hardSwish", lambda x: F.hardswish(x), x=ends)
    f.case("leakyRelu", lambda x, slope: F.leaky_relu(x, slope), x=ends, slope=0.25)
    f.case("elu", lambda x, alpha: F.elu(x, alpha), x=ends, alpha=0.5)


def powers(f):
    for s in SHAPES:
        f.case("square", lambda x: x.square(), x=f.values(*s))
        f.case("abs", lambda x: x.abs(), x=f.values(*s))
        f.case("negate", lambda x: -x, x=f.values(*s))
        f.case("sin", lambda x: x.sin(), x=f.values(*s))
        f.case("cos", lambda x: x.cos(), x=f.values(*s))
        f.case("sqrt", lambda x: x.sqrt(), x=f.values(*s, low=0.125))
        f.case("rsqrt", lambda x: x.rsqrt(), x=f.values(*s, low=0.125))
        f.case("reciprocal", lambda x: x.reciprocal(), x=f.values(*s, low=0.125))
        for exponent in (2.0, 3.0, -1.0, 0.0, 1.5):
            f.case("pow", lambda x, exponent: x ** exponent, x=f.values(*s, low=0.125), exponent=exponent)
    for a, b in [((1,), (1,)), ((67,), (67,)), ((13, 17), (17,)), ((13, 1), (1, 17)), ((2, 3, 5), ()), ((0, 5), (5,))]:
        f.case("pow", lambda base, exponent: base ** exponent, base=f.values(*a, low=0.125, high=2), exponent=f.values(*b, low=-2, high=2),
               scale=104)
    f.case("pow", lambda base, exponent: base ** exponent, base=np.array([0.0, 0.0, 2.0, 1.0]), exponent=np.array([0.0, 2.0, 0.0, -1.0]))
    for exponent in (2.0, 3.0, 0.0, 4.0):
        f.case("pow", lambda x, exponent: x ** exponent, x=np.array([0.0, -2.0, 1.0]), exponent=exponent)


def selections(f):
    for a, b in [((1,), (1,)), ((67,), (67,)), ((13, 17), (17,)), ((13, 1), (1, 17)), ((2, 3, 5), ()), ((0, 5), (5,))]:
        # Few values, so that many are equal.
        pair = lambda: {"a": f.values(*a, low=-0.25, high=0.25), "b": f.values(*b, low=-0.25, high=0.25)}
        f.case("maximum", lambda a, b: torch.maximum(a, b), scale=13, **pair())
        f.case("minimum", lambda a, b: torch.minimum(a, b), scale=13, **pair())
        f.case("divide", lambda a, b: a / b, a=f.values(*a), b=f.values(*b, low=0.5), scale=104)
        f.case("where", lambda condition, a, b: torch.where(condition != 0, a, b), condition=f.ints(*np.broadcast_shapes(a, b), below=2),
               a=f.values(*a), b=f.values(*b), scale=13)
    f.case("where", lambda condition, a, b: torch.where(condition != 0, a, b), condition=f.ints(13, 1, below=2), a=f.values(17),
           b=f.values(2, 1, 17), scale=26)
    comparisons = dict(equal=torch.eq, notEqual=torch.ne, less=torch.lt, lessOrEqual=torch.le, greater=torch.gt, greaterOrEqual=torch.ge)
    for name, function in comparisons.items():
        for a, b in [((1,), (1,)), ((67,), (67,)), ((13, 17), (17,)), ((13, 1), (1, 17)), ((0, 5), (5,))]:
            few = lambda s: f.values(*s, low=-0.125, high=0.125)
            f.case(name, lambda a, b: function(a, b).int(), a=few(a), b=few(b))
            f.case(name, lambda a, b: function(a, b).int(), a=f.ints(*a, below=3), b=f.ints(*b, below=3))
        f.case(name, lambda x, value: function(x, value).int(), x=f.values(67, low=-0.125, high=0.125), value=0.03125)
        f.case(name, lambda x, value: function(x, value).int(), x=f.ints(13, 17, below=3), value=1.0)
    for s in SHAPES:
        f.case("clamp", lambda x, least, most: x.clamp(least, most), x=f.values(*s), least=-1.5, most=2.0)
    f.case("clamp", lambda x, least, most: x.clamp(least, most), x=np.array([-1.5, 2.0, 0.0]), least=-1.5, most=2.0)


def matrices(f):
    for a, b in [((1, 1), (1, 1)), ((13, 7), (7, 17)), ((2, 3, 5), (5, 7)), ((2, 1, 3, 5), (3, 5, 2)), ((0, 5), (5, 3))]:
        f.case("matmul", lambda a, b: a @ b, a=f.values(*a), b=f.values(*b), scale=8)
    for spec, a, b in [("ij,jk->ik", (13, 7), (7, 17)), ("bhqd,bhkd->bhqk", (2, 3, 5, 4), (2, 3, 7, 4)), ("ij,kj->ki", (1, 1), (1, 1)),
                       ("i,j->ij", (13,), (17,)), ("bij,bij->b", (2, 3, 5), (2, 3, 5)), ("bi,oij->boj", (3, 4), (5, 4, 2)), ("i,i->", (67,), (67,)),
                       ("ij,jk->ik", (0, 5), (5, 3))]:
        f.case("einsum", lambda spec, a, b: torch.einsum(spec, a, b), spec=spec, a=f.values(*a), b=f.values(*b),
               scale=8)
    # A sum before the product, of multiples of 1/32 small enough to be exact in BF16.
    f.case("einsum", lambda spec, a, b: torch.einsum(spec, a, b), spec="bij,j->i", a=f.values(2, 3, 5, low=-1, high=1), b=f.values(5), scale=8)
    for x in [(1, 1), (13, 7), (2, 3, 5), (0, 5)]:
        f.case("linear", lambda x, weight, bias: F.linear(x, weight, bias), x=f.values(*x), weight=f.values(11, x[-1]),
               bias=f.values(11), scale=8)
    for x in [(1, 1), (13, 7), (2, 3, 5), (0, 5)]:
        given = f.values(*x), f.values(11, x[-1])
        f.case("geluLinear", lambda x, weight, bias: F.linear(F.gelu(x), weight, bias), x=given[0], weight=given[1],
               bias=f.values(11), scale=8, between=gelu_linear_terms(*given))


def gelu_linear_terms(x, weight):
    """What rounding gelu(x), or the gradient of it, to 16 bits changes is relative to: the greatest sum of |terms| that read them."""
    h, w = F.gelu(torch.from_numpy(x)).abs().flatten(0, -2), torch.from_numpy(weight).abs()
    rows = 2 * h.sum(0).max() if h.numel() else 0
    return max(float((h @ w.T).max()) if h.numel() else 0, float(rows), 1.2 * 2 * float(w.sum(0).max()))


def convolutions(f):
    """Channels last here, channels first in PyTorch. Geometry: strides, paddings, dilations of height and width; groups."""
    first, last = lambda x: x.movedim(-1, 1), lambda x: x.movedim(1, -1)
    case = lambda name, call, x, weight, geometry, bias: (
        f.case(name, lambda x, weight, geometry: last(call(first(x), first(weight), None, *arguments(geometry, x.dim()))),
               x=f.values(*x), weight=f.values(*weight), geometry=geometry, scale=60),
        f.case(name, lambda x, weight, bias, geometry: last(call(first(x), first(weight), bias, *arguments(geometry, x.dim()))),
               x=f.values(*x), weight=f.values(*weight), bias=f.values(bias), geometry=geometry, scale=60))

    def arguments(g, rank):
        pairs = [(g[0], g[1]), (g[2], g[3]), (g[4], g[5])] if rank == 4 else [g[1], g[3], g[5]]
        return pairs + [g[6]]

    transposed = lambda x, weight, bias, stride, padding, dilation, groups: F.conv_transpose2d(x, weight, bias, stride, padding, 0, groups, dilation)
    case("conv2d", F.conv2d, (1, 1, 1, 1), (1, 1, 1, 1), (1, 1, 0, 0, 1, 1, 1), 1)
    case("conv2d", F.conv2d, (2, 7, 5, 3), (5, 3, 3, 3), (1, 1, 1, 1, 1, 1, 1), 5)
    case("conv2d", F.conv2d, (1, 11, 7, 4), (6, 3, 2, 2), (2, 3, 1, 0, 2, 1, 2), 6)
    case("conv2d", F.conv2d, (0, 5, 5, 2), (3, 3, 3, 2), (1, 1, 0, 0, 1, 1, 1), 3)
    case("conv2d", F.conv2d, (1, 9, 10, 17), (19, 3, 3, 17), (1, 1, 1, 1, 1, 1, 1), 19)
    case("conv2d", F.conv2d, (2, 6, 5, 18), (18, 3, 3, 1), (2, 2, 1, 1, 1, 1, 18), 18)
    case("conv1d", F.conv1d, (2, 13, 3), (5, 3, 3), (1, 2, 0, 1, 1, 1, 1), 5)
    case("conv1d", F.conv1d, (1, 11, 17), (17, 5, 1), (1, 1, 0, 2, 1, 1, 17), 17)
    for x, window in [((1, 1, 1, 1), (1, 1, 1, 1, 0, 0)), ((2, 7, 5, 3), (3, 2, 2, 1, 1, 0)), ((1, 11, 7, 17), (2, 2, 2, 2, 0, 0)),
                      ((2, 7, 5, 19), (3, 3, 2, 2, 1, 1)), ((0, 4, 4, 2), (2, 2, 2, 2, 0, 0))]:
        sizes = window[:2], window[2:4], window[4:]
        f.case("maxPool2d", lambda x, window: last(F.max_pool2d(first(x), *sizes)), x=f.values(*x), window=window)
        f.case("averagePool2d", lambda x, window: last(F.avg_pool2d(first(x), *sizes)), x=f.values(*x), window=window, scale=4)
        f.case("globalAveragePool", lambda x: x.mean((1, 2)), x=f.values(*x), scale=4)
    for x, height, width in [((1, 1, 1, 1), 1, 1), ((2, 3, 5, 3), 6, 10), ((1, 7, 4, 17), 13, 6), ((2, 6, 5, 2), 3, 2), ((0, 2, 2, 3), 4, 4)]:
        f.case("upsampleNearest", lambda x, height, width: last(F.interpolate(first(x), (height, width), mode="nearest")),
               x=f.values(*x), height=height, width=width, scale=8)
        for corners in (False, True):
            f.case("upsampleBilinear",
                   lambda x, height, width, alignCorners: last(F.interpolate(first(x), (height, width), mode="bilinear", align_corners=alignCorners)),
                   x=f.values(*x), height=height, width=width, alignCorners=corners, scale=8)
    for x, groups in [((1, 2, 2, 1), 1), ((2, 3, 5, 6), 3), ((3, 5, 1, 17), 1)]:
        f.case("groupNorm", lambda x, weight, bias, groups, epsilon: last(F.group_norm(first(x), groups, weight, bias, epsilon)),
               x=f.values(*x), weight=f.values(x[-1]), bias=f.values(x[-1]), groups=groups, epsilon=1e-5, scale=8)
    def batch_norm(x, weight, bias, mean, variance, momentum, epsilon):
        running = mean.detach().clone(), variance.detach().clone()
        return last(F.batch_norm(first(x), *running, weight, bias, True, momentum, epsilon))

    for x in [(1, 2, 2, 1), (2, 3, 5, 6), (3, 5, 1, 17)]:
        f.case("batchNorm", batch_norm, x=f.values(*x), weight=f.values(x[-1]), bias=f.values(x[-1]), mean=f.values(x[-1]),
               variance=f.values(x[-1], low=0.5), momentum=0.125, epsilon=1e-5, scale=8)
    case("convTranspose2d", transposed, (1, 4, 3, 6), (6, 2, 3, 2), (2, 1, 0, 1, 1, 2, 3), 6)
    case("convTranspose2d", transposed, (2, 3, 5, 3), (3, 3, 2, 5), (2, 1, 1, 0, 1, 1, 1), 5)


def reductions(f):
    for s in MATRICES:
        f.case("softmax", lambda x: torch.softmax(x, -1), x=f.values(*s))
        f.case("logSoftmax", lambda x: torch.log_softmax(x, -1), x=f.values(*s), scale=4)
        f.case("argmax", lambda x: torch.argmax(x, -1), x=f.values(*s))
        f.case("sum", lambda x: torch.sum(x), x=f.values(*s), scale=60)
        f.case("sum", lambda x, axis: torch.sum(x, axis), x=f.values(*s), axis=0, scale=8)
        f.case("sum", lambda x, axis: torch.sum(x, axis), x=f.values(*s), axis=-1, scale=8)
        if 0 not in s:
            f.case("mean", lambda x: torch.mean(x), x=f.values(*s), scale=8)
        f.case("mean", lambda x, axis: torch.mean(x, axis), x=f.values(*s), axis=-1, scale=4)
    for s, axes, keep in [((67,), (0,), True), ((13, 17), (0, 1), False), ((13, 17), (1,), True), ((2, 3, 5), (0, 2), False),
                          ((2, 3, 5), (2, 0), True), ((3, 5, 2, 7), (1, 3), False), ((3, 5, 2, 7), (1, 2), True), ((0, 5), (1,), False)]:
        g = dict(axes=axes, keepDims=keep)
        f.case("sum", lambda x, axes, keepDims: torch.sum(x, axes, keepDims), x=f.values(*s), scale=20, **g)
        f.case("mean", lambda x, axes, keepDims: torch.mean(x, axes, keepDims), x=f.values(*s), scale=4, **g)
        few = lambda: f.values(*s, low=-0.5, high=0.5)  # many are equal
        f.case("max", lambda x, axes, keepDims: torch.amax(x, axes, keepDims), x=few(), **g)
        f.case("min", lambda x, axes, keepDims: torch.amin(x, axes, keepDims), x=few(), **g)
        for correction in (0, 1):
            f.case("variance", lambda x, axes, correction, keepDims: torch.var(x, axes, correction=correction, keepdim=keepDims),
                   x=f.values(*s), axes=axes, correction=correction, keepDims=keep, scale=4)
    for s, axis in [((1,), 0), ((67,), 0), ((13, 17), 0), ((13, 17), 1), ((2, 3, 5), -2), ((0, 5), 1)]:
        f.case("cumulativeSum", lambda x, axis: torch.cumsum(x, axis), x=f.values(*s), axis=axis, scale=8)


def arrangements(f):
    for s, axes in [((1,), (0,)), ((13, 17), (1, 0)), ((2, 3, 5), (2, 0, 1)), ((2, 3, 5), (0, 2, -2)), ((3, 2, 5, 4), (0, 2, 1, 3)),
                    ((37, 3, 41), (2, 1, 0)), ((0, 5), (1, 0))]:
        f.case("permute", lambda x, axes: x.permute(axes), x=f.values(*s), axes=axes)
    for s, axis, start, end in [((67,), 0, 3, 66), ((13, 17), 1, -5, -1), ((2, 3, 5), 1, 1, 2), ((0, 5), 1, 1, 3), ((13, 17), 0, 4, 4)]:
        f.case("slice", lambda x, axis, to, **g: x.narrow(axis, g["from"] % x.shape[axis], to % x.shape[axis] - g["from"] % x.shape[axis]),
               x=f.values(*s), axis=axis, **{"from": start}, to=end)
    f.case("crop", lambda x, to, **g: x[1:2, 0:3, 2:4], x=f.values(2, 3, 5), **{"from": (1, 0, 2)}, to=(2, 3, -1))
    for s, before, after in [((1,), (2,), (0,)), ((13, 17), (0, 1), (3, 2)), ((2, 3, 5), (1, 0, 2), (0, 0, 3)), ((0, 5), (0, 1), (0, 0))]:
        around = [n for pair in reversed(list(zip(before, after))) for n in pair]
        f.case("pad", lambda x, before, after, value: F.pad(x, around, value=value), x=f.values(*s), before=before, after=after, value=-0.5)
    for a, b, axis in [((1,), (67,), 0), ((13, 17), (13, 3), 1), ((13, 17), (2, 17), 0), ((2, 3, 5), (2, 1, 5), -2), ((0, 5), (3, 5), 0)]:
        f.case("concat", lambda a, b, axis: torch.cat([a, b], axis), a=f.values(*a), b=f.values(*b), axis=axis)
    for s, axis, count in [((67,), 0, 13), ((13, 17), 0, 29), ((13, 17), 1, 3), ((2, 3, 5), 1, 7), ((0, 5), 1, 2)]:
        index = list(s)
        index[axis] = count
        f.case("gather", lambda x, index, axis: torch.gather(x, axis, index), x=f.values(*s), index=f.ints(*index, below=s[axis]), axis=axis,
               scale=8)
        f.case("scatterAdd", lambda x, index, source, axis: x.scatter_add(axis, index, source), x=f.values(*s),
               index=f.ints(*index, below=s[axis]), source=f.values(*index), axis=axis, scale=8)
    for shapes, axis in [([(1,)], 0), ([(67,), (13,), (0,)], 0), ([(3, 17), (3, 5), (3, 1)], -1), ([(2, 0, 3), (2, 5, 3)], 1)]:
        f.case("concat", lambda axis, parts: torch.cat(parts, axis), axis=axis, parts=[f.values(*s) for s in shapes])
    for shape, count, axis in [((), 3, 0), ((67,), 1, 0), ((13, 7), 3, 1), ((2, 3, 5), 2, -1), ((0, 5), 2, 0)]:
        f.case("stack", lambda axis, parts: torch.stack(parts, axis), axis=axis, parts=[f.values(*shape) for _ in range(count)])
    for shape, axis, lengths in [((1,), 0, (1,)), ((67,), 0, (13, 0, 54)), ((13, 17), -1, (16, 1)), ((2, 3, 5), 1, (1, 2)), ((0, 5), 1, (2, 3))]:
        f.case("split", lambda x, axis, lengths: x.split(lengths, axis), x=f.values(*shape), axis=axis, lengths=lengths)
    for shape, axis in [((1,), 0), ((13, 17), 0), ((2, 3, 5), -1), ((0, 5), 1)]:
        f.case("unstack", lambda x, axis: x.unbind(axis), x=f.values(*shape), axis=axis)


def focal(x, target, alpha, gamma):
    """As torchvision.ops.sigmoid_focal_loss, the mean."""
    p = torch.sigmoid(x)
    right = p * target + (1 - p) * (1 - target)
    loss = F.binary_cross_entropy_with_logits(x, target, reduction="none") * (1 - right) ** gamma
    return ((alpha * target + (1 - alpha) * (1 - target)) * loss).mean()


def losses(f):
    for s in [(1, 1), (13, 17), (2, 3, 5), (7, 67)]:
        f.case("crossEntropy", lambda logits, labels: F.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1)),
               logits=f.values(*s), labels=f.ints(*s[:-1], below=s[-1]), scale=4)
    for s in [(1, 2), (13, 17), (2, 3, 5), (7, 67)]:
        def cross(logits, labels, smoothing, ignoreIndex, classWeights=None, tokenWeights=None):
            flat, rows = logits.reshape(-1, s[-1]), labels.reshape(-1)
            if tokenWeights is None:
                return F.cross_entropy(flat, rows, weight=classWeights, ignore_index=ignoreIndex, label_smoothing=smoothing)
            one = F.cross_entropy(flat, rows, ignore_index=ignoreIndex, label_smoothing=smoothing, reduction="none")
            return (one * tokenWeights.reshape(-1)).sum() / (tokenWeights.reshape(-1) * (rows != ignoreIndex)).sum()

        logits, labels = f.values(*s), f.ints(*s[:-1], below=s[-1])
        labels[..., -1] = 1  # one that is not ignored
        for smoothing in (0.0, 0.25):
            g = dict(smoothing=smoothing, ignoreIndex=0)
            f.case("crossEntropy", cross, logits=logits, labels=labels, scale=4, **g)
            with f.constants():
                f.case("crossEntropyByClass", cross, logits=logits, labels=labels, classWeights=f.values(s[-1], low=0.125), scale=4, **g)
                f.case("crossEntropyByToken", cross, logits=logits, labels=labels, tokenWeights=f.values(*s[:-1], low=0.125), scale=4, **g)
    for s in [(1,), (67,), (13, 17)]:
        inside = lambda: f.values(*s, low=0.0625, high=0.9375)
        f.case("binaryCrossEntropyWithLogits", lambda x, target: F.binary_cross_entropy_with_logits(x, target), x=f.values(*s), target=inside(),
               scale=4)
        f.case("binaryCrossEntropy", lambda x, target: F.binary_cross_entropy(x, target), x=inside(), target=inside(), scale=4)
        f.case("smoothL1", lambda x, target, beta: F.smooth_l1_loss(x, target, beta=beta), x=f.values(*s), target=f.values(*s), beta=1.5,
               scale=4)
        with f.constants():
            f.case("focalLoss", focal, x=f.values(*s), target=f.ints(*s, below=2).astype(np.float64), alpha=0.25, gamma=2.0, scale=4)
            f.case("focalLoss", focal, x=f.values(*s), target=f.ints(*s, below=2).astype(np.float64), alpha=0.5, gamma=0.0, scale=4)
    for s in [(1, 1), (13, 17), (2, 3, 5)]:
        f.case("klDivergence", lambda x, target: F.kl_div(x, target, reduction="sum") / np.prod(s[:-1]), x=f.values(*s),
               target=f.values(*s, low=0.0625, high=0.9375), scale=64)
        f.case("cosineSimilarity", lambda a, b, epsilon: F.cosine_similarity(a, b, -1, epsilon), a=f.values(*s, low=0.5), b=f.values(*s, low=0.5),
               epsilon=1e-8, scale=4)
    for s in [(1,), (67,), (13, 17)]:
        f.case("meanSquaredError", lambda x, target: F.mse_loss(x, target), x=f.values(*s), target=f.values(*s), scale=4)


def views(f):
    for s in [(1, 6), (13, 6), (2, 3, 4), (0, 6)]:
        f.case("reshape", lambda x, dims: x.reshape(dims), x=f.values(*s), dims=(s[0], 2, -1) if s[0] else (0, 3, 2))
        f.case("transpose", lambda x: x.transpose(-1, -2), x=f.values(*s))
    f.case("stopGradient", lambda x: x.detach(), x=f.values(13, 17))


def heads_of(x, heads):
    """(batch, time, heads·dim) as (batch, heads, time, dim)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def attend(q, k, v, heads, causal=False, mask=None):
    dim = q.shape[-1] // heads
    q, k, v = heads_of(q, heads), heads_of(k, k.shape[-1] // dim), heads_of(v, v.shape[-1] // dim)
    k, v = (x.repeat_interleave(heads // x.shape[1], 1) for x in (k, v))
    if causal:
        mask = torch.full((q.shape[2], k.shape[2]), -torch.inf, dtype=q.dtype).triu(1 + k.shape[2] - q.shape[2])
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)


def self_attend(qkv, heads, keyHeads, causal):
    dim = qkv.shape[-1] // (heads + 2 * keyHeads)
    return attend(*qkv.split([heads * dim, keyHeads * dim, keyHeads * dim], -1), heads, causal)


def rotate(x, heads, rotated, first, base):
    """Rotary embedding of (batch, time, heads·dim) in halves: elements i and i + dim/2 are a pair."""
    x = x.unflatten(-1, (heads, -1))
    half = x.shape[-1] // 2
    angles = (first + torch.arange(x.shape[1], dtype=x.dtype))[:, None, None] * base ** (-torch.arange(half, dtype=x.dtype) / half)
    a, b = x[:, :, :rotated].split(half, -1)
    turned = torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)
    return torch.cat([turned, x[:, :, rotated:]], 2).flatten(2)


def recur(cell, gates, weight, lengths=None, bias=None, state=None):
    """A recurrence over (time, batch, directions·gates·hidden), in one or two directions; with a state its last one stands behind."""
    time, batch = gates.shape[:2]
    directions, hidden = weight.shape[0], weight.shape[2]
    ends = [time] * batch if lengths is None else lengths.tolist()
    results = []
    for d, x in enumerate(gates.unflatten(-1, (directions, -1)).unbind(2)):
        columns = []
        for b in range(batch):
            h = c = torch.zeros(hidden, dtype=gates.dtype)
            steps = [torch.zeros_like(h)] * time
            if state is not None:
                h, c = state[0, b].view(directions, hidden)[d], state[-1, b].view(directions, hidden)[d]
            for t in range(ends[b]) if d == 0 else reversed(range(ends[b])):
                h, c = cell(x[t, b].chunk(weight.shape[1] // hidden), (weight[d] @ h).chunk(weight.shape[1] // hidden), h, c,
                            None if bias is None else bias[d])
                steps[t] = h
            if state is not None:
                steps = steps + ([h, c] if len(state) == 2 else [h])
            columns.append(torch.stack(steps))
        results.append(torch.stack(columns, 1))
    return torch.cat(results, -1)


def lstm_cell(x, r, h, c, bias):
    i, f, g, o = (a + b for a, b in zip(x, r))
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(x, r, h, c, bias):
    n = (x[2] + (x[0] + r[0]).sigmoid() * (r[2] + bias)).tanh()
    return n + (x[1] + r[1]).sigmoid() * (h - n), c


def rnn_cell(relu):
    return lambda x, r, h, c, bias: ((x[0] + r[0]).relu() if relu else (x[0] + r[0]).tanh(), c)


def ctc(logits, targets, times=None, lengths=None):
    time, batch = logits.shape[:2]
    times = torch.full((batch,), time) if times is None else times
    lengths = torch.full((batch,), targets.shape[1]) if lengths is None else lengths
    return F.ctc_loss(logits.log_softmax(-1), targets, times, lengths)


def sequences(f):
    for shape in [(1, 1), (13, 17), (2, 3, 5), (0, 5)]:
        n = shape[-1]
        f.case("layerNorm", lambda x, weight, bias, epsilon: F.layer_norm(x, (x.shape[-1],), weight, bias, epsilon), 8,
               x=f.values(*shape), weight=f.values(n), bias=f.values(n), epsilon=0.25)
        f.case("rmsNorm", lambda x, weight, epsilon: F.rms_norm(x, (x.shape[-1],), weight, epsilon), 8,
               x=f.values(*shape), weight=f.values(n), epsilon=0.25)
    for shape in [(1,), (3, 5), (0,)]:
        f.case("embedding", lambda weight, indices: F.embedding(indices, weight), 4,
               weight=f.values(7, 5), indices=f.ints(*shape, below=7))
    for time in (1, 3):
        f.case("addPositions", lambda x, weight: x + weight[:x.shape[1]], 4, x=f.values(2, time, 5), weight=f.values(3, 5))
    for x, heads, rotated, start in [((1, 1, 2), 1, 1, 0), ((2, 7, 12), 2, 2, 0), ((2, 5, 30), 3, 2, 11), ((1, 130, 6), 1, 1, 3), ((0, 3, 4), 1, 1, 0)]:
        f.case("rotary", rotate, 4, x=f.values(*x), heads=heads, rotated=rotated, first=start, base=10000.0)
    for queries, keys, heads, key_heads, dim, causal in [(1, 1, 1, 1, 1, False), (3, 5, 2, 1, 4, True), (7, 7, 2, 2, 3, True), (5, 2, 3, 3, 2, False)]:
        f.case("attention", attend, 16, q=f.values(2, queries, heads * dim, low=-1, high=1), k=f.values(2, keys, key_heads * dim),
               v=f.values(2, keys, key_heads * dim), heads=heads, causal=causal)
    f.case("attention", lambda q, k, v, mask, heads: attend(q, k, v, heads, mask=mask.detach()), 16,
           q=f.values(2, 3, 4, low=-1, high=1), k=f.values(2, 5, 4), v=f.values(2, 5, 4), mask=f.values(2, 1, 3, 5), heads=2)
    for causal in (False, True):
        f.case("selfAttention", self_attend, 16, qkv=f.values(2, 5, 12, low=-1.5, high=1.5), heads=2, keyHeads=1, causal=causal)
    for time, batch, hidden, directions in [(1, 1, 1, 1), (5, 2, 3, 2), (2, 3, 19, 2)]:
        def weights(gates):
            return f.values(directions, gates * hidden, hidden, low=-0.5, high=0.5)

        def gates(count):
            return f.values(time, batch, directions * count * hidden, low=-2, high=2)
        ends = f.random.integers(0, time + 1, (batch,))
        f.case("lstm", lambda gates, weight: recur(lstm_cell, gates, weight), 16, gates=gates(4), weight=weights(4))
        f.case("lstm", lambda gates, weight, lengths: recur(lstm_cell, gates, weight, lengths), 16,
               gates=gates(4), weight=weights(4), lengths=ends)
        f.case("gru", lambda gates, weight, bias: recur(gru_cell, gates, weight, bias=bias), 16,
               gates=gates(3), weight=weights(3), bias=f.values(directions, hidden))
        f.case("gru", lambda gates, weight, bias, lengths: recur(gru_cell, gates, weight, lengths, bias), 16,
               gates=gates(3), weight=weights(3), bias=f.values(directions, hidden), lengths=ends)
        def state(count):
            return f.values(count, batch, directions * hidden, low=-2, high=2)
        f.case("lstmFrom", lambda gates, weight, state: recur(lstm_cell, gates, weight, state=state), 16,
               gates=gates(4), weight=weights(4), state=state(2))
        f.case("lstmFrom", lambda gates, weight, state, lengths: recur(lstm_cell, gates, weight, lengths, state=state), 16,
               gates=gates(4), weight=weights(4), state=state(2), lengths=ends)
        f.case("gruFrom", lambda gates, weight, bias, state: recur(gru_cell, gates, weight, bias=bias, state=state), 16,
               gates=gates(3), weight=weights(3), bias=f.values(directions, hidden), state=state(1))
        f.case("gruFrom", lambda gates, weight, bias, state, lengths: recur(gru_cell, gates, weight, lengths, bias, state), 16,
               gates=gates(3), weight=weights(3), bias=f.values(directions, hidden), state=state(1), lengths=ends)
        for relu in (False, True):
            f.case("rnnFrom", lambda gates, weight, state, relu: recur(rnn_cell(relu), gates, weight, state=state), 16,
                   gates=gates(1), weight=weights(1), state=state(1), relu=relu)
        f.case("rnnFrom", lambda gates, weight, state, lengths, relu: recur(rnn_cell(relu), gates, weight, lengths, state=state), 16,
               gates=gates(1), weight=weights(1), state=state(1), lengths=ends, relu=False)
        for relu in (False, True):
            f.case("rnn", lambda gates, weight, relu: recur(rnn_cell(relu), gates, weight), 16,
                   gates=gates(1), weight=weights(1), relu=relu)
        f.case("rnn", lambda gates, weight, lengths, relu: recur(rnn_cell(relu), gates, weight, lengths), 16,
               gates=gates(1), weight=weights(1), lengths=ends, relu=False)
    f.case("ctcLoss", ctc, 4, logits=f.values(7, 2, 5), targets=1 + f.ints(2, 3, below=4))
    f.case("ctcLoss", ctc, 4, logits=f.values(9, 2, 5), targets=1 + f.ints(2, 3, below=4),
           times=np.array([7, 9]), lengths=np.array([1, 3]))


FAMILIES = [elementwise, activations, powers, selections, matrices, convolutions, reductions, arrangements, losses, views, sequences]

if __name__ == "__main__":
    for family in FAMILIES:
        if len(sys.argv) == 1 or family.__name__ in sys.argv[1:]:
            made = Family(family.__name__)
            family(made)
            made.write()
            print(f"{made.name}: {sum(line.startswith('case') for line in made.lines)} cases")
