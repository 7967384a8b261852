package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels.Saved;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.ChannelNormKernels.Channels;
import dev.mezzo.backend.ChannelNormKernels.Gradients;
import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.NormShape;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PoolingShape;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.RecurrentKernels.Results;
import dev.mezzo.backend.RecurrentKernels.Weights;
import dev.mezzo.backend.Resampling;
import dev.mezzo.backend.Rotation;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The kernels of whole layers, forward and backward, in FP16: convolutions, norms, attention,
 * recurrences, poolings. Floating-point operations are the definition's, so that Winograd's
 * algorithm may exceed the limit.
 */
final class ModelCases {

  private static final DType HALF = DType.FP16;

  private final Backend backend;
  private final Operands operands;
  private final List<KernelCase> cases = new ArrayList<>();

  private ModelCases(Backend backend) {
    this.backend = backend;
    this.operands = new Operands(backend);
  }

  static List<KernelCase> all(Backend backend) {
    ModelCases all = new ModelCases(backend);
    Convolution same = Convolution.of().withPadding(1);
    all.convolution("", new ConvolutionShape(16, 28, 28, 32, 64, 3, 3, same));
    all.convolution("", new ConvolutionShape(16, 14, 14, 128, 128, 3, 3, same));
    all.convolution(
        ", stride 2", new ConvolutionShape(16, 28, 28, 64, 128, 3, 3, same.withStride(2)));
    all.convolution(
        ", depthwise", new ConvolutionShape(16, 28, 28, 64, 64, 3, 3, same.withGroups(64)));
    all.convolution(
        ", 4 groups", new ConvolutionShape(16, 28, 28, 64, 64, 3, 3, same.withGroups(4)));
    all.convolution(
        ", 32 groups", new ConvolutionShape(16, 28, 28, 64, 64, 3, 3, same.withGroups(32)));
    all.convolution(", RGB", new ConvolutionShape(16, 64, 64, 3, 64, 3, 3, same));
    all.convolution(
        ", stride 4",
        new ConvolutionShape(
            4, 224, 224, 3, 64, 11, 11, Convolution.of().withPadding(2).withStride(4)));
    all.convolution("", new ConvolutionShape(1, 37, 53, 40, 24, 3, 3, same));
    all.convolution("", new ConvolutionShape(16, 28, 28, 64, 96, 5, 5, same.withPadding(2)));
    all.images();
    all.rowNorm("layer norm", 4096, 512, true);
    all.rowNorm("layer norm", 1000, 1001, true);
    all.rowNorm("layer norm", 20_000, 50, true);
    all.rowNorm("rms norm", 4096, 512, false);
    all.channelNorm();
    all.attention(2, 8, 512, 64, true);
    all.attention(2, 8, 512, 64, false);
    all.attention(1, 8, 4096, 64, true);
    all.attention(3, 4, 77, 40, false);
    all.rotary();
    all.recurrence(Cell.LSTM, 64, 32, 256);
    all.recurrence(Cell.LSTM, 500, 1, 200);
    all.recurrence(Cell.LSTM, 50, 7, 100);
    all.recurrence(Cell.GRU, 64, 32, 256);
    all.recurrence(Cell.TANH, 64, 32, 256);
    return all.cases;
  }

  private void convolution(String kind, ConvolutionShape s) {
    String shape =
        "%dx%dx%d %d-%d"
            .formatted(s.batch(), s.height(), s.width(), s.inChannels(), s.outChannels());
    double flop = 2.0 * s.multiplyAdds();
    String name = "conv" + s.kernelHeight() + "x" + s.kernelWidth() + kind;
    arithmetic(
        name,
        shape,
        flop,
        () -> {
          Operand x = operands.random(HALF, s.xSize());
          Operand weight = operands.random(HALF, s.weightSize());
          Operand y = operands.filled(HALF, s.ySize(), 0);
          return () -> backend.convolutions().forward(s, x, weight, y, Epilogue.NONE);
        });
    arithmetic(
        name + ", dx",
        shape,
        flop,
        () -> {
          Operand dy = operands.random(HALF, s.ySize());
          Operand weight = operands.random(HALF, s.weightSize());
          Operand dx = operands.filled(HALF, s.xSize(), 0);
          return () -> backend.convolutions().gradientX(s, dy, weight, dx, Epilogue.NONE);
        });
    arithmetic(
        name + ", dw",
        shape,
        flop,
        () -> {
          Operand dy = operands.random(HALF, s.ySize());
          Operand x = operands.random(HALF, s.xSize());
          Operand dWeight = operands.filled(HALF, s.weightSize(), 0);
          return () -> backend.convolutions().gradientWeight(s, dy, x, dWeight);
        });
  }

