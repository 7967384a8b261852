package dev.mezzo.backend.conformance;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Runs the table of kernel cases on the CUDA backend. */
class CudaConformanceTest {

  @TestFactory
  Stream<DynamicNode> kernels() {
    return ConformanceTest.kernels(List.of(Subject.CUDA, Subject.CUDA_ALONE));
  }
}
