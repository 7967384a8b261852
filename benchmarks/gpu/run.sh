#!/bin/bash
# On the machine with the GPU, in the folder that benchmarks/gpu.sh packed: everything that there is to know about this GPU, in
# under ten minutes. Needs the driver, CUDA's libraries (or those that PyTorch brought) and, for the comparison, python3 with torch.
#
#   run.sh [OUT]    results in OUT (default ./results): a log of each part, parts.txt, summary.md and results.json
#
# What fails, hangs or is missing costs its own part alone: each has a time limit, none is waited for beyond MEZZO_GPU_SECONDS
# (default 570) in all, and the summary, made anew after each part, takes what is there. Mezzo's and PyTorch's figures of
# a workload follow each other, what matters most first.
#
# MEZZO_GPU_TRY=1 makes all small, to try the script itself on a fake driver.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-results}" && cd "${1:-results}" && pwd) || exit 1
python=${MEZZO_GPU_PYTHON:-python3}
small=${MEZZO_GPU_TRY:-}
budget=${MEZZO_GPU_SECONDS:-570}
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

# part NAME SECONDS COMMAND...: its output is NAME.log.
part() {
  local name=$1 limit=$2 start=$SECONDS left=$((budget - SECONDS + begin))
  shift 2
  if [ $left -lt 5 ]; then
    printf '%-24s left out: no time\n' "$name" | tee -a "$out/parts.txt"
    return
  fi
  [ $limit -gt $left ] && limit=$left
  timeout -k 5 "$limit" bash -c '"$@"' part "$@" >"$out/$name.log" 2>&1 </dev/null
  local status=$?
  printf '%-24s status %3d, %3d s%s\n' "$name" $status $((SECONDS - start)) "$([ $status = 124 ] || [ $status = 137 ] && echo ', cut off')" | tee -a "$out/parts.txt"
  summary
}

# pair WORKLOAD SECONDS: steps of both, in both types.
pair() {
  local w=$1 limit=$2 half warm=15
  case $w in GPT2_*) warm=8 ;; esac
  [ -n "$small" ] && warm=1
  for half in $halves; do
    part "step-$w-$half" "$limit" mezzo bench step --workload "$w" --half "$half" --device cuda --data bundled --warm-up-steps $warm --steps 3 --seconds $seconds --max-seconds 15
    part "torch-$w-$half" "$limit" torch step --workload "$w" --precision $half --seconds $seconds --warm-up $warm $tiny
  done
}

rm -f "$out"/*.log "$out"/parity-*.json "$out/summary.md" "$out/results.json" # of an earlier run
: >"$out/parts.txt"
export MEZZO_REAL_CUDA=1 MEZZO_REQUIRE_BACKENDS=cuda
if [ -n "$small" ]; then
  seconds=0.3 steps=10 tiny=--tiny scale='--scale 64' most=17 names='TANH|gemm NN, m|sgd' workloads=W1 halves=bf16 peers='W4 W6 GPT2_1'
else
  seconds=2 steps=50 tiny='' scale='' most=300 names='.*' workloads='GPT2_1 GPT2_16 W1 W3 W2 W4 W5 W6 GPT2_64' halves='fp16 bf16' peers=''
fi
part machine 20 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv
part doctor 30 mezzo doctor --device cuda --data bundled
part conformance 90 suite $most "$names"
part bench-gpu 60 mezzo bench gpu --device cuda $scale
part torch-kernels 40 torch kernels $scale
for w in $workloads; do pair "$w" 60; done
for w in $peers; do part "torch-$w-bf16" 60 torch step --workload "$w" --precision bf16 --seconds $seconds --warm-up 1 $tiny; done
# The same steps on both devices: losses must agree.
for device in cpu cuda; do
  part "parity-$device" 40 mezzo train fashion-mnist --data bundled --device $device --max-steps $steps --seed 1 --json "$out/parity-$device.json"
done
part demo 40 mezzo demo --device cuda --data bundled --output "$out/demo"
if [ -z "$small" ]; then
  for w in GPT2_1 GPT2_16 W1 W3; do part "compiled-$w-fp16" 100 torch step --workload $w --precision fp16 --seconds $seconds --compile; done
fi
if command -v compute-sanitizer >/dev/null; then
  part memcheck 60 compute-sanitizer --target-processes all --tool memcheck bash -c 'suite 17'
  part racecheck 60 compute-sanitizer --target-processes all --tool racecheck bash -c 'suite 17'
fi
summary
cat "$out/summary.md" 2>/dev/null || cat "$out/parts.txt"
echo "$((SECONDS - begin)) seconds in all; results in $out"