  private void images() {
    PoolingShape pool = new PoolingShape(16, 28, 28, 64, Pooling.of(2));
    long in = 16L * 28 * 28 * 64;
    memory(
        "max pool",
        "16x28x28 64",
        2 * (in + in / 4),
        () -> {
          Operand x = operands.random(HALF, in);
          Operand y = operands.filled(HALF, in / 4, 0);
          return () -> backend.poolings().max(pool, x, y);
        });
    memory(
        "max pool, dx",
        "16x28x28 64",
        2 * (2 * in + in / 4),
        () -> {
          Operand x = operands.random(HALF, in);
          Operand dy = operands.random(HALF, in / 4);
          Operand dx = operands.filled(HALF, in, 0);
          return () -> backend.poolings().maxGradient(pool, dy, x, dx);
        });
    Resampling twice = new Resampling(16, 28, 28, 64, 56, 56, Resampling.Mode.BILINEAR);
    memory(
        "upsample",
        "16x28x28 64",
        2 * (in + 4 * in),
        () -> {
          Operand x = operands.random(HALF, in);
          Operand y = operands.filled(HALF, 4 * in, 0);
          return () -> backend.resampling().forward(twice, x, y);
        });
  }

  private void rowNorm(String name, int rows, int cols, boolean centered) {
    RowNorm norm = new RowNorm(rows, cols, 1e-5f, centered);
    long elements = (long) rows * cols;
    memory(
        name,
        rows + "x" + cols,
        4 * elements,
        () -> {
          Operand x = operands.random(HALF, elements);
          Operand weight = operands.random(HALF, cols);
          Operand y = operands.filled(HALF, elements, 0);
          Operand bias = centered ? operands.random(HALF, cols) : null;
          return () -> backend.rowNorms().forward(norm, x, weight, bias, y);
        });
    memory(
        name + ", gradient",
        rows + "x" + cols,
        6 * elements,
        () -> {
          Operand dy = operands.random(HALF, elements);
          Operand x = operands.random(HALF, elements);
          Operand weight = operands.random(HALF, cols);
          RowNormGradients to =
              new RowNormGradients(
                  operands.filled(HALF, elements, 0),
                  operands.filled(HALF, cols, 0),
                  centered ? operands.filled(HALF, cols, 0) : null);
          return () -> backend.rowNorms().gradient(norm, dy, x, weight, to);
        });
  }

  private void channelNorm() {
    NormShape shape = new NormShape(1, 16 * 28 * 28, 64, 64, 1e-5f);
    long elements = 16L * 28 * 28 * 64;
    memory(
        "batch norm",
        "16x28x28 64",
        6 * elements,
        () -> {
          Operand x = operands.random(HALF, elements);
          Operand moments = operands.filled(DType.FP32, 2 * 64, 1);
          Operand weight = operands.random(HALF, 64);
          Operand y = operands.filled(HALF, elements, 0);
          return () -> {
            backend.channelNorms().moments(shape, x, moments);
            backend
                .channelNorms()
                .normalize(shape, x, moments, new Channels(weight, weight, null), y);
          };
        });
    memory(
        "batch norm, gradient",
        "16x28x28 64",
        10 * elements,
        () -> {
          Operand x = operands.random(HALF, elements);
          Operand dy = operands.random(HALF, elements);
          Operand moments = operands.filled(DType.FP32, 2 * 64, 1);
          Operand weight = operands.random(HALF, 64);
          Gradients to =
              new Gradients(
                  operands.filled(HALF, elements, 0),
                  operands.filled(HALF, 64, 0),
                  operands.filled(HALF, 64, 0));
          return () -> backend.channelNorms().gradient(shape, dy, x, moments, weight, to);
        });
  }

