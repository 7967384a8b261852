package dev.mezzo.benchmarks.cli;

import picocli.CommandLine.Command;

/** Groups what measures. */
@Command(
    name = "bench",
    description = "Measures training steps and kernels",
    mixinStandardHelpOptions = true,
    subcommands = {BenchStep.class, BenchKernels.class})
final class Bench {}
