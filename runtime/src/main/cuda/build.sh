#!/bin/sh
# Compiles the CUDA kernels into the fatbin that the jar carries, and notes the hash of what it was compiled from.
#
#   build.sh         src/main/resources/META-INF/mezzo: mezzo.fatbin and its sources' hash; a commit of a kernel needs both
#   build.sh check   compiles for every architecture from 7.5 that nvcc knows, and says what each kernel uses
#   build.sh hash    prints the hash of the sources
#
# Needs nvcc 13 for the first two. Machine code is for one GPU of each generation, which the later ones of it run (8.0: 8.6 to
# 8.9 too); the PTX of 10.0 is for generations to come.
set -eu
cd "$(dirname "$0")"

generations="75 80 90 100 120"
ptx=100
flags="-std=c++17 -O3 -fmad=false -Wno-deprecated-gpu-targets"
out=../resources/META-INF/mezzo

sources() { LC_ALL=C ls ./*.cu ./*.cuh | LC_ALL=C sort; }
hash() { for f in $(sources); do sha256sum "${f#./}"; done | sha256sum | cut -d' ' -f1; }

case ${1:-build} in
  build)
    targets="-gencode arch=compute_$ptx,code=compute_$ptx"
    for a in $generations; do targets="$targets -gencode arch=compute_$a,code=sm_$a"; done
    mkdir -p $out
    # shellcheck disable=SC2086 # several flags
    nvcc $flags $targets --fatbin --compress-mode=size --threads 0 -o $out/mezzo.fatbin mezzo.cu
    hash >$out/mezzo.fatbin.sha256
    ls -l $out/mezzo.fatbin
    ;;
  check)
    for a in $(nvcc --list-gpu-code | grep '^sm_'); do
      echo "$a"
      # shellcheck disable=SC2086 # several flags
      nvcc $flags -arch="$a" -Xptxas -v --cubin -o /dev/null mezzo.cu 2>&1 |
        sed -n "s/.*Compiling entry function '\([^']*\)'.*/  \1/p; s/.*\(Used .*\)/    \1/p; s/.*\([0-9]* bytes stack frame.*spill.*\)/    \1/p; /error/p"
    done
    ;;
  hash) hash ;;
  *)
    echo "build.sh [check|hash]" >&2
    exit 2
    ;;
esac