  private void attention(int batch, int heads, int time, int dim, boolean causal) {
    AttentionShape s =
        new AttentionShape(
            batch, heads, heads, time, time, dim, (float) (1 / Math.sqrt(dim)), causal);
    String shape = "%dx%d %d heads of %d".formatted(batch, time, heads, dim);
    double pairs = (double) batch * heads * time * (causal ? (time + 1) / 2.0 : time);
    String name = causal ? "attention, causal" : "attention";
    arithmetic(
        name,
        shape,
        4 * pairs * dim,
        () -> {
          Attention attention = new Attention(s, heads(s), heads(s), heads(s), null);
          Operand sums = operands.filled(DType.FP32, (long) batch * heads * time, 0);
          Heads y = heads(s);
          return () -> backend.attention().forward(attention, y, sums);
        });
    arithmetic(
        name + ", gradient",
        shape,
        10 * pairs * dim,
        () -> {
          Attention attention = new Attention(s, heads(s), heads(s), heads(s), null);
          Operand sums = operands.filled(DType.FP32, (long) batch * heads * time, 0);
          Heads y = heads(s);
          backend.attention().forward(attention, y, sums);
          Saved saved = new Saved(heads(s), y, sums);
          Heads dq = heads(s);
          Heads dk = heads(s);
          Heads dv = heads(s);
          return () -> backend.attention().gradient(attention, saved, dq, dk, dv);
        });
  }

  private Heads heads(AttentionShape s) {
    int stride = s.heads() * s.headDim();
    return new Heads(operands.random(HALF, (long) s.batch() * s.queries() * stride), 0, stride);
  }

  private void rotary() {
    Rotation r = new Rotation(2, 512, 24, 16, 64, 0, 10_000, false);
    long elements = 2L * 512 * 24 * 64;
    memory(
        "rotary",
        "2x512 24 heads of 64",
        4 * elements,
        () -> {
          Operand x = operands.random(HALF, elements);
          Operand y = operands.filled(HALF, elements, 0);
          return () -> backend.embeddings().rotate(r, x, y);
        });
  }

  private void recurrence(Cell cell, int time, int batch, int hidden) {
    Recurrence r = new Recurrence(cell, time, batch, hidden, 1, null);
    String name = cell.name().toLowerCase(Locale.ROOT);
    String shape = "%dx%d %d".formatted(time, batch, hidden);
    double flop = 2.0 * time * batch * cell.gates() * hidden * hidden;
    long steps = (long) time * batch;
    arithmetic(
        name,
        shape,
        flop,
        () -> {
          Operand gates = operands.random(HALF, steps * r.gateStride());
          Operand y = operands.filled(HALF, steps * r.stride(), 0);
          Operand saved = operands.filled(HALF, steps * r.savedStride(), 0);
          Weights weights = weights(r);
          return () -> backend.recurrences().forward(r, gates, weights, y, saved);
        });
    arithmetic(
        name + ", gradient",
        shape,
        2 * flop,
        () -> {
          Results results =
              new Results(
                  operands.random(HALF, steps * r.stride()),
                  operands.random(HALF, steps * r.stride()),
                  operands.random(HALF, steps * r.savedStride()));
          Operand dGates = operands.filled(HALF, steps * r.gateStride(), 0);
          Weights weights = weights(r);
          Weights dWeights = weights(r);
          return () -> backend.recurrences().gradient(r, weights, results, dGates, dWeights);
        });
  }

  private Weights weights(Recurrence r) {
    long size = (long) r.gateStride() * r.hidden();
    Operand weight = operands.random(HALF, size);
    backend.scale(weight, 0.05f, weight);
    return new Weights(weight, operands.random(HALF, r.stride()));
  }

  private void arithmetic(String kernel, String shape, double flop, Supplier<Runnable> prepare) {
    cases.add(new KernelCase(kernel, shape, "FP16", flop, 0, prepare));
  }

  private void memory(String kernel, String shape, long bytes, Supplier<Runnable> prepare) {
    cases.add(new KernelCase(kernel, shape, "FP16", 0, bytes, prepare));
  }
}
