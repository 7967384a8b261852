#!/bin/bash
# Packs all that a bare machine with a GPU needs to test and measure Mezzo: a small Java runtime, the classes with the fatbin,
# the conformance suite, and the scripts beside PyTorch's. Then, on that machine: run.sh.
#
#   benchmarks/gpu.sh [FOLDER]    default target/gpu
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-target/gpu}
jdk=${MEZZO_JAVA_HOME:-${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}}

./mvnw -B -ntp -q -DskipTests -pl benchmarks -am package
./mvnw -B -ntp -q -pl runtime dependency:copy-dependencies -DincludeScope=test -DoutputDirectory="$PWD/runtime/target/test-lib"
rm -rf "$folder"
mkdir -p "$folder"
"$jdk/bin/jlink" --output "$folder/java" --compress zip-0 --strip-debug --no-header-files --no-man-pages --add-modules \
  java.base,java.desktop,java.logging,java.management,java.xml,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported
cp -r benchmarks/target/lib "$folder/lib"
cp -r runtime/target/test-classes "$folder/test-classes"
cp -r runtime/target/test-lib "$folder/test-lib"
cp benchmarks/gpu/* "$folder"
du -sh "$folder"
echo "on the machine with the GPU: $folder/run.sh"
