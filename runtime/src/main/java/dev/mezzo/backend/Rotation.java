package dev.mezzo.backend;

/**
 * A rotary embedding of x (batch, time, heads·dim): in each of the first {@code rotated} heads,
 * elements i and i + dim/2 of position t turn by the angle {@code (first + t)·base^(−2i/dim)}; the
 * other heads stay as they are.
 *
 * @param dim even
 * @param first position of the first time step
 * @param back whether they turn back, as gradients do
 */
public record Rotation(
    int batch, int time, int heads, int rotated, int dim, int first, float base, boolean back) {

  /** Radians that pair {@code i} turns from one position to the next. */
  public double step(int i) {
    double angle = Math.pow(base, -2.0 * i / dim);
    return back ? -angle : angle;
  }
}
