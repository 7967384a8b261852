/**
 * What every backend must do, as one table of kernel cases: each runs on each backend, for each
 * element type and awkward size, against a reference in double precision and an error bound that
 * docs/numerics.md derives.
 */
@NullMarked
package dev.mezzo.backend.conformance;

import org.jspecify.annotations.NullMarked;
