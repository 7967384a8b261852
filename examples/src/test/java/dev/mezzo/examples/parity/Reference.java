package dev.mezzo.examples.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mezzo.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** The arrays of reference.safetensors, which make_reference.py wrote. */
final class Reference {

  private final JsonNode header;
  private final ByteBuffer data;

  private Reference(JsonNode header, ByteBuffer data) {
    this.header = header;
    this.data = data;
  }

  static Reference load() {
    try (InputStream in = Reference.class.getResourceAsStream("reference.safetensors")) {
      ByteBuffer file =
          ByteBuffer.wrap(Objects.requireNonNull(in).readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] json = new byte[(int) file.getLong()];
      file.get(json);
      return new Reference(
          new ObjectMapper().readTree(json), file.slice().order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Shape shape(String name) {
    return Shape.of(
        StreamSupport.stream(entry(name).get("shape").spliterator(), false)
            .mapToInt(JsonNode::asInt)
            .toArray());
  }

  float[] floats(String name) {
    float[] values = new float[(int) shape(name).size()];
    bytes(name, "F32").asFloatBuffer().get(values);
    return values;
  }

  int[] ints(String name) {
    int[] values = new int[(int) shape(name).size()];
    bytes(name, "I32").asIntBuffer().get(values);
    return values;
  }

  byte[] bytes(String name) {
    byte[] values = new byte[(int) shape(name).size()];
    bytes(name, "U8").get(values);
    return values;
  }

  private ByteBuffer bytes(String name, String dtype) {
    JsonNode entry = entry(name);
    if (!entry.get("dtype").asText().equals(dtype)) {
      throw new IllegalArgumentException(name + " is " + entry.get("dtype") + ", not " + dtype);
    }
    JsonNode offsets = entry.get("data_offsets");
    int from = offsets.get(0).asInt();
    return data.slice(from, offsets.get(1).asInt() - from).order(ByteOrder.LITTLE_ENDIAN);
  }

  private JsonNode entry(String name) {
    return Objects.requireNonNull(header.get(name), name);
  }
}
