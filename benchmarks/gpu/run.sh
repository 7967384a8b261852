#!/bin/bash
# On the machine with the GPU, in the folder that benchmarks/gpu.sh packed: everything that there is to know about this GPU, in
# under ten minutes. Needs the driver, CUDA's libraries (or those that PyTorch brought) and, for the comparison, python3 with torch.
#
#   run.sh [OUT]    results in OUT (default ./results): a log and JSON lines of each part, and summary.md
#
# MEZZO_GPU_TRY=1 makes all small, to try the script itself on a fake driver.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-results}" && cd "${1:-results}" && pwd)
python=${MEZZO_GPU_PYTHON:-python3}
small=${MEZZO_GPU_TRY:-}
begin=$SECONDS

# Where Python's packages keep CUDA's libraries, if nothing else names them.
if [ -z "${MEZZO_CUDA_PATH:-}" ]; then
  site=$("$python" -c 'import nvidia, os; print(os.path.dirname(list(nvidia.__path__)[0]))' 2>/dev/null)
  [ -n "$site" ] && export MEZZO_CUDA_PATH=$site
fi

java="$here/java/bin/java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED"
mezzo() { $java ${MEZZO_JAVA_OPTS:-} -cp "$here/lib/*" dev.mezzo.benchmarks.cli.Mezzo "$@"; }
suite() { $java ${MEZZO_JAVA_OPTS:-} -cp "$here/test-classes:$here/lib/*:$here/test-lib/*" dev.mezzo.backend.conformance.ConformanceRun "$@"; }

# part NAME SECONDS COMMAND...: its output is NAME.log; what fails does not stop the rest.
part() {
  local name=$1 limit=$2 start=$SECONDS
  shift 2
  export -f mezzo suite
  export java here MEZZO_JAVA_OPTS
  timeout "$limit" bash -c '"$@"' part "$@" >"$out/$name.log" 2>&1
  local status=$?
  printf '%-24s status %3d, %3d s\n' "$name" $status $((SECONDS - start)) | tee -a "$out/parts.txt"
}

: >"$out/parts.txt"
export MEZZO_REAL_CUDA=1 MEZZO_REQUIRE_BACKENDS=cuda
part machine 20 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv
part doctor 30 mezzo doctor --device cuda --data bundled
if [ -n "$small" ]; then
  part conformance 120 suite 17 'TANH|gemm NN, m|sgd'
  part bench-gpu 60 mezzo bench gpu --device cuda --scale 64
else
  part conformance 150 suite
  part bench-gpu 60 mezzo bench gpu --device cuda
fi
seconds=$([ -n "$small" ] && echo 0.5 || echo 3)
workloads=$([ -n "$small" ] && echo W1 || echo W1 W2 W3 W4 W5 W6)
for w in $workloads; do
  for half in fp16 bf16; do
    part "step-$w-$half" 40 mezzo bench step --workload "$w" --half "$half" --device cuda --data bundled --warm-up-steps 15 --steps 3 --seconds "$seconds" --max-seconds 20
  done
done
part torch-kernels 60 "$python" "$here/torch_gpu.py" kernels $([ -n "$small" ] && echo --scale 64) ${MEZZO_GPU_TORCH:-}
for w in $([ -n "$small" ] && echo W1 || echo W1 W2 W3 W5); do
  part "torch-$w" 40 "$python" "$here/torch_gpu.py" step --workload $w --precision fp16 --seconds "$seconds" ${MEZZO_GPU_TORCH:-}
  part "torch-$w-bf16" 40 "$python" "$here/torch_gpu.py" step --workload $w --precision bf16 --seconds "$seconds" ${MEZZO_GPU_TORCH:-}
done
# The same steps on both devices: losses must agree.
steps=$([ -n "$small" ] && echo 10 || echo 50)
for device in cpu cuda; do
  part "parity-$device" 60 mezzo train fashion-mnist --data bundled --device $device --max-steps $steps --seed 1 --json "$out/parity-$device.json"
done
part demo 90 mezzo demo --device cuda --data bundled --output "$out/demo"
if command -v compute-sanitizer >/dev/null; then
  part memcheck 100 compute-sanitizer --target-processes all --tool memcheck bash -c 'suite 17'
  part racecheck 100 compute-sanitizer --target-processes all --tool racecheck bash -c 'suite 17'
fi
"$python" "$here/summary.py" "$out" | tee "$out/summary.md"
echo "$((SECONDS - begin)) seconds in all; results in $out"
