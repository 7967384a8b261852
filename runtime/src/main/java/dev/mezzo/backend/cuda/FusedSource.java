package dev.mezzo.backend.cuda;

import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Unary;

/**
 * A {@link FusedForm} as CUDA C++, to stand behind {@code functions.cuh}, as in
 *
 * <pre>{@code
 * KERNEL(expression, void* x0, void* x1, void* y0, Index n, const __grid_constant__ Walk<2> walk) {
 *   Array a0 = {x0, FP16, 0}, a1 = {x1, FP32, 0}, r0 = {y0, FP16, 0};
 *   for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
 *     Eight v0 = load(a0, i, n);
 *     Eight v1 = loadBroadcast(a1, int(walk.rank), walk.dims, walk.strides + 1, i, n);
 *     Eight v2;
 *     for (int k = 0; k < WIDTH; k++) v2.v[k] = binaryValue(Binary::ADD, v0.v[k], v1.v[k]);
 *     store(r0, i, n, v2);
 *   }
 * }
 * }</pre>
 */
final class FusedSource {

  static final String KERNEL = "expression";

  private final StringBuilder text = new StringBuilder();

  private FusedSource() {}

  static String of(FusedForm form) {
    FusedSource source = new FusedSource();
    FusedProgram program = form.program();
    source.head(form);
    for (int k = 0; k < program.operands(); k++) {
      source.load(k, form.readings().get(k));
    }
    for (int i = 0; i < program.operations().size(); i++) {
      source.operation(program.operands() + i, program.operations().get(i));
    }
    for (int k = 0; k < program.results().size(); k++) {
      source.line("    store(r%d, i, n, v%d);", k, program.results().get(k));
    }
    source.line("  }");
    source.line("}");
    return source.text.toString();
  }

  private void head(FusedForm form) {
    StringBuilder parameters = new StringBuilder();
    StringBuilder arrays = new StringBuilder();
    for (int k = 0; k < form.operands().size(); k++) {
      parameters.append("void* x%d, ".formatted(k));
      arrays.append("  Array a%d = {x%d, %s, 0};\n".formatted(k, k, form.operands().get(k)));
    }
    for (int k = 0; k < form.results().size(); k++) {
      parameters.append("void* y%d, ".formatted(k));
      arrays.append("  Array r%d = {y%d, %s, 0};\n".formatted(k, k, form.results().get(k)));
    }
    line(
        "KERNEL(%s, %sIndex n, const __grid_constant__ Walk<%d> walk) {",
        KERNEL, parameters, form.walked());
    text.append(arrays);
    line("  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {");
  }

  private void load(int k, FusedForm.Reading reading) {
    switch (reading) {
      case PLAIN -> line("    Eight v%d = load(a%d, i, n);", k, k);
      case REPEATED -> {
        line("    float s%d = get(a%d, 0);", k, k);
        line("    Eight v%d = {%s};", k, "s" + k + (", s" + k).repeat(Kernels.WIDTH - 1));
      }
      case BROADCAST ->
          line(
              "    Eight v%d = loadBroadcast(a%d, int(walk.rank), walk.dims, walk.strides + %d, i, n);",
              k, k, k);
    }
  }

  private void operation(int value, FusedProgram.Operation operation) {
    line("    Eight v%d;", value);
    line("#pragma unroll");
    line("    for (int k = 0; k < WIDTH; k++) v%d.v[k] = %s;", value, expression(operation));
  }

  private static String expression(FusedProgram.Operation operation) {
    return switch (operation) {
      case FusedProgram.Constant(float value) -> number(value);
      case FusedProgram.Scaled(float factor, int x) -> element(x) + " * " + number(factor);
      case FusedProgram.OfOne(Unary f, int x) ->
          "unaryValue(Unary::%s, %s, %s, %s)"
              .formatted(f.function(), element(x), number(f.a()), number(f.b()));
      case FusedProgram.GradientOfOne(Unary f, int dy, int saved) ->
          "unaryGradientValue(Unary::%s, %s, %s, %s, %s)"
              .formatted(f.function(), element(dy), element(saved), number(f.a()), number(f.b()));
      case FusedProgram.OfTwo(var f, int a, int b) ->
          "binaryValue(Binary::%s, %s, %s)".formatted(f, element(a), element(b));
      case FusedProgram.OfThree(var f, int a, int b, int c) ->
          "ternaryValue(Ternary::%s, %s, %s, %s)".formatted(f, element(a), element(b), element(c));
    };
  }

  private static String element(int value) {
    return "v" + value + ".v[k]";
  }

  /** The very bits: a decimal number would have to be read as it was written. */
  private static String number(float value) {
    return "__uint_as_float(0x%08Xu)".formatted(Float.floatToRawIntBits(value));
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
  private void line(String format, Object... arguments) {
    text.append(format.formatted(arguments)).append('\n');
  }
}
