package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.ChannelNormKernels;
import dev.mezzo.backend.NormShape;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/** Batch and group norm: channels of all remainders, few pixels and many, several images. */
final class ChannelNormCases {

  private static final float EPSILON = 1e-5f;

  private static final NormShape[] SHAPES = {
    batch(40, 1),
    batch(37, 3),
    batch(300, 17),
    batch(1500, 32),
    batch(70, 64),
    batch(5, 1037),
    batch(3, 2500),
    batch(1, 5),
    batch(700, 130),
    new NormShape(3, 20, 6, 2, EPSILON),
    new NormShape(2, 49, 32, 32, EPSILON),
    new NormShape(4, 1, 48, 1, EPSILON),
    new NormShape(2, 700, 65, 5, EPSILON)
  };

  private ChannelNormCases() {}

  private static NormShape batch(int pixels, int channels) {
    return new NormShape(1, pixels, channels, channels, EPSILON);
  }

  static List<KernelCase> all() {
    int[] indices = new int[SHAPES.length];
    Arrays.setAll(indices, i -> i);
    return List.of(
        new KernelCase("norm's moments", same(1), indices, ChannelNormCases::moments),
        new KernelCase("norm", same(2), indices, ChannelNormCases::normalize),
        new KernelCase("norm's gradients", same(2), indices, ChannelNormCases::gradient),
        new KernelCase(
            "running statistics", same(1), new int[] {1, 3, 17, 64}, ChannelNormCases::follow));
  }

  private static int size(NormShape s) {
    return s.images() * s.pixels() * s.channels();
  }

  /** Far from 0, so that a variance made of squares would cancel. */
  private static Buffer shifted(Bench bench, DType dtype, int size) {
    return bench.values(
        dtype, bench.random().doubles(size, -3, 3).map(value -> value + 20).toArray());
  }

  private static void moments(Bench bench, int index, List<DType> types) {
    NormShape s = SHAPES[index];
    Buffer x = shifted(bench, types.get(0), size(s));
    int all = s.images() * s.groups();
    Buffer moments = bench.result(DType.FP32, 2 * all);
    bench.backend().channelNorms().moments(s, x.operand(), moments.operand());
    double[] expected = expectedMoments(s, x.get());
    double[] error = new double[expected.length];
    for (int i = 0; i < error.length; i++) {
      // Differences of up to 6 are summed in FP32 over some hundred numbers, then in FP64.
      error[i] = i < all ? 300 * U * 26 : 600 * U * 40 * expected[i] * cube(expected[i]);
    }
    bench.check(moments, expected, error);
  }

  private static double cube(double inverse) {
    return Math.max(1, inverse * inverse);
  }

  private static double[] expectedMoments(NormShape s, double[] x) {
    int all = s.images() * s.groups();
    double[] moments = new double[2 * all];
    for (int i = 0; i < x.length; i++) {
      moments[group(s, i)] += x[i] / s.count();
    }
    for (int i = 0; i < x.length; i++) {
      double away = x[i] - moments[group(s, i)];
      moments[all + group(s, i)] += away * away / s.count();
    }
    for (int g = all; g < 2 * all; g++) {
      moments[g] = 1 / Math.sqrt(moments[g] + s.epsilon());
    }
    return moments;
  }

  private static void normalize(Bench bench, int index, List<DType> types) {
    NormShape s = SHAPES[index];
    Buffer x = bench.operand(types.get(0), size(s));
    Buffer weight = bench.operand(types.get(1), s.channels());
    Buffer bias = bench.operand(types.get(1), s.channels());
    int all = s.images() * s.groups();
    Buffer moments = bench.values(DType.FP32, bench.random().doubles(2L * all, 0.5, 2).toArray());
    Buffer y = bench.result(types.get(1), size(s));
    bench
        .backend()
        .channelNorms()
        .normalize(
            s,
            x.operand(),
            moments.operand(),
            new ChannelNormKernels.Channels(weight.operand(), bias.operand(), null),
            y.operand());
    double[] expected = new double[y.size()];
    double[] error = new double[y.size()];
    double[] m = moments.get();
    double[] in = x.get();
    double[] w = weight.get();
    double[] b = bias.get();
    for (int i = 0; i < expected.length; i++) {
      int c = i % s.channels();
      double factor = m[all + group(s, i)] * w[c];
      expected[i] = (in[i] - m[group(s, i)]) * factor + b[c];
      double terms = (Math.abs(in[i]) + Math.abs(m[group(s, i)])) * Math.abs(factor);
      error[i] = 6 * U * (terms + Math.abs(b[c])) + TINY;
    }
    bench.check(y, expected, error);
  }

