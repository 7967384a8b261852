package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.NativeLib;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Libraries that stand in for CUDA's where there is no GPU: compiled by g++ from {@code
 * src/test/native} and from the kernels themselves, once for each state of the sources, and found
 * by a property that tests alone set. With the environment variable {@code MEZZO_REAL_CUDA} set,
 * tests run on the machine's GPU instead.
 */
public final class FakeCuda {

  private static final Path NATIVE = Path.of("src/test/native");
  private static final Path KERNELS = Path.of("src/main/cuda");
  private static final List<String> COMPILE =
      List.of(
          "g++",
          "-std=c++17",
          "-O2",
          "-march=native", // FP16 is converted by instructions, not by calls
          "-ffp-contract=off",
          "-fPIC",
          "-shared",
          "-fvisibility=hidden");

  private static @Nullable String missing;
  private static boolean installed;

  private FakeCuda() {}

  /** Whether tests run on a GPU. */
  public static boolean real() {
    return System.getenv("MEZZO_REAL_CUDA") != null;
  }

  /** Makes the fake driver the one that is found. Returns why it cannot be, or an empty string. */
  public static synchronized String install() {
    if (!installed) {
      installed = true;
      missing = real() ? null : build();
    }
    return missing == null ? "" : missing;
  }

  /** Prints the folder of the fake libraries, for scripts; run in the module's folder. */
  public static void main(String[] arguments) {
    String missing = install();
    if (!missing.isEmpty()) {
      System.err.println(missing);
      System.exit(1);
    }
    System.out.println(System.getProperty(NativeLib.PROPERTY));
  }

  private static @Nullable String build() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return "the fake CUDA driver is for Linux";
    }
    try {
      if (run(List.of("g++", "--version")) != 0) {
        return "g++ is not here, which compiles the fake CUDA driver: apt-get install g++";
      }
      Path folder = Path.of("target", "fake-cuda", hash()).toAbsolutePath();
      if (!Files.exists(folder)) {
        compileInto(folder);
      }
      System.setProperty(NativeLib.PROPERTY, folder.toString());
      System.setProperty("mezzo.cuda.nvrtc", "false"); // g++ takes a second for each expression
      return null;
    } catch (IOException e) {
      return "the fake CUDA driver cannot be compiled: " + e.getMessage();
    }
  }

  /** In a folder beside it first, so that other processes see all of it or nothing. */
  private static void compileInto(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    Path fresh = Files.createTempDirectory(folder.getParent(), "new");
    compile(
        fresh.resolve("libcuda.so.1"),
        List.of(),
        sources(NATIVE, "fake_cuda.cpp", "fake_memory.cpp"));
    compile(fresh.resolve("libcublasLt.so.13"), List.of(), sources(NATIVE, "fake_cublaslt.cpp"));
    compile(fresh.resolve("libnvrtc.so.13"), List.of(), sources(NATIVE, "fake_nvrtc.cpp"));
    Files.copy(NATIVE.resolve("cuda_shim.h"), fresh.resolve("cuda_shim.h"));
    compile(
        fresh.resolve("libmezzo_kernels.so"),
        List.of(
            "-fno-strict-aliasing",
            "-x",
            "c++",
            "-include",
            NATIVE.resolve("cuda_shim.h").toString()),
        sources(KERNELS, "mezzo.cu"));
    try {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.exists(folder)) { // else another process was first
        throw e;
      }
    }
  }

  private static List<String> sources(Path folder, String... names) {
    return Stream.of(names).map(name -> folder.resolve(name).toString()).toList();
  }

  private static void compile(Path out, List<String> flags, List<String> sources)
      throws IOException {
    List<String> command = new ArrayList<>(COMPILE);
    command.addAll(flags);
    command.addAll(sources);
    command.addAll(List.of("-o", out.toString(), "-ldl"));
    if (run(command) != 0) {
      throw new IllegalStateException("failed: " + String.join(" ", command));
    }
  }

  /** The status; of a command that is not there, 127. */
  private static int run(List<String> command) throws IOException {
    try {
      boolean version = command.contains("--version");
      return new ProcessBuilder(command)
          .redirectOutput(
              version ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.INHERIT)
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start()
          .waitFor();
    } catch (IOException e) {
      if (command.contains("--version")) {
        return 127;
      }
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Of all that is compiled, and how. */
  private static String hash() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(Files.readAllBytes(KERNELS.resolve("mezzo.cu")));
      for (Path folder : List.of(NATIVE, KERNELS)) {
        try (Stream<Path> files = Files.list(folder)) {
          files.filter(Files::isRegularFile).sorted().forEach(file -> update(digest, file));
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void update(MessageDigest digest, Path file) {
    try {
      digest.update(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
