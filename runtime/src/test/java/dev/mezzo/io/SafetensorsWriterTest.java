package dev.mezzo.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsWriterTest {

  @TempDir Path folder;

  /** Byte by byte, so that nothing depends on the reader. */
  @Test
  void writesTheFormat() throws IOException {
    Path path = folder.resolve("file.safetensors");
    new SafetensorsWriter()
        .metadata("k", "\"v\"")
        .add("h", DType.FP16, Shape.of(1), host -> host.set(ValueLayout.JAVA_SHORT, 0, (short) 1))
        .add("n", DType.INT32, Shape.of(), host -> host.set(ValueLayout.JAVA_INT, 0, 0x01020304))
        .write(path);
    String json =
        "{\"__metadata__\":{\"k\":\"\\\"v\\\"\"},"
            + "\"n\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[0,4]},"
            + "\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[4,6]}}";
    json += " ".repeat(Math.floorMod(-json.length(), 8));
    byte[] expected = new byte[8 + json.length() + 6];
    expected[0] = (byte) json.length();
    System.arraycopy(json.getBytes(StandardCharsets.US_ASCII), 0, expected, 8, json.length());
    byte[] data = {4, 3, 2, 1, 1, 0};
    System.arraycopy(data, 0, expected, 8 + json.length(), 6);
    assertArrayEquals(expected, Files.readAllBytes(path));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path path = folder.resolve("sub/file.safetensors");
    int[] bits = {0, 0x80000000, 1, 0x7f800000, 0x7fc00001, 0xff800001};
    String name = "a \"b\"\\\u0001\n/ä😀";
    new SafetensorsWriter()
        .metadata(name, name)
        .add("empty", DType.BF16, Shape.of(0, 3), host -> assertEquals(0, host.byteSize()))
        .add(name, DType.FP32, Shape.of(2, 3), host -> host.copyFrom(MemorySegment.ofArray(bits)))
        .write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path);
        Arena arena = Arena.ofConfined()) {
      assertEquals(Map.of(name, name), file.metadata());
      assertEquals(Shape.of(0, 3), file.tensor("empty").orElseThrow().shape());
      StoredTensor tensor = file.tensor(name).orElseThrow();
      assertEquals("F32 (2, 3)", tensor.describe());
      assertArrayEquals(bits, file.read(tensor, arena).toArray(ValueLayout.JAVA_INT));
    }
  }

  @Test
  void whenItFailsTheOldFileStays() throws IOException {
    Path path = Files.writeString(folder.resolve("file"), "old");
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .add("a", DType.FP32, Shape.of(1 << 20), host -> host.fill((byte) 1))
            .add(
                "b",
                DType.FP32,
                Shape.of(1),
                host -> {
                  throw new IllegalStateException("the device is gone");
                });
    assertThrows(IllegalStateException.class, () -> writer.write(path));
    assertEquals("old", Files.readString(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void aNameIsOneTensors() {
    SafetensorsWriter writer = new SafetensorsWriter().add("a", DType.FP32, Shape.of(), host -> {});
    assertEquals(
        "two tensors are called 'a'; rename one",
        assertThrows(
                IllegalArgumentException.class,
                () -> writer.add("a", DType.FP16, Shape.of(), host -> {}))
            .getMessage());
  }
}
