package dev.mezzo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of files as others write them, and of those that are damaged. */
final class SafetensorsFileTest {

  @TempDir Path folder;

  @Test
  void readsWhatOthersWrite() throws IOException {
    String json =
        "{ \"__metadata__\": {\"format\":\"pt\", \"a\\u00e4\\n\": \"\\\"\\\\\"},"
            + "\"b\":{\"data_offsets\":[8,14],\"shape\":[3],\"dtype\":\"BF16\"},\n"
            + "\"a/ä\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[14,22]},"
            + "\"e\":{\"dtype\":\"F64\",\"shape\":[4,0],\"data_offsets\":[14,14]}}   ";
    ByteBuffer data = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(1.5f).putFloat(Float.NaN);
    try (SafetensorsFile file = SafetensorsFile.open(file(json, data.array()));
        Arena arena = Arena.ofConfined()) {
      assertEquals(Map.of("format", "pt", "aä\n", "\"\\"), file.metadata());
      assertEquals(
          new StoredTensor("b", StoredType.BF16, Shape.of(3), 8, 14),
          file.tensor("b").orElseThrow());
      assertEquals(Shape.of(), file.tensor("n").orElseThrow().shape());
      var read = file.read(file.tensor("a/ä").orElseThrow(), arena);
      assertEquals(8, read.byteSize());
      assertEquals(1.5f, read.getAtIndex(ValueLayout.JAVA_FLOAT, 0));
      assertTrue(Float.isNaN(read.getAtIndex(ValueLayout.JAVA_FLOAT, 1)));
      assertEquals(0, file.read(file.tensor("e").orElseThrow(), arena).byteSize());
    }
  }

  /** Each with the 8 bytes of data that {@code x} would need. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}          | tensor 'x' is F32 (3), but has 8 bytes
          {"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}          | tensor 'x' is F32 (2), but has -8 bytes
          {"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}         | tensor 'x' ends at byte 16 of 8: the file is truncated
          {"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}          | tensor 'x' leaves a gap to the one before
          {"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}          | 4 bytes stand behind the last tensor
          {"x":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}          | tensor 'x' has dtype 'F33', which the format does not know
          {"x":{"dtype":"F32","shape":[2]}}                               | tensor 'x' must have dtype, shape and two data_offsets
          {"x":{"dtype":"F32","shape":[2],"data_offsets":[8]}}            | tensor 'x' must have dtype, shape and two data_offsets
          {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"y":1}}    | tensor 'x' has 'y', which the format does not know
          {"x":{"dtype":"F32","shape":[3000000000],"data_offsets":[0,8]}} | tensor 'x' has shape [3000000000], which is too large
          {"x":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}} | which is too large
          {"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}         | '-' at character 29 of its header, where a whole number must be
          {"x":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}         | where a whole number must be
          {"x":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}} | a number of at most 63 bits
          {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}           | its end at character 53 of its header, where '}' must be
          {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x        | 'x' at character 55 of its header, where the end must be
          {"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | two tensors are called 'x'
          {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor 'y' overlaps the one before
          {"x\\q":{}}                                                     | where an escape of JSON must be
          {"x                                                             | where the end of a string must be
          [1]                                                             | where '{' must be
          """)
  void saysWhatIsWrongWithAHeader(String json, String expected) throws IOException {
    Path path = file(json, new byte[8]);
    String found =
        String.valueOf(
            assertThrows(CheckpointException.class, () -> SafetensorsFile.open(path)).getMessage());
    assertTrue(found.startsWith(path + ": is no whole safetensors file: "), found);
    assertTrue(found.contains(expected), found);
    assertTrue(found.endsWith("was not copied or downloaded in full"), found);
  }

  @Test
  void aFileCutAnywhereIsAnError() throws IOException {
    Path whole = folder.resolve("whole");
    new SafetensorsWriter()
        .add("x", DType.FP32, Shape.of(5), host -> host.fill((byte) 1))
        .write(whole);
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = folder.resolve("cut");
    for (int length = 0; length < bytes.length; length++) {
      Files.write(cut, Arrays.copyOf(bytes, length));
      assertThrows(CheckpointException.class, () -> SafetensorsFile.open(cut), "at " + length);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "-1", "100000001", "9223372036854775807", "41"})
  void aHeaderOfAnAbsurdLengthIsRefused(long length) throws IOException {
    byte[] bytes = new byte[48];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Path path = Files.write(folder.resolve("file"), bytes);
    String found =
        String.valueOf(
            assertThrows(CheckpointException.class, () -> SafetensorsFile.open(path)).getMessage());
    assertTrue(found.startsWith(path + ": is no safetensors file: the header would have"), found);
  }

  @Test
  void whatIsNoFile() throws IOException {
    Path missing = folder.resolve("missing");
    assertEquals(
        "cannot read " + missing + ": there is no such file",
        assertThrows(UncheckedIOException.class, () -> SafetensorsFile.open(missing)).getMessage());
    assertThrows(CheckpointException.class, () -> SafetensorsFile.open(folder));
    Path text = Files.writeString(folder.resolve("text"), "PK, not a checkpoint\n");
    assertThrows(CheckpointException.class, () -> SafetensorsFile.open(text));
    byte[] noUtf8 = {'{', (byte) 0xff, '}'};
    Path path = folder.resolve("latin");
    Files.write(path, concat(noUtf8, new byte[0]));
    assertTrue(
        String.valueOf(
                assertThrows(CheckpointException.class, () -> SafetensorsFile.open(path))
                    .getMessage())
            .contains("its header is not in UTF-8"));
  }

  private Path file(String json, byte[] data) throws IOException {
    return Files.write(
        folder.resolve("file.safetensors"), concat(json.getBytes(StandardCharsets.UTF_8), data));
  }

  private static byte[] concat(byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }
}
