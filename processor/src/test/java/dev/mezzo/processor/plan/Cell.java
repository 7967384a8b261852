package dev.mezzo.processor.plan;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.annotations.MixedForm.Precision;
import org.jspecify.annotations.Nullable;

/** A tensor of one number, with owners counted as the runtime counts them. */
final class Cell {
  final double value;
  final Precision precision;
  private int owners = 1;

  Cell(double value, Precision precision) {
    this.value = value;
    this.precision = precision;
  }

  /** The tensor, which must be one and open. */
  static Cell alive(@Nullable Object cell) {
    assertNotNull(cell, "a tensor that is null");
    assertTrue(((Cell) cell).owners > 0, "use after close");
    return (Cell) cell;
  }

  Cell retain() {
    alive(this).owners++;
    return this;
  }

  void close() {
    alive(this).owners--;
  }

  boolean isOpen() {
    return owners > 0;
  }

  /** What a layout says that a plan depends on. */
  record Layout(Precision precision) {}
}
