/**
 * The subcommands that run an example. The command line itself is in {@code
 * dev.mezzo.benchmarks.cli}, which sees these and the benchmarks.
 */
@NullMarked
package dev.mezzo.examples.cli;

import org.jspecify.annotations.NullMarked;
