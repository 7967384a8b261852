package dev.mezzo.benchmarks.cli;

import picocli.CommandLine.Command;

/** Groups what measures. */
@Command(
    name = "bench",
    description = "Measures training steps, kernels and the compiler",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchStep.class,
      BenchKernels.class,
      BenchJmh.class,
      BenchProcessor.class,
      BenchReplay.class,
      BenchGpu.class
    })
final class Bench {}
