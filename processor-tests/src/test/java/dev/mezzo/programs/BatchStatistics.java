package dev.mezzo.programs;

/** What batch norm knows of the columns of a batch. */
record BatchStatistics(Matrix mean, Matrix variance) {
  static final float MOMENTUM = 0.25f;
  static final float EPSILON = 0.01f;

  static BatchStatistics of(Matrix x) {
    Matrix mean = mean(x);
    return new BatchStatistics(mean, mean(x.zip(mean, (v, m) -> (v - m) * (v - m))));
  }

  private static Matrix mean(Matrix x) {
    return x.sum(0).map(v -> v / x.rows());
  }

  Matrix normalize(Matrix x) {
    return x.zip(mean, (v, m) -> v - m)
        .zip(variance, (v, variance) -> v / Math.sqrt(variance + EPSILON));
  }

  /** These running ones, moved towards a batch's; a running variance is unbiased. */
  BatchStatistics towards(BatchStatistics batch, int rows) {
    double unbiased = rows / (rows - 1.0);
    return new BatchStatistics(
        mean.zip(batch.mean, (old, now) -> old + MOMENTUM * (now - old)),
        variance.zip(batch.variance, (old, now) -> old + MOMENTUM * (now * unbiased - old)));
  }
}
