package dev.mezzo;

import dev.mezzo.backend.FusedProgram;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An element-wise expression of several operations in one pass: operands are read once, the result
 * is written once, all between is FP32 in the processor's caches. The compiler writes them, as
 * {@code Fused.of("(gate, up) -> silu(gate) * up")}, and calls them as {@code ACTIVATED.on(gate,
 * up).as(half)}.
 *
 * <p>A formula has operands and, behind a semicolon, numbers: {@code "(x, y; factor) -> x * factor
 * + y"}. It is made of {@code + - * /}, parentheses, numbers, and the names of element-wise
 * operations, {@code relu(x)}, with their numbers behind the operand, {@code clamp(x, 0, 6)}; of
 * {@code maximum} and {@code minimum}; and of gradients, {@code reluGradient(dy, y)}, which read
 * what the operation's own gradient reads. Several results stand side by side, with commas between.
 *
 * <p>Shapes: operands are repeated to fit, as in {@link Ops#add}. Precision: each operation's
 * result is rounded to FP32, the last one to the result's type; without 16 bits the bits are those
 * of the operations one by one. Special values as theirs.
 */
public final class Fused {

  private final String formula;
  private final FusedProgram program;
  private final int numbers;

  /** What stores some of the results alone, or adds to sums: backends know programs by identity. */
  private final Map<List<List<Integer>>, FusedProgram> programs = new ConcurrentHashMap<>();

  /** With the numbers of the last call, which mostly are those of the next. */
  private volatile @Nullable Bound last;

  private record Bound(float[] numbers, Fused fused) {}

  private Fused(String formula, FusedProgram program, int numbers) {
    this.formula = formula;
    this.program = program;
    this.numbers = numbers;
  }

  /**
   * Reads a formula.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Fused of(String formula) {
    FusedFormula.Parsed parsed = FusedFormula.parse(formula);
    return new Fused(formula, parsed.program(), parsed.numbers());
  }

  /** The same with its numbers, in order. */
  public Fused with(float... given) {
    if (given.length != numbers) {
      throw new IllegalArgumentException(
          "%s takes %d numbers, not %d".formatted(formula, numbers, given.length));
    }
    Bound known = last;
    if (known == null || !Arrays.equals(known.numbers(), given)) {
      FusedProgram bound = FusedFormula.parse(formula, given).program();
      known = new Bound(given.clone(), new Fused(formula, bound, 0));
      last = known;
    }
    return known.fused();
  }

  /**
   * On these operands, which are borrowed.
   *
   * @throws IllegalArgumentException if they are not as many as the formula's
   */
  public Call on(Tensor... operands) {
    if (operands.length != program.operands() || numbers > 0) {
      throw new IllegalArgumentException(
          "%s takes %d operands and %d numbers, not %d operands"
              .formatted(formula, program.operands(), numbers, operands.length));
    }
    return new Call(List.of(operands));
  }

  /**
   * What is done to an operation's result before it is rounded: this expression, whose first
   * operand the result is, the others being given, and borrowed.
   *
   * @throws IllegalArgumentException if they are not as many as the formula's without the first
   */
  public Finish finish(Tensor... others) {
    if (others.length + 1 != program.operands() || numbers > 0) {
      throw new IllegalArgumentException(
          "%s takes %d operands besides the result and %d numbers, not %d operands"
              .formatted(formula, program.operands() - 1, numbers, others.length));
    }
    if (others.length > 0) {
      Checks.isFloat(formula, others);
    }
    return new Finish(this, program, List.of(others));
  }

  /** As written. */
  @Override
  public String toString() {
    return formula;
  }

  /** The expression with operands, yet to be computed. */
  public final class Call {

    private final List<Tensor> operands;
    private final Shape shape;
    private final List<Tensor> givenUp = new ArrayList<>();
    private List<GradientSum> sums = List.of();

    private Call(List<Tensor> operands) {
      Checks.isFloat(formula, operands.toArray(Tensor[]::new));
      Shape all = operands.getFirst().shape();
      for (Tensor operand : operands) {
        Checks.sameDevice(formula, operands.getFirst(), operand);
        all = Broadcasting.shape(formula, all, operand.shape());
      }
      this.operands = operands;
      this.shape = all;
    }

    /**
     * Gives up some of the operands: a result of the same shape and type is computed in the memory
     * of one that nobody else holds; all of them are closed.
     */
    public Call reusing(Tensor... dead) {
      givenUp.addAll(List.of(dead));
      return this;
    }

    /**
     * Adds gradients to those before them, one for each result: in their memory, before the
     * rounding, where nobody else holds it. They are given up, what comes instead are the sums.
     */
    public Call adding(GradientSum... before) {
      sums = List.of(before);
      return this;
    }

    /** The result, in that type. */
    public Tensor as(DType dtype) {
      Tensor result = memory(dtype);
      compute(program, operands, List.of(result));
      givenUp.forEach(Tensor::close);
      return result;
    }

    /**
     * The result, a gradient: in the shape and type of the operand that it belongs to. Where that
     * was repeated, the terms are summed in FP32 before the rounding.
     */
    public Tensor gradient(Layout operand) {
      Tensor gradient = gradients(operand)[0];
      if (gradient == null) {
        throw new IllegalArgumentException(formula + " has several results");
      }
      return gradient;
    }

    /**
     * The results, gradients as {@link #gradient}'s; null, and not computed, for a null. Equal
     * gradients share their memory.
     */
    public @Nullable Tensor[] gradients(@Nullable Layout... wanted) {
      List<Stored> stored = new ArrayList<>();
      int[] places = new int[wanted.length];
      for (int k = 0; k < wanted.length; k++) {
        Layout layout = wanted[k];
        int value = program.results().get(k);
        if (layout != null && value >= program.operands()) {
          places[k] = place(stored(value, k, layout), stored);
        }
      }
      List<Tensor> terms = computed(stored);
      @Nullable Tensor[] gradients = new Tensor[wanted.length];
      for (int k = 0; k < wanted.length; k++) {
        Layout layout = wanted[k];
        int value = program.results().get(k);
        if (layout != null) {
          boolean operand = value < program.operands();
          Tensor of = operand ? operands.get(value) : terms.get(places[k]);
          boolean isSum = !operand && stored.get(places[k]).sum() != null;
          gradients[k] = isSum ? of.retain() : Reductions.unbroadcast(sum(k), of, layout, 1);
        }
      }
      terms.forEach(Tensor::close);
      givenUp.forEach(Tensor::close);
      return gradients;
    }

    /** Where it is stored: those of one value that are added to nothing are one tensor. */
    private static int place(Stored one, List<Stored> all) {
      for (int i = 0; i < all.size(); i++) {
        Stored other = all.get(i);
        if (other.value() == one.value() && other.sum() == null && one.sum() == null) {
          all.set(i, other.dtype() == DType.FP32 ? one : other);
          return i;
        }
      }
      all.add(one);
      return all.size() - 1;
    }

    private GradientSum sum(int result) {
      return sums.isEmpty() ? GradientSum.none() : sums.get(result);
    }

    /** How the terms of a gradient are: those of an operand that was not repeated are its own. */
    private Stored stored(int value, int result, Layout layout) {
      boolean whole = layout.shape().equals(shape);
      Layout terms = new Layout(shape, whole ? layout.dtype() : DType.FP32, false);
      return new Stored(value, terms.dtype(), whole ? sum(result).memoryFor(terms) : null);
    }

    /** Computes values, into memory of their own or added to sums. */
    private List<Tensor> computed(List<Stored> stored) {
      List<Tensor> results = new ArrayList<>();
      List<Tensor> read = new ArrayList<>(operands);
      List<Integer> added = new ArrayList<>();
      for (Stored each : stored) {
        if (each.sum() != null) {
          added.add(results.size());
          read.add(each.sum());
        }
        results.add(each.sum() == null ? memory(each.dtype()) : each.sum());
      }
      if (!stored.isEmpty()) {
        compute(storing(stored.stream().map(Stored::value).toList(), added), read, results);
      }
      return results;
    }

    private void compute(FusedProgram computed, List<Tensor> tensors, List<Tensor> results) {
      if (shape.size() == 0) {
        return;
      }
      List<Tensor> read = tensors.stream().map(Tensor::contiguous).toList();
      operands
          .getFirst()
          .device()
          .backend()
          .fused()
          .run(
              computed,
              read.stream().map(Tensor::operand).toList(),
              results.stream().map(Tensor::operand).toList(),
              Broadcasting.plan(shape, read.stream().map(Tensor::shape).toArray(Shape[]::new)));
      read.forEach(Tensor::close);
    }

    /** That of an operand that is given up, if there is one that fits; else of its own. */
    private Tensor memory(DType dtype) {
      Layout layout = new Layout(shape, dtype, false);
      for (Tensor dead : givenUp) {
        if (dead.layout().equals(layout) && dead.exclusive() && !isResult(dead)) {
          givenUp.remove(dead);
          return dead;
        }
      }
      return Tensor.allocate(operands.getFirst().device(), shape, dtype);
    }

    /** Whether a result is the operand itself. */
    private boolean isResult(Tensor operand) {
      return program.results().contains(operands.indexOf(operand));
    }
  }

  /** The program that stores these values, some of them added to an operand more each. */
  private FusedProgram storing(List<Integer> values, List<Integer> added) {
    return programs.computeIfAbsent(
        List.of(values, added), key -> program.only(values).adding(added));
  }

  /**
   * How a value is stored that gradients are made of.
   *
   * @param sum what it is added to, in its memory; null for nothing
   */
  private record Stored(int value, DType dtype, @Nullable Tensor sum) {}
}
