#!/usr/bin/env python3
"""Training steps beside PyTorch's, in turn on this machine: medians, ratios, a table and JSON.

  benchmarks/compare.py --data DIR [--threads 1 2] [--rounds 3] [--json FILE]

Runs torch_train.py (in --peers, with the Python of --python, which needs torch and numpy) and `mezzo bench step` by turns,
each in a fresh process; a round is one of each. Speed is the median over rounds of the median step time, which is what the
goals are about; beside it stands the ratio of the fastest steps, which suffers less where the machine is not idle. Compare
no numbers of different runs of this script.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEER, MEZZO = "torch", "mezzo"

# (numerator, denominator, what, least or most, bound)
GOALS = [
    ("fp32", "fp16", "speed of mezzo fp16 against torch fp32", "at least", 1.0),
    ("bf16", "fp16", "speed of mezzo fp16 against torch bf16", "at least", {"W2": 0.8, "W5": 0.8}),
    ("fp16", "fp16", "speed of mezzo fp16 against torch fp16", "at least", 15.0),
    ("fp32", "fp32", "speed of mezzo fp32 against torch fp32", None, None),
    ("bf16", "bf16", "speed of mezzo bf16 against torch bf16", None, None),
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist", help="folder of the four IDX files, gzipped")
    parser.add_argument("--workload", default="W1", choices=["W1", "W2", "W3", "W4", "W5", "W6"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of timing in each process")
    parser.add_argument("--train-steps", type=int, default=0, help="in the first round train to so many steps and test")
    parser.add_argument("--peers", type=pathlib.Path, default=os.environ.get("MEZZO_PEERS", ROOT.parent / "shared" / "peers"),
                        help="folder of torch_train.py (or MEZZO_PEERS; default ../shared/peers)")
    parser.add_argument("--python", default=os.environ.get("MEZZO_PEER_PYTHON", sys.executable),
                        help="Python with torch (or MEZZO_PEER_PYTHON; default this one)")
    parser.add_argument("--mezzo", type=pathlib.Path, default=ROOT / "mezzo", help="default ./mezzo")
    formats = ["fp32", "fp16", "bf16"]
    parser.add_argument("--precisions", nargs="+", default=formats, choices=formats, help="of both")
    parser.add_argument("--peer-precisions", nargs="+", choices=formats, help="torch's, where they are others: its fp16 takes minutes")
    parser.add_argument("--json", type=pathlib.Path, help="write all runs and ratios to this file")
    args = parser.parse_args()
    args.peer_precisions = args.peer_precisions or args.precisions
    return args


def run(command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        sys.exit(f"failed with status {done.returncode}: {' '.join(map(str, command))}")
    return json.loads(lines[-1])


def torch(args, precision, threads, first):
    # Images in the memory layout that is faster for torch: channels last.
    layout = ["--channels-last"] if args.workload in ("W2", "W5") else []
    # Where fp16 has no fast path a step takes most of a second: a few are enough.
    limits = ["--min-steps", 4, "--min-seconds", 0] if precision == "fp16" else ["--min-seconds", args.seconds]
    steps = ["--train-steps", args.train_steps] if first and args.train_steps and precision != "fp16" else []
    return run([args.python, args.peers / "torch_train.py", "--workload", args.workload, "--precision", precision,
                "--threads", threads, "--data", args.data, *layout, *limits, *steps])


def mezzo(args, precision, threads, first):
    half = "none" if precision == "fp32" else precision
    steps = ["--train-steps", args.train_steps] if first and args.train_steps else []
    return run([args.mezzo, "bench", "step", "--workload", args.workload, "--half", half, "--threads", threads,
                "--data", args.data, "--seconds", args.seconds,
                "--warm-up-steps", {"W1": 100, "W2": 25}.get(args.workload, 10), *steps])


def measure(args):
    runs = {}
    for round_number in range(args.rounds):
        first = round_number == 0
        for threads in args.threads:
            for precision in ("fp32", "fp16", "bf16"):
                for peer, step, precisions in ((PEER, torch, args.peer_precisions), (MEZZO, mezzo, args.precisions)):
                    if precision not in precisions or (peer == PEER and precision == "fp16" and not first):
                        continue
                    result = step(args, precision, threads, first)
                    runs.setdefault((peer, precision, threads), []).append(result)
                    print(f"round {round_number + 1} of {args.rounds}: {peer} {precision}, {threads} threads: "
                          f"{1e3 * result['step_s']:.1f} ms a step", file=sys.stderr)
    return runs


def median(runs, peer, precision, threads, key="step_s"):
    values = [r[key] for r in runs.get((peer, precision, threads), []) if key in r]
    return statistics.median(values) if values else None


def held(runs, peer, precision, threads):
    """Bytes of weights, their half copies, gradients and saved activations."""
    parts = [median(runs, peer, precision, threads, key)
             for key in ("param_bytes", "saved_weight_copy_bytes", "grad_bytes", "saved_activation_bytes")]
    return None if None in parts else sum(parts)


def best(runs, peer, precision, threads):
    return min(r.get("step_s_min", r["step_s"]) for r in runs[peer, precision, threads])


def ratios(args, runs):
    found = []
    for threads in args.threads:
        for theirs, ours, what, relation, bound in GOALS:
            a, b = median(runs, PEER, theirs, threads), median(runs, MEZZO, ours, threads)
            bound = bound.get(args.workload) if isinstance(bound, dict) else bound
            if a and b:
                least = best(runs, PEER, theirs, threads) / best(runs, MEZZO, ours, threads)
                found.append((f"{what}, {threads} thread{'s' if threads > 1 else ''}", a / b, relation, bound, least))
    for precision in args.precisions:
        threads = args.threads[0]
        a = median(runs, MEZZO, precision, threads, "saved_activation_bytes")
        b = median(runs, PEER, "fp32", threads, "saved_activation_bytes")
        if a and b:
            bound = 0.51 if precision == "fp16" else None
            found.append((f"saved activations of mezzo {precision} against torch fp32", a / b, bound and "at most", bound, None))
    threads = args.threads[0]
    ours, theirs = (held(runs, peer, precision, threads) for peer, precision in ((MEZZO, "fp16"), (PEER, "bf16")))
    if ours and theirs:
        found.append(("weights, shadow, gradients and saved activations of mezzo fp16 against torch bf16", ours / theirs,
                      "at most", 1.0, None))
    return found


def table(head, body):
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for line in body:
        print("| " + " | ".join("" if cell is None else str(cell) for cell in line) + " |")
    print()


def megabytes(value):
    return None if value is None else f"{value / 1e6:.2f}"


def report(args, runs, found):
    body = []
    for (peer, precision, threads), results in sorted(runs.items(), key=lambda item: (item[0][2], item[0][1], item[0][0])):
        times = [1e3 * r["step_s"] for r in results]
        accuracy = next((r["test_accuracy"] for r in results if "test_accuracy" in r), None)
        get = lambda key: median(runs, peer, precision, threads, key)
        body.append((peer, precision, threads, f"{statistics.median(times):.2f}", f"{1e3 * best(runs, peer, precision, threads):.2f}",
                     f"{get('gflop_per_s'):.0f}", megabytes(get("saved_activation_bytes")),
                     megabytes(get("saved_weight_copy_bytes")), megabytes(get("param_bytes")), megabytes(get("grad_bytes")),
                     megabytes(get("opt_state_bytes")), megabytes(get("peak_rss_increase")), accuracy))
    table(["", "precision", "threads", "step ms", "fastest", "GFLOP/s", "saved MB", "half weights MB", "weights MB", "gradients MB",
           "optimizer MB", "peak RSS+ MB", "test accuracy"], body)
    table(["ratio", "measured", "goal", "reached", "of the fastest steps"],
          [(what, f"{value:.2f}", f"{relation} {bound}" if bound else None,
            None if not bound else "yes" if (value >= bound if relation == "at least" else value <= bound) else "NO",
            least and f"{least:.2f}")
           for what, value, relation, bound, least in found])


def main():
    args = arguments()
    if not (args.peers / "torch_train.py").is_file():
        sys.exit(f"no torch_train.py in {args.peers}; name its folder with --peers or MEZZO_PEERS")
    runs = measure(args)
    found = ratios(args, runs)
    report(args, runs, found)
    if args.json:
        part = args.json.with_name(args.json.name + ".part")
        part.write_text(json.dumps({
            "runs": [r for results in runs.values() for r in results],
            "ratios": [{"what": w, "ratio": v, "goal": f"{rel} {b}" if b else None, "ratio_of_fastest_steps": least}
                       for w, v, rel, b, least in found],
        }, indent=1) + "\n")
        part.replace(args.json)


main()
