package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.mezzo.OperationTable.Operation;
import dev.mezzo.OperationTable.Rule;
import dev.mezzo.ParityCase.Values;
import dev.mezzo.types.DType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every operation and its gradients against PyTorch's in FP64, in each element type on each
 * backend: see {@code parity/make_parity.py}, which names the cases.
 *
 * <p>Tolerances, with u the half unit in the last place of the result's type and s the case's
 * scale: u·|exact| of the one rounding, half a subnormal, {@value #ROUNDINGS}·2⁻²⁴·s of the FP32
 * arithmetic; for a gradient that reads y, which was rounded, {@value #SLOPE}·u·s, as no gradient's
 * slope by y exceeds that; and u·b where intermediate values are rounded, b being what the case
 * says.
 */
class OperationParityTest {

  /** The families' files. */
  private static final List<String> FAMILIES =
      List.of(
          "elementwise",
          "activations",
          "powers",
          "selections",
          "matrices",
          "convolutions",
          "reductions",
          "arrangements",
          "losses",
          "views",
          "sequences");

  private static final int ROUNDINGS = 16;
  private static final int SLOPE = 4;

  private static final Map<String, Operation> OPERATIONS =
      OperationTable.all().stream()
          .collect(Collectors.toMap(Operation::signature, Function.identity()));

  private static final List<Device> DEVICES = TestDevices.all().toList();

  @AfterAll
  static void everythingIsClosed() {
    assertEquals(0, DEVICES.getFirst().memory().liveTensors(), "a tensor was not closed");
  }

  @TestFactory
  Stream<DynamicNode> agreesWithPyTorch() {
    return FAMILIES.stream()
        .map(
            family ->
                dynamicContainer(
                    family,
                    ParityCase.read(family).stream()
                        .map(test -> dynamicTest(test.toString(), () -> checkEverywhere(test)))));
  }

  @Test
  void everyOperationHasACase() {
    Set<String> tested =
        FAMILIES.stream()
            .flatMap(family -> ParityCase.read(family).stream())
            .map(ParityCase::signature)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(OPERATIONS.keySet()), tested);
  }

  /** A harness that finds nothing is worth nothing. */
  @ParameterizedTest
  @ValueSource(doubles = {0.99, 1.01})
  void aResultThatIsOffByOnePerCentIsFound(double factor) {
    Values exact = ParityCase.read("elementwise").getFirst().results().getFirst();
    double[] wrong = exact.values().clone();
    wrong[0] *= factor;
    Values off = new Values(exact.shape(), exact.scale(), 0, wrong);
    try (Tensor found = Tensor.allocate(DEVICES.getFirst(), exact.shape(), DType.FP16)) {
      float[] values = new float[exact.values().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) exact.values()[i];
      }
      found.copyFrom(values);
      check("y", exact, found, 0);
      org.junit.jupiter.api.Assertions.assertThrows(
          AssertionError.class, () -> check("y", off, found, 0));
    }
  }

  private static void checkEverywhere(ParityCase test) {
    for (Device device : DEVICES) {
      for (DType dtype : List.of(DType.FP32, DType.FP16, DType.BF16)) {
        try {
          check(test, device, dtype);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(device + ", " + dtype + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private static void check(ParityCase test, Device device, DType dtype) {
    Operation operation =
        requireNonNull(OPERATIONS.get(test.signature()), () -> "Ops has no " + test.signature());
    Set<String> missing = new TreeSet<>(test.gradients().keySet());
    try (ParityCall call = new ParityCall(test, device, dtype)) {
      List<Tensor> results = call.forward(operation);
      assertEquals(test.results().size(), results.size(), "results");
      for (int i = 0; i < results.size(); i++) {
        Values expected = test.results().get(i);
        check("result", expected, results.get(i), unit(dtype) * expected.between());
      }
      for (Rule rule : operation.rules()) {
        if (rule.wrt().stream().noneMatch(name -> hasGradient(test, name))) {
          continue; // PyTorch has none either, as of an integer result
        }
        boolean readsY =
            Stream.of(rule.method().getParameters()).anyMatch(p -> p.getName().equals("y"));
        double reading = readsY ? SLOPE * unit(results.getFirst().dtype()) : 0;
        call.backward(rule)
            .forEach(
                (name, found) -> {
                  Values expected =
                      requireNonNull(
                          test.gradients().get(name), () -> "PyTorch has no gradient of " + name);
                  assertEquals(dtype, found.dtype(), "type of the gradient of " + name);
                  double given = reading * expected.scale() + unit(dtype) * expected.between();
                  check("gradient of " + name, expected, found, given);
                  missing.remove(name);
                });
      }
    }
    assertEquals(Set.of(), missing, "operands without a gradient");
  }

  private static boolean hasGradient(ParityCase test, String name) {
    return test.gradients().keySet().stream()
        .anyMatch(key -> key.equals(name) || key.startsWith(name + "["));
  }

  /**
   * @param given error that came with what was read
   */
  private static void check(String what, Values expected, Tensor found, double given) {
    assertEquals(expected.shape(), found.shape(), "shape of the " + what);
    if (found.dtype() == DType.INT32) {
      int[] ints = found.toInts();
      for (int i = 0; i < ints.length; i++) {
        assertEquals(expected.values()[i], ints[i], what + ", element " + i);
      }
      return;
    }
    float[] values = found.toFloats();
    for (int i = 0; i < values.length; i++) {
      double exact = expected.values()[i];
      double tolerance =
          unit(found.dtype()) * Math.abs(exact)
              + tiny(found.dtype())
              + ROUNDINGS * 0x1p-24 * expected.scale()
              + given;
      if (Double.isFinite(exact)
          ? !(Math.abs(values[i] - exact) <= tolerance)
          : Double.compare(values[i], exact) != 0) {
        throw new AssertionError(
            "element %d of the %s is %s, but PyTorch has %s (within %.3g)"
                .formatted(i, what, values[i], exact, tolerance));
      }
    }
  }

  private static double unit(DType dtype) {
    return switch (dtype) {
      case FP16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0x1p-24;
    };
  }

  /** Half of the least subnormal. */
  private static double tiny(DType dtype) {
    return dtype == DType.FP16 ? 0x1p-25 : 0x1p-134;
  }
}
