#!/usr/bin/env python3
"""Makes one table, and results.json, of what run.sh left in a folder: summary.py FOLDER"""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


def lines(name):
    path = folder / f"{name}.log"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(errors="replace").splitlines() if line.startswith("{")]


def text(name):
    path = folder / f"{name}.log"
    return path.read_text(errors="replace").strip() if path.is_file() else ""


def losses(device):
    """Of each step, from what `mezzo train --json` wrote."""
    path = folder / f"parity-{device}.json"
    forms = json.loads(path.read_text()).get("forms", []) if path.is_file() else []
    return next((form["losses"] for form in forms if form.get("losses")), [])


result = {"machine": text("machine"), "parts": (folder / "parts.txt").read_text().splitlines(),
          "conformance": lines("conformance"), "kernels": [], "steps": [], "parity": None}
print("```\n" + result["machine"] + "\n" + text("doctor") + "\n```\n")
for line in result["conformance"]:
    print(f"Conformance: {line['conformance']['passed']} passed, {line['conformance']['failed']} failed.\n")
theirs = {line["name"]: line for line in lines("torch-kernels")}
print("| kernel | mezzo | torch | unit | mezzo / torch |\n| --- | --- | --- | --- | --- |")
for line in lines("bench-gpu"):
    other = theirs.get(line["name"], {}).get("rate")
    ratio = line["rate"] / other if other else None
    result["kernels"].append({**line, "torch": other, "ratio": ratio})
    print(f"| {line['name']} | {line['rate']:.1f} | {other and f'{other:.1f}'} | {line['unit']} | {ratio and f'{ratio:.2f}'} |")
print("\n| workload | precision | mezzo ms | torch eager ms | speed of mezzo |\n| --- | --- | --- | --- | --- |")
for w in ("W1", "W2", "W3", "W4", "W5", "W6"):
    for half in ("fp16", "bf16"):
        ours = next(iter(lines(f"step-{w}-{half}")), None)
        other = next(iter(lines(f"torch-{w}" + ("" if half == "fp16" else "-bf16"))), None)
        if ours:
            result["steps"].append({"mezzo": ours, "torch": other})
            them = f"{1e3 * other['step_s']:.2f} | {other['step_s'] / ours['step_s']:.2f}" if other else " | "
            print(f"| {w} | {half} | {1e3 * ours['step_s']:.2f} | {them} |")
cpu, gpu = losses("cpu"), losses("cuda")
if cpu and gpu:
    worst = max(abs(a - b) / max(abs(a), 1e-6) for a, b in zip(cpu, gpu))
    result["parity"] = {"steps": min(len(cpu), len(gpu)), "greatest_relative_difference": worst}
    print(f"\nLosses on the processor and on the GPU differ by {worst:.2e} at most, relatively, over {result['parity']['steps']} steps.")
print("\n```\n" + "\n".join(result["parts"]) + "\n```")
(folder / "results.json").write_text(json.dumps(result, indent=1) + "\n")
