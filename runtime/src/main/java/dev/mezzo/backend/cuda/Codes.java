package dev.mezzo.backend.cuda;

/**
 * The numbers by which kernels know functions and types: the order of the constants, which the CUDA
 * sources repeat. Every kernel's conformance test would tell if they differed.
 */
final class Codes {

  private Codes() {}

  @SuppressWarnings("EnumOrdinal") // the only place where the order counts
  static int of(Enum<?> constant) {
    return constant.ordinal();
  }
}
