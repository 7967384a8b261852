/** The command line {@code mezzo}, and its subcommands that measure. */
@NullMarked
package dev.mezzo.benchmarks.cli;

import org.jspecify.annotations.NullMarked;
