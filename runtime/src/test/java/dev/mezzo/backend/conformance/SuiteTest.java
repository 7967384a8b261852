package dev.mezzo.backend.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The suite finds what is wrong with a backend that is nearly right. */
class SuiteTest {

  private static final List<DType> HALVES = List.of(DType.FP16, DType.FP16, DType.FP16);

  @Test
  void aRightBackendPasses() {
    for (String test : List.of("TANH", "transpose", "gemm NN, m", "sgd", "argmax")) {
      run(test, new ScalarBackend(), 31);
    }
  }

  @Test
  void anElementThatIsOffByOneBitIsFound() {
    finds("TANH", "unary", 2, result -> flip(result, result.size() / 2), "must be");
    finds("gemm NN, n", "gemm", 3, result -> flip(result, result.size() - 1), "must be");
    finds("cast", "cast", 1, result -> flip(result, 0), "must be");
    finds("transpose", "transpose", 1, result -> flip(result, 0), "must be");
    finds("softmax", "softmax", 1, result -> flip(result, 3), "must be");
  }

  @Test
  void aWriteBesideTheResultIsFound() {
    finds("TANH", "unary", 2, result -> beside(result, result.size() * 2), "after a buffer");
    finds("cast", "cast", 1, result -> beside(result, -1), "before a buffer");
  }

  @Test
  void aWriteToAnOperandIsFound() {
    finds("argmax", "argmax", 0, operand -> flip(operand, 0), "was written to");
  }

  private static void finds(
      String test, String kernel, int argument, Consumer<Operand> damage, String message) {
    AssertionError error =
        assertThrows(AssertionError.class, () -> run(test, damaged(kernel, argument, damage), 31));
    assertTrue(error.toString().contains(message), error::toString);
  }

  private static void run(String name, Backend backend, int size) {
    List<KernelCase> found =
        ConformanceTest.CASES.stream().filter(test -> test.name().equals(name)).toList();
    assertFalse(found.isEmpty(), name);
    found.forEach(test -> ConformanceTest.run(new Slab(backend), test, HALVES, size, 0));
  }

  /** Plain loops, but for one argument of one kernel, which is damaged after each call. */
  private static Backend damaged(String kernel, int argument, Consumer<Operand> damage) {
    ScalarBackend right = new ScalarBackend();
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(right, arguments);
                if (method.getName().equals(kernel)) {
                  Object damaged = arguments[argument];
                  damage.accept(
                      damaged instanceof Matrix matrix ? matrix.operand() : (Operand) damaged);
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Flips the lowest bit of a 16-bit element. */
  private static void flip(Operand operand, long element) {
    short bits = operand.data().getAtIndex(ValueLayout.JAVA_SHORT, element);
    operand.data().setAtIndex(ValueLayout.JAVA_SHORT, element, (short) (bits ^ 1));
  }

  /** Writes one byte outside the operand. */
  @SuppressWarnings("restricted") // the guards are memory of ours
  private static void beside(Operand operand, long offset) {
    MemorySegment.ofAddress(operand.data().address() + offset)
        .reinterpret(1)
        .set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
  }
}
