#!/usr/bin/env python3
"""Makes one table, and results.json, of what run.sh left in a folder so far: summary.py FOLDER

What is missing, cut off or broken is left out.
"""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
WORKLOADS = ("GPT2_1", "GPT2_16", "GPT2_64", "W1", "W2", "W3", "W4", "W5", "W6")


def text(name):
    path = folder / name
    return path.read_text(errors="replace").strip() if path.is_file() else ""


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


def lines(name):
    found = [parsed(line) for line in text(f"{name}.log").splitlines() if line.startswith("{")]
    return [line for line in found if isinstance(line, dict)]


def first(name):
    return next((line for line in lines(name) if "step_s" in line), None)


def losses(device):
    """Of each step, from what `mezzo train --json` wrote."""
    report = parsed(text(f"parity-{device}.json")) or {}
    return next((form["losses"] for form in report.get("forms", []) if form.get("losses")), [])


def number(value, form):
    return "" if value is None else format(value, form)


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


result = {"machine": text("machine.log"), "parts": text("parts.txt").splitlines(), "conformance": lines("conformance"),
          "kernels": [], "steps": [], "parity": None}
print("```\n" + result["machine"] + "\n" + text("doctor.log") + "\n```\n")
for line in result["conformance"]:
    counts = line.get("conformance", {})
    print(f"Conformance: {counts.get('passed')} passed, {counts.get('failed')} failed.\n")
theirs = {line.get("name"): line for line in lines("torch-kernels")}
print("| kernel | mezzo | torch | unit | mezzo / torch |\n| --- | --- | --- | --- | --- |")
for line in lines("bench-gpu"):
    if "rate" not in line:
        continue
    other = theirs.get(line["name"], {}).get("rate")
    ratio = line["rate"] / other if other else None
    result["kernels"].append({**line, "torch": other, "ratio": ratio})
    row(line["name"], f"{line['rate']:.1f}", number(other, ".1f"), line["unit"], number(ratio, ".2f"))
print("\n| workload | precision | mezzo ms | torch eager ms | times as fast | torch compile ms | mezzo peak MB | torch peak MB |")
print("| --- | --- | --- | --- | --- | --- | --- | --- |")
for w in WORKLOADS:
    for half in ("fp16", "bf16"):
        ours, eager, compiled = first(f"step-{w}-{half}"), first(f"torch-{w}-{half}"), first(f"compiled-{w}-{half}")
        if not (ours or eager or compiled):
            continue
        result["steps"].append({"workload": w, "precision": half, "mezzo": ours, "torch": eager, "compiled": compiled})
        times = [1e3 * each["step_s"] if each else None for each in (ours, eager, compiled)]
        peaks = [(ours or {}).get("peak_tensor_bytes"), (eager or {}).get("peak_bytes")]
        row(w, half, number(times[0], ".2f"), number(times[1], ".2f"), number(times[1] / times[0] if ours and eager else None, ".2f"),
            number(times[2], ".2f"), *(number(peak and peak / 1e6, ",.0f") for peak in peaks))
        if eager and eager.get("micro_batches", 1) > 1:
            row(f"{w}: torch in {eager['micro_batches']} micro-batches", "", "", "", "", "", "", "")
cpu, gpu = losses("cpu"), losses("cuda")
if cpu and gpu:
    worst = max(abs(a - b) / max(abs(a), 1e-6) for a, b in zip(cpu, gpu))
    result["parity"] = {"steps": min(len(cpu), len(gpu)), "greatest_relative_difference": worst}
    print(f"\nLosses on the processor and on the GPU differ by {worst:.2e} at most, relatively, over {result['parity']['steps']} steps.")
print("\n```\n" + "\n".join(result["parts"]) + "\n```")
(folder / "results.json").write_text(json.dumps(result, indent=1) + "\n")
