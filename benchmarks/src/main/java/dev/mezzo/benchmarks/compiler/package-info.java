/** What the annotation processor costs: layers to compile, and javac with and without it. */
@NullMarked
package dev.mezzo.benchmarks.compiler;

import org.jspecify.annotations.NullMarked;
