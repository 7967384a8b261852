package dev.mezzo.examples.parity;

import dev.mezzo.io.SafetensorsFile;
import dev.mezzo.io.StoredTensor;
import dev.mezzo.io.StoredType;
import dev.mezzo.types.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** The arrays of reference.safetensors, which make_reference.py wrote. */
final class Reference {

  private final SafetensorsFile file;

  private Reference(SafetensorsFile file) {
    this.file = file;
  }

  static Reference load() {
    try {
      return new Reference(
          SafetensorsFile.open(
              Path.of(
                  Objects.requireNonNull(Reference.class.getResource("reference.safetensors"))
                      .toURI())));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  Shape shape(String name) {
    return file.tensor(name).orElseThrow().shape();
  }

  float[] floats(String name) {
    return read(name, StoredType.F32).toArray(ValueLayout.JAVA_FLOAT);
  }

  int[] ints(String name) {
    return read(name, StoredType.I32).toArray(ValueLayout.JAVA_INT);
  }

  byte[] bytes(String name) {
    return read(name, StoredType.U8).toArray(ValueLayout.JAVA_BYTE);
  }

  private MemorySegment read(String name, StoredType type) {
    StoredTensor tensor = file.tensor(name).orElseThrow();
    if (tensor.type() != type) {
      throw new IllegalArgumentException(name + " is " + tensor.type() + ", not " + type);
    }
    return file.read(tensor, Arena.ofAuto());
  }
}
