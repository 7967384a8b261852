package dev.mezzo.backend.conformance;

import dev.mezzo.Backends;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.cuda.CudaBackend;
import dev.mezzo.backend.cuda.FakeCuda;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.backend.vector.VectorBackend;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A backend that the suite, or the cases whose names match, runs on. One that this JVM cannot run
 * is skipped with its reason, or, if the environment variable {@code MEZZO_REQUIRE_BACKENDS} names
 * it, fails. Without a GPU the CUDA backend runs on the fake driver.
 */
record Subject(String name, String backend, String cases, Supplier<Backend> maker) {

  private static final String EVERY = ".*";

  /** Whether the build asks for narrower vectors than the processor's. */
  static final boolean NARROWED = System.getProperty("mezzo.vector.bits") != null;

  /** Those that compute on the processor, or only the one of narrower vectors. */
  static final List<Subject> CPU =
      !NARROWED
          ? List.of(
              new Subject("scalar", "scalar", EVERY, ScalarBackend::new),
              new Subject("vector, 1 thread", "vector", EVERY, () -> new VectorBackend(1)),
              new Subject("vector, 3 threads", "vector", EVERY, () -> new VectorBackend(3)))
          : List.of(
              new Subject(
                  System.getProperty("mezzo.vector.bits") + " bit vector",
                  "vector",
                  EVERY,
                  () -> new VectorBackend(1)));

  /** The CUDA backend with all its libraries. */
  static final Subject CUDA = new Subject("cuda", "cuda", EVERY, () -> new CudaBackend(0));

  /** The CUDA backend where cuBLASLt is missing, for what it would have computed. */
  static final Subject CUDA_ALONE =
      new Subject("cuda without cuBLASLt", "cuda", "gemm.*", () -> new CudaBackend(0, false));

  /** Every backend that this JVM is to test. */
  static final List<Subject> ALL =
      NARROWED ? CPU : Stream.concat(CPU.stream(), Stream.of(CUDA)).toList();

  /** Whether the suite runs a case on it. */
  boolean takes(KernelCase test) {
    return test.name().matches(cases);
  }

  /** The backend, which the caller closes. */
  Backend open() {
    String noFake = backend.equals("cuda") ? FakeCuda.install() : "";
    Backends.Status status =
        Backends.available().stream()
            .filter(candidate -> candidate.name().equals(backend))
            .findFirst()
            .orElseThrow();
    if (!status.available()) {
      String cure = noFake.isEmpty() ? status.cure() : noFake;
      String reason = backend + " is not available: " + status.reason() + "; " + cure;
      String required = System.getenv().getOrDefault("MEZZO_REQUIRE_BACKENDS", "");
      if (List.of(required.split(",")).contains(backend)) {
        Assertions.fail(reason);
      }
      Assumptions.abort(reason);
    }
    return maker.get();
  }

  @Override
  public String toString() {
    return name;
  }
}
