#!/bin/bash
# Tries what benchmarks/gpu.sh packs without a GPU: run.sh with all sizes small, on the fake driver of the tests and with PyTorch on the
# processor, and with parts that fail, hang and die. Fails if a part costs another one its result.
#
#   benchmarks/gpu-try.sh PYTHON [FOLDER]    PYTHON: one with torch; FOLDER, if given: packed before
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
folder=${2:-target/gpu-try}
[ $# -gt 1 ] || benchmarks/gpu.sh "$folder"
folder=$(cd "$folder" && pwd)
fake=$(cd runtime && "$folder/java/bin/java" --enable-native-access=ALL-UNNAMED -cp "$folder/test-classes:$folder/lib/*:$folder/test-lib/*" \
  dev.mezzo.backend.cuda.FakeCuda)

"$python" - "$folder/data" <<'DATA'
import pathlib, random, struct, sys

data = pathlib.Path(sys.argv[1])
data.mkdir(exist_ok=True)
some = random.Random(1)
for part, count in (("train", 300), ("t10k", 20)):  # 300: a batch of W1
    (data / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 0x803, count, 28, 28) + some.randbytes(count * 784))
    labels = bytes(some.randrange(10) for _ in range(count))
    (data / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 0x801, count) + labels)
DATA

out=$folder/try
MEZZO_GPU_TRY=1 MEZZO_GPU_DATA=$folder/data MEZZO_GPU_PYTHON=$python MEZZO_GPU_TORCH="--device cpu" \
  MEZZO_JAVA_OPTS="-Dmezzo.cuda.path=$fake -Dmezzo.benchmarks.tiny=true" "$folder/run.sh" "$out"

"$python" - "$out" <<'CHECK'
import json, pathlib, re, sys

out = pathlib.Path(sys.argv[1])
result = json.loads((out / "results.json").read_text())
status = {line.split()[0]: re.search(r"status +(\d+)", line) for line in result["parts"]}
status = {name: int(found[1]) if found else None for name, found in status.items()}
expected = {"fails": 1, "hangs": 124, "dies": 137, "machine": status.get("machine")}  # nvidia-smi may or may not be here
wrong = [f"{name}: {code}" for name, code in status.items() if code != expected.get(name, 0)]
steps = {(step["workload"], step["precision"]): step for step in result["steps"]}
workloads = ["GPT2_1", "GPT2_16", "GPT2_64", "W1", "W2", "W3", "W4", "W5", "W6"]
wrong += [f"no step of torch: {w}" for w in workloads if not steps.get((w, "bf16"), {}).get("torch")]
wrong += [f"no step of mezzo: {w}" for w in ("GPT2_1", "W1") if not steps.get((w, "bf16"), {}).get("mezzo")]
if not steps.get(("W1", "bf16"), {}).get("compiled"):
    wrong.append("no compiled step")
if len(result["kernels"]) != 11 or not all(kernel["torch"] for kernel in result["kernels"]):
    wrong.append("kernels of both sides")
if result["conformance"] == [] or result["conformance"][0]["conformance"]["failed"] != 0:
    wrong.append("conformance")
if result["parity"] is None or result["parity"]["greatest_relative_difference"] > 1e-2:
    wrong.append(f"parity: {result['parity']}")
if not (out / "summary.md").read_text().count("GPT2_1"):
    wrong.append("summary")
print("wrong: " + "; ".join(wrong) if wrong else "every part is there that was to be")
sys.exit(1 if wrong else 0)
CHECK
