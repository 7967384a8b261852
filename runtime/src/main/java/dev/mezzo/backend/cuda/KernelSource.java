package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.ffi.Nvrtc;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernels' source, whose files the jar carries for NVRTC: to compile a model's own expressions,
 * and all kernels where the driver does not take the fatbin.
 */
final class KernelSource {

  private static final String FOLDER = "/META-INF/mezzo/cuda/";

  /** Names the folder of what was compiled; by default {@code mezzo} in the user's cache. */
  static final String CACHE = "mezzo.cuda.cache";

  private static final Pattern INCLUDE = Pattern.compile("#include \"(.*)\"");

  private KernelSource() {}

  /**
   * The machine code of an expression's kernel.
   *
   * @param capability of the GPU, ten times the major and once the minor number
   * @throws DeviceException with the compiler's log, if it does not compile
   */
  static byte[] expression(String source, int capability) {
    return compile(joined("broadcast.cuh", "functions.cuh") + source, "expression.cu", capability);
  }

  /**
   * The machine code of all kernels, compiled once by a version of NVRTC and then kept as a file.
   *
   * @throws DeviceException with the compiler's log, if they do not compile
   */
  static byte[] library(int capability) {
    String source = joined("mezzo.cu");
    String kind = "kernels-sm_%d-".formatted(capability);
    Path file = cache().resolve("%s%s-%s.cubin".formatted(kind, Nvrtc.version(), hash(source)));
    try {
      if (Files.isRegularFile(file)) {
        return Files.readAllBytes(file);
      }
    } catch (IOException e) {
      // compiled again
    }
    byte[] image = compile(source, "mezzo.cu", capability);
    try {
      keep(file, image, kind);
    } catch (IOException e) {
      System.getLogger("dev.mezzo")
          .log(System.Logger.Level.WARNING, "the compiled kernels cannot be kept: " + e);
    }
    return image;
  }

  private static byte[] compile(String source, String name, int capability) {
    return Nvrtc.compile(
        source,
        name,
        List.of(
            "--gpu-architecture=sm_" + capability,
            "--std=c++17",
            "--fmad=false",
            "--device-as-default-execution-space", // of lambdas
            "--disable-warnings"));
  }

  /** Writes a file whole, instead of those of its kind. */
  private static void keep(Path file, byte[] bytes, String kind) throws IOException {
    Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
    try (DirectoryStream<Path> older = Files.newDirectoryStream(folder, kind + "*")) {
      for (Path one : older) {
        Files.delete(one);
      }
    }
    Path fresh = Files.createTempFile(folder, "new", ".cubin");
    Files.write(fresh, bytes);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path cache() {
    String named = System.getProperty(CACHE);
    if (named != null) {
      return Path.of(named);
    }
    String users = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path caches =
        users.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(users);
    return caches.resolve("mezzo");
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Files and what they include, each once, as one text: NVRTC has no folder to look in. */
  static String joined(String... files) {
    StringBuilder text = new StringBuilder();
    Set<String> taken = new HashSet<>();
    for (String file : files) {
      append(file, taken, text);
    }
    return text.toString();
  }

  private static void append(String file, Set<String> taken, StringBuilder text) {
    if (!taken.add(file)) {
      return;
    }
    read(file)
        .lines()
        .filter(line -> !line.equals("#pragma once"))
        .forEach(
            line -> {
              Matcher include = INCLUDE.matcher(line);
              if (include.matches()) {
                append(include.group(1), taken, text);
              } else {
                text.append(line).append('\n');
              }
            });
  }

  private static String read(String file) {
    try (InputStream in = KernelSource.class.getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new DeviceException(FOLDER + file + " is not in this build of Mezzo");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
