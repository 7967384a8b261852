package dev.mezzo.io;

import dev.mezzo.types.DType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The element types of safetensors, by their names in the format. Those that no tensor of Mezzo has
 * may stand in a file of others; they are checked for their place, and not read.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public enum StoredType {
  /** FP32. */
  F32(4, DType.FP32),
  /** FP16. */
  F16(2, DType.FP16),
  /** BF16. */
  BF16(2, DType.BF16),
  /** INT32. */
  I32(4, DType.INT32),
  /** IEEE 754 binary64. */
  F64(8, null),
  /** 64 bits, signed. */
  I64(8, null),
  /** 64 bits, unsigned. */
  U64(8, null),
  /** 32 bits, unsigned. */
  U32(4, null),
  /** 16 bits, signed. */
  I16(2, null),
  /** 16 bits, unsigned. */
  U16(2, null),
  /** A byte, signed. */
  I8(1, null),
  /** A byte, unsigned. */
  U8(1, null),
  /** A byte, 0 or 1. */
  BOOL(1, null),
  /** An 8-bit float, 5 exponent bits. */
  F8_E5M2(1, null),
  /** An 8-bit float, 4 exponent bits. */
  F8_E4M3(1, null);

  private final int bytes;
  private final @Nullable DType dtype;

  StoredType(int bytes, @Nullable DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  /** The type in which a tensor is stored. */
  public static StoredType of(DType dtype) {
    return switch (dtype) {
      case FP32 -> F32;
      case FP16 -> F16;
      case BF16 -> BF16;
      case INT32 -> I32;
    };
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The type of a tensor with such elements; empty if there is none. */
  public Optional<DType> dtype() {
    return Optional.ofNullable(dtype);
  }
}
