"""Makes reference.safetensors: fifty steps of a small MLP in PyTorch, FP32, for ParityTest.

  python make_reference.py FASHION_MNIST_DIR reference.safetensors

The file holds everything that the run depends on (images, labels, their order, the initial weights) and what came out: the loss of
each step, the gradients of the first step and of the last, the weights afterwards, and the logits of the last batch's images.
Model: 784-64-64-10, ReLU; batch 64; SGD, rate 0.02, momentum 0.9. Written with torch 2.13.0+cpu; gradients and losses of the
first step are checked against FP64 before anything is written.
"""
import gzip
import json
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

IMAGES, BATCH, STEPS = 384, 64, 50
folder, target = sys.argv[1:]
torch.manual_seed(1)
torch.set_num_threads(1)


def idx(name, header):
    with gzip.open(f"{folder}/{name}") as f:
        return np.frombuffer(f.read(), np.uint8, offset=header)


pixels = idx("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)[:IMAGES]
labels = idx("train-labels-idx1-ubyte.gz", 8)[:IMAGES]
order = np.stack([np.random.default_rng(step).permutation(IMAGES)[:BATCH] for step in range(STEPS)])
x = torch.from_numpy((pixels / np.float32(255)).astype(np.float32))
y = torch.from_numpy(labels.astype(np.int64))

model = torch.nn.Sequential(torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(),
                            torch.nn.Linear(64, 10))
names = [f"{layer}.{kind}" for layer in ("first", "second", "out") for kind in ("weight", "bias")]
tensors = {"pixels": pixels, "labels": labels.astype(np.int32), "order": order.astype(np.int32)}


def keep(prefix, of):
    for name, parameter in zip(names, model.parameters()):
        tensors[f"{prefix}.{name}"] = of(parameter).detach().numpy().copy()


keep("initial", lambda p: p)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, foreach=False)
losses = []
for step in range(STEPS):
    pick = torch.from_numpy(order[step].astype(np.int64))
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x[pick]), y[pick])
    loss.backward()
    losses.append(loss.item())
    if step in (0, STEPS - 1):
        keep("gradient.first" if step == 0 else "gradient.last", lambda p: p.grad)
    if step == 0:
        exact = torch.nn.Sequential(*[torch.nn.Linear(m.in_features, m.out_features) if isinstance(m, torch.nn.Linear)
                                      else torch.nn.ReLU() for m in model]).double()
        exact.load_state_dict({k: v.double() for k, v in model.state_dict().items()})
        exact_loss = F.cross_entropy(exact(x[pick].double()), y[pick])
        exact_loss.backward()
        assert abs(exact_loss.item() - losses[0]) < 1e-6 * losses[0]
        for p, q in zip(model.parameters(), exact.parameters()):
            assert (p.grad - q.grad).abs().max() < 1e-5 * q.grad.abs().max()
    optimizer.step()
keep("trained", lambda p: p)
tensors["losses"] = np.array(losses, np.float32)
with torch.no_grad():
    tensors["logits"] = model(x[torch.from_numpy(order[-1].astype(np.int64))]).numpy()

TYPES = {"float32": "F32", "int32": "I32", "uint8": "U8"}
header, offset, blobs = {"__metadata__": {"torch": torch.__version__}}, 0, []
for name, array in tensors.items():
    blob = np.ascontiguousarray(array).tobytes()
    header[name] = {"dtype": TYPES[str(array.dtype)], "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
    offset += len(blob)
    blobs.append(blob)
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(target, "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
print(f"{target}: losses {losses[0]:.4f} .. {losses[-1]:.4f}")