  private static void gradient(Bench bench, int index, List<DType> types) {
    NormShape s = SHAPES[index];
    Buffer x = bench.operand(types.get(0), size(s));
    Buffer dy = bench.operand(types.get(1), size(s));
    Buffer weight = bench.operand(types.get(1), s.channels());
    int all = s.images() * s.groups();
    double[] m = expectedMoments(s, x.get());
    Buffer moments = bench.values(DType.FP32, m);
    Buffer dx = bench.result(types.get(0), size(s));
    Buffer dWeight = bench.result(types.get(1), s.channels());
    Buffer dBias = bench.result(types.get(1), s.channels());
    bench
        .backend()
        .channelNorms()
        .gradient(
            s,
            dy.operand(),
            x.operand(),
            moments.operand(),
            weight.operand(),
            new ChannelNormKernels.Gradients(dx.operand(), dWeight.operand(), dBias.operand()));
    double[] in = x.get();
    double[] out = dy.get();
    double[] w = weight.get();
    double[] sumWeight = new double[s.channels()];
    double[] sumBias = new double[s.channels()];
    double[] ofWeight = new double[s.channels()];
    double[] ofBias = new double[s.channels()];
    double[] mean = new double[all];
    double[] product = new double[all];
    for (int i = 0; i < in.length; i++) {
      int c = i % s.channels();
      int g = group(s, i);
      double normal = (in[i] - m[g]) * m[all + g];
      sumWeight[c] += out[i] * normal;
      sumBias[c] += out[i];
      ofWeight[c] += 300 * U * Math.abs(out[i]) * (Math.abs(in[i]) + Math.abs(m[g])) * m[all + g];
      ofBias[c] += 300 * U * Math.abs(out[i]) + TINY;
      mean[g] += out[i] * w[c] / s.count();
      product[g] += out[i] * normal * w[c] / s.count();
    }
    bench.check(dWeight, sumWeight, ofWeight);
    bench.check(dBias, sumBias, ofBias);
    double[] expected = new double[in.length];
    double[] error = new double[in.length];
    for (int i = 0; i < in.length; i++) {
      int g = group(s, i);
      double normal = (in[i] - m[g]) * m[all + g];
      double inner = out[i] * w[i % s.channels()];
      expected[i] = m[all + g] * (inner - mean[g] - normal * product[g]);
      double greatest = 9 + 27 * (1 + Math.abs(normal));
      error[i] = 300 * U * m[all + g] * greatest;
    }
    bench.check(dx, expected, error);
  }

  private static void follow(Bench bench, int channels, List<DType> types) {
    NormShape s = batch(10, channels);
    double[] batch = bench.random().doubles(2L * channels, 0.5, 2).toArray();
    double[] spoilt = {Double.NaN, Double.POSITIVE_INFINITY, 0};
    for (int i = 0; i < Math.min(3, channels - 1); i++) {
      batch[i == 2 ? channels : i] = spoilt[i]; // an infinite variance is an inverse of 0
    }
    Buffer moments = bench.values(DType.FP32, batch);
    Buffer mean = bench.result(DType.FP32, channels);
    Buffer variance = bench.result(DType.FP32, channels);
    double[] before = bench.random().doubles(channels, 0.5, 2).toArray();
    mean.set(before);
    variance.set(before);
    bench
        .backend()
        .channelNorms()
        .follow(s, moments.operand(), 0.25f, mean.operand(), variance.operand());
    double[] m = moments.get();
    double[] expectedMean = new double[channels];
    double[] expectedVariance = new double[channels];
    double[] error = new double[channels];
    for (int c = 0; c < channels; c++) {
      double old = Rounding.nearest(before[c], DType.FP32);
      double unbiased = (1 / (m[channels + c] * m[channels + c]) - s.epsilon()) * 10 / 9;
      boolean finite = Double.isFinite(m[c]) && Double.isFinite(unbiased);
      expectedMean[c] = finite ? old + 0.25 * (m[c] - old) : old;
      expectedVariance[c] = finite ? old + 0.25 * (unbiased - old) : old;
      error[c] = finite ? 8 * U * 4 : 0;
    }
    bench.check(mean, expectedMean, error);
    bench.check(variance, expectedVariance, error);
  }

  private static int group(NormShape s, int i) {
    int image = i / (s.pixels() * s.channels());
    int channel = i % s.channels();
    return image * s.groups() + channel / (s.channels() / s.groups());
  }
}
