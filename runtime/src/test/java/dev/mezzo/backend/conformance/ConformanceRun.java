package dev.mezzo.backend.conformance;

import dev.mezzo.backend.Backend;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the suite on a GPU where there is no JUnit launcher: {@code ConformanceRun [largest size]
 * [regular expression of names]}. Prints what fails, and a line of JSON; status 1 if anything does.
 */
final class ConformanceRun {

  private ConformanceRun() {}

  public static void main(String[] arguments) {
    int largest = arguments.length > 0 ? Integer.parseInt(arguments[0]) : Integer.MAX_VALUE;
    String names = arguments.length > 1 ? arguments[1] : ".*";
    List<String> failures = new ArrayList<>();
    int passed = 0;
    try (Backend backend = Subject.CUDA.open()) {
      Slab slab = new Slab(backend);
      for (KernelCase test : ConformanceTest.CASES) {
        if (!test.name().matches(names)) {
          continue;
        }
        String failure = run(slab, test, largest);
        if (failure.isEmpty()) {
          passed++;
        } else {
          failures.add(failure);
          System.out.println("FAILED " + failure);
        }
      }
      System.out.printf(
          "{\"conformance\": {\"device\": \"%s\", \"passed\": %d, \"failed\": %d}}%n",
          backend.description(), passed, failures.size());
    }
    System.exit(failures.isEmpty() && passed > 0 ? 0 : 1);
  }

  /** The first failure; empty if there is none. */
  private static String run(Slab slab, KernelCase test, int largest) {
    try {
      for (List<DType> types : test.types()) {
        for (int size : test.sizes()) {
          if (size <= largest) {
            ConformanceTest.run(slab, test, types, size, 0);
            ConformanceTest.run(slab, test, types, size, 1);
          }
        }
      }
      return "";
    } catch (AssertionError e) {
      return String.valueOf(e.getMessage());
    }
  }
}
