package dev.mezzo.benchmarks.cli;

import dev.mezzo.examples.cli.Version;
import picocli.CommandLine.Command;

/** Groups what measures. */
@Command(
    name = "bench",
    description = "Measures training steps, kernels and the compiler",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      BenchStep.class,
      BenchKernels.class,
      BenchJmh.class,
      BenchProcessor.class,
      BenchReplay.class,
      BenchGpu.class
    })
final class Bench {}
