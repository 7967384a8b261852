#!/bin/bash
# On the machine with the GPU, in the folder that benchmarks/gpu.sh packed: everything that there is to know about this GPU, in
# under ten minutes. Needs the driver, CUDA's libraries (or those that PyTorch brought) and, for the comparison, python3 with torch.
#
#   run.sh [OUT]    results in OUT (default ./results): a log of each part, parts.txt, summary.md and results.json
#
# What fails, hangs or is missing costs its own part alone. Each part has seconds of its own, all of which together are less than
# MEZZO_GPU_SECONDS (default 570); what earlier parts did not use is the next ones'. So no part takes another's time. The summary, made
# anew after each part, takes what is there. Mezzo's and PyTorch's figures of a workload follow each other, what matters most first.
#
# MEZZO_GPU_TRY=1 makes all small, to try the script itself on a fake driver; MEZZO_GPU_DATA names other data than the bundled
# (benchmarks/gpu-try.sh sets both).
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-results}" && cd "${1:-results}" && pwd) || exit 1
python=${MEZZO_GPU_PYTHON:-python3}
small=${MEZZO_GPU_TRY:-}
budget=${MEZZO_GPU_SECONDS:-570}
data=${MEZZO_GPU_DATA:-bundled}
begin=$SECONDS

# Where Python's packages keep CUDA's libraries, if nothing else names them.
if [ -z "${MEZZO_CUDA_PATH:-}" ]; then
  site=$("$python" -c 'import nvidia, os; print(os.path.dirname(list(nvidia.__path__)[0]))' 2>/dev/null)
  [ -n "$site" ] && export MEZZO_CUDA_PATH=$site
fi

export here MEZZO_JAVA_OPTS=${MEZZO_JAVA_OPTS:-}
java() { "$here/java/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED $MEZZO_JAVA_OPTS "$@"; }
mezzo() { java -cp "$here/lib/*" dev.mezzo.benchmarks.cli.Mezzo "$@"; }
suite() { java -cp "$here/test-classes:$here/lib/*:$here/test-lib/*" dev.mezzo.backend.conformance.ConformanceRun "$@"; }
torch() { "$python" "$here/torch_gpu.py" "$@" ${MEZZO_GPU_TORCH:-}; }
export -f java mezzo suite torch
export python MEZZO_GPU_TORCH=${MEZZO_GPU_TORCH:-}

summary() { "$python" "$here/summary.py" "$out" >"$out/summary.md.new" 2>"$out/summary.log" && mv "$out/summary.md.new" "$out/summary.md"; }

names=() limits=() commands=()
reserved=0 # seconds of the parts that are still to come

# part NAME SECONDS COMMAND...: its output is to be NAME.log. With 0 seconds it runs if time is left.
part() {
  names+=("$1") limits+=("$2")
  reserved=$((reserved + $2))
  shift 2
  commands+=("$(printf '%q ' "$@")")
}

# run NAME SECONDS COMMAND: with what earlier parts left, at most four times as long.
run() {
  local name=$1 own=$2 start=$SECONDS limit most
  reserved=$((reserved - own))
  limit=$((budget - (SECONDS - begin) - reserved))
  most=$((own > 0 ? 4 * own : 40))
  [ $limit -gt $most ] && limit=$most
  if [ $limit -lt 3 ]; then
    printf '%-24s left out: no time\n' "$name" | tee -a "$out/parts.txt"
    return
  fi
  timeout -k 3 "$limit" bash -c "$3" >"$out/$name.log" 2>&1 </dev/null
  local status=$?
  printf '%-24s status %3d, %3d s of %d%s\n' "$name" $status $((SECONDS - start)) $limit \
    "$([ $status = 124 ] || [ $status = 137 ] && echo ', cut off')" | tee -a "$out/parts.txt"
  summary
}

# pair WORKLOAD TYPE SECONDS: steps of both.
pair() {
  local warm=60
  case $1 in GPT2_*) warm=8 ;; esac
  [ -n "$small" ] && warm=1
  part "step-$1-$2" "$3" mezzo bench step --workload "$1" --half "$2" --device cuda --data "$data" --warm-up-steps $warm --steps 3 --seconds $seconds --max-seconds 15
  part "torch-$1-$2" "$3" torch step --workload "$1" --precision "$2" --seconds $seconds --warm-up $((warm < 15 ? warm : 15)) $tiny
}

rm -f "$out"/*.log "$out"/parity-*.json "$out/summary.md" "$out/results.json" # of an earlier run
: >"$out/parts.txt"
export MEZZO_REAL_CUDA=1 MEZZO_REQUIRE_BACKENDS=cuda
seconds=2 steps=50 tiny='' batch=256 scale='' most=300 cases='.*' slow=1
[ -n "$small" ] && seconds=0.3 steps=3 batch=16 tiny=--tiny scale='--scale 64' most=17 cases='TANH|gemm NN, m|sgd' slow=3

part machine 5 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv
part doctor $((10 * slow)) mezzo doctor --device cuda --data "$data"
part conformance 45 suite $most "$cases"
part bench-gpu 30 mezzo bench gpu --device cuda $scale
part torch-kernels $((20 * slow)) torch kernels $scale
if [ -z "$small" ]; then
  for half in fp16 bf16; do pair GPT2_1 $half 12; done
  for half in fp16 bf16; do pair GPT2_16 $half 14; done
  for half in fp16 bf16; do pair GPT2_64 $half 18; done
  for w in W1 W3 W2 W4 W5 W6; do pair $w fp16 9; done
else
  pair GPT2_1 bf16 20
  pair W1 bf16 40
  part fails 5 false
  part hangs 1 sleep 100
  part dies 5 bash -c 'kill -9 $$'
  part step-W2-bf16 5 echo '{"step_s": '
  for w in W2 W3 W4 W5 W6 GPT2_16 GPT2_64; do part "torch-$w-bf16" 15 torch step --workload $w --precision bf16 --seconds $seconds --warm-up 1 $tiny; done
fi
# The same steps on both devices: losses must agree.
for device in cpu cuda; do
  part "parity-$device" $((10 * slow)) mezzo train fashion-mnist --data "$data" --device $device --max-steps $steps --batch $batch --seed 1 --json "$out/parity-$device.json"
done
if [ -z "$small" ]; then
  part demo 15 mezzo demo --device cuda --data "$data" --output "$out/demo"
  for w in GPT2_16 GPT2_1 W1 W3; do part "compiled-$w-fp16" 20 torch step --workload $w --precision fp16 --seconds $seconds --compile; done
  for tool in memcheck racecheck; do
    part $tool 25 compute-sanitizer --target-processes all --tool $tool bash -c 'suite 17'
  done
  part bench-kernels 0 mezzo bench kernels --device cuda --seconds 0.1 --json "$out/bench-kernels.json"
  for w in W1 W3 W2 W4 W5 W6; do pair $w bf16 0; done
else
  part compiled-W1-bf16 60 torch step --workload W1 --precision bf16 --seconds $seconds --warm-up 1 --tiny --compile
fi

[ $reserved -le $budget ] || echo "run.sh: the parts' $reserved seconds are more than $budget: the last ones may be left out" >&2
for i in "${!names[@]}"; do run "${names[i]}" "${limits[i]}" "${commands[i]}"; done
summary
cat "$out/summary.md" 2>/dev/null || cat "$out/parts.txt"
echo "$((SECONDS - begin)) seconds in all; results in $out"
