package dev.mezzo.io;

import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a safetensors file says of its tensors, in JSON: {@code {"__metadata__": {"key": "value"},
 * "net.weight": {"dtype": "F32", "shape": [10, 20], "data_offsets": [0, 800]}}}.
 *
 * @param metadata strings by name
 * @param tensors by name, in the order of the header
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, StoredTensor> tensors) {

  private static final String METADATA = "__metadata__";

  /**
   * Reads a header.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static SafetensorsHeader parse(String json) {
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    HeaderScanner scanner = new HeaderScanner(json);
    scanner.object(
        name -> {
          if (name.equals(METADATA)) {
            scanner.object(key -> metadata.put(key, scanner.string()));
          } else if (tensors.put(name, tensor(name, scanner)) != null) {
            throw new IllegalArgumentException("two tensors are called '" + name + "'");
          }
        });
    scanner.end();
    return new SafetensorsHeader(metadata, tensors);
  }

  private static StoredTensor tensor(String name, HeaderScanner scanner) {
    Entry entry = new Entry(name);
    scanner.object(key -> entry.member(key, scanner));
    return entry.tensor();
  }

  /**
   * Checks that the tensors fill {@code bytes} behind the header, without gaps.
   *
   * @throws IllegalArgumentException saying which does not
   */
  void checkPlaces(long bytes) {
    List<StoredTensor> inOrder = new ArrayList<>(tensors.values());
    inOrder.sort(
        Comparator.comparingLong(StoredTensor::begin).thenComparingLong(StoredTensor::end));
    long end = 0;
    for (StoredTensor tensor : inOrder) {
      if (tensor.begin() < end) {
        throw wrong(tensor, "overlaps the one before");
      }
      if (tensor.begin() > end) {
        throw wrong(tensor, "leaves a gap to the one before");
      }
      end = tensor.end();
      if (end > bytes) {
        throw wrong(tensor, "ends at byte %d of %d: the file is truncated".formatted(end, bytes));
      }
    }
    if (end < bytes) {
      throw new IllegalArgumentException(
          "%d bytes stand behind the last tensor".formatted(bytes - end));
    }
  }

  /** The header of tensors, as JSON; they are placed one behind the other. */
  static String write(Map<String, String> metadata, Collection<StoredTensor> tensors) {
    StringJoiner all = new StringJoiner(",", "{", "}");
    if (!metadata.isEmpty()) {
      StringJoiner texts = new StringJoiner(",", "{", "}");
      metadata.forEach((key, value) -> texts.add(quoted(key) + ":" + quoted(value)));
      all.add(quoted(METADATA) + ":" + texts);
    }
    for (StoredTensor tensor : tensors) {
      all.add(
          "%s:{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  quoted(tensor.name()),
                  tensor.type(),
                  Arrays.toString(tensor.shape().dims()).replace(" ", ""),
                  tensor.begin(),
                  tensor.end()));
    }
    return all.toString();
  }

  /** In UTF-8. */
  static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static IllegalArgumentException wrong(StoredTensor tensor, String what) {
    return new IllegalArgumentException("tensor '%s' %s".formatted(tensor.name(), what));
  }

  /** A tensor that is being read. */
  private static final class Entry {
    private final String name;
    private @Nullable String type;
    private @Nullable List<Long> shape;
    private @Nullable List<Long> offsets;

    Entry(String name) {
      this.name = name;
    }

    void member(String key, HeaderScanner scanner) {
      switch (key) {
        case "dtype" -> type = scanner.string();
        case "shape" -> shape = numbers(scanner);
        case "data_offsets" -> offsets = numbers(scanner);
        default -> throw wrong("has '" + key + "', which the format does not know");
      }
    }

    StoredTensor tensor() {
      if (type == null || shape == null || offsets == null || offsets.size() != 2) {
        throw wrong("must have dtype, shape and two data_offsets");
      }
      StoredTensor read =
          new StoredTensor(name, type(type), shape(shape), offsets.get(0), offsets.get(1));
      long bytes = read.end() - read.begin();
      if (read.begin() > read.end() || !isSize(read, bytes)) {
        throw wrong("is %s, but has %d bytes".formatted(read.describe(), bytes));
      }
      return read;
    }

    private static boolean isSize(StoredTensor tensor, long bytes) {
      int each = tensor.type().bytes();
      return bytes % each == 0 && bytes / each == tensor.shape().size();
    }

    private StoredType type(String found) {
      for (StoredType each : StoredType.values()) {
        if (each.name().equals(found)) {
          return each;
        }
      }
      throw wrong("has dtype '" + found + "', which the format does not know");
    }

    private Shape shape(List<Long> dims) {
      try {
        return Shape.of(dims.stream().mapToInt(Math::toIntExact).toArray());
      } catch (ArithmeticException | ShapeException e) {
        throw wrong("has shape " + dims + ", which is too large");
      }
    }

    private static List<Long> numbers(HeaderScanner scanner) {
      List<Long> numbers = new ArrayList<>();
      scanner.array(() -> numbers.add(scanner.number()));
      return numbers;
    }

    private IllegalArgumentException wrong(String what) {
      return new IllegalArgumentException("tensor '%s' %s".formatted(name, what));
    }
  }
}
