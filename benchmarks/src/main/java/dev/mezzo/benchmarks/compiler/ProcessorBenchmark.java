package dev.mezzo.benchmarks.compiler;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Times javac with and without the annotation processor on the same layers, and on the layers
 * together with what the processor has written: the difference between these two is the processor
 * itself. Each run has a JVM of its own, as a shell starts it: most of what it costs is code that
 * runs for the first time. On one CPU the JIT compiler shares it with javac.
 */
public final class ProcessorBenchmark {
  private static final String PROCESSOR = "dev.mezzo.processor.MezzoProcessor";

  private final Options options;

  /** Prepares a measurement. */
  public ProcessorBenchmark(Options options) {
    this.options = options;
  }

  /**
   * What to measure.
   *
   * @param layers how many classes
   * @param operations in each
   * @param runs of each kind, in turn
   * @param cpu the only CPU that javac may run on; negative for all of them
   * @param flags for javac, as in {@code -J-XX:TieredStopAtLevel=1}
   */
  public record Options(int layers, int operations, int runs, int cpu, List<String> flags) {}

  /**
   * Medians, in seconds.
   *
   * @param without the layers alone
   * @param with the layers with the processor
   * @param written the layers and what the processor has written, without it
   * @param lines of generated code
   */
  public record Report(
      int layers, int operations, double without, double with, double written, long lines) {

    /** What using Mezzo adds to javac. */
    public double added() {
      return with - without;
    }

    /** What of that is the processor, not javac's work on the generated code. */
    public double processor() {
      return with - written;
    }
  }

  /**
   * Runs javac.
   *
   * @throws IllegalStateException if javac does not compile the layers, with its output
   */
  public Report measure() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("mezzo-processor");
    try {
      return measure(folder);
    } finally {
      delete(folder);
    }
  }

  private Report measure(Path folder) throws IOException, InterruptedException {
    List<Path> sources = write(folder);
    Path generated = Files.createDirectories(folder.resolve("generated"));
    List<String> processing = new ArrayList<>(processor());
    processing.addAll(List.of("-s", generated.toString()));
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    List<Double> written = new ArrayList<>();
    List<Path> all = List.of();
    for (int i = 0; i < options.runs; i++) {
      without.add(javac(folder, sources, List.of("-proc:none")));
      with.add(javac(folder, sources, processing));
      try (Stream<Path> files = Files.walk(generated)) {
        List<Path> forms = files.filter(file -> file.toString().endsWith(".java")).toList();
        all = Stream.concat(sources.stream(), forms.stream()).toList();
      }
      written.add(javac(folder, all, List.of("-proc:none")));
    }
    long lines = 0;
    for (Path file : all.subList(sources.size(), all.size())) {
      lines += Files.readAllLines(file).size();
    }
    return new Report(
        options.layers, options.operations, median(without), median(with), median(written), lines);
  }

  private List<Path> write(Path folder) throws IOException {
    Path sources = Files.createDirectories(folder.resolve(LayerSources.PACKAGE));
    List<Path> files = new ArrayList<>();
    for (LayerSources.Source source : LayerSources.of(options.layers, options.operations)) {
      files.add(Files.writeString(sources.resolve(source.name() + ".java"), source.code()));
    }
    return files;
  }

  private double javac(Path folder, List<Path> sources, List<String> processing)
      throws IOException, InterruptedException {
    Path classes = folder.resolve("classes");
    delete(classes);
    Files.createDirectories(classes);
    List<String> command = new ArrayList<>();
    if (options.cpu >= 0) {
      command.addAll(List.of("taskset", "-c", Integer.toString(options.cpu)));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "javac").toString());
    command.addAll(options.flags);
    command.addAll(processing);
    command.addAll(List.of("-cp", path(Tensor.class, Half.class), "-d", classes.toString()));
    sources.forEach(source -> command.add(source.toString()));
    Path log = folder.resolve("log");
    long start = System.nanoTime();
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (status != 0) {
      throw new IllegalStateException("javac failed:\n" + Files.readString(log));
    }
    return seconds;
  }

  private static List<String> processor() {
    try {
      Class<?> processor = Class.forName(PROCESSOR);
      Class<?> poet = Class.forName("com.palantir.javapoet.JavaFile");
      return List.of("-processorpath", path(processor, poet, Half.class));
    } catch (ClassNotFoundException missing) {
      throw new IllegalStateException("the processor is not on the class path", missing);
    }
  }

  /** The jars, or folders, that the classes come from. */
  private static String path(Class<?>... classes) {
    return String.join(
        File.pathSeparator, Stream.of(classes).map(ProcessorBenchmark::origin).toList());
  }

  private static String origin(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }

  private static double median(List<Double> seconds) {
    List<Double> sorted = seconds.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private static void delete(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (Stream<Path> paths = Files.walk(tree)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
