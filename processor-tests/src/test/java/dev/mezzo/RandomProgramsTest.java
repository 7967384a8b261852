package dev.mezzo;

import static org.junit.jupiter.api.Assertions.fail;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.programs.CompiledPrograms;
import dev.mezzo.programs.Masks;
import dev.mezzo.programs.Program;
import dev.mezzo.programs.RandomProgram;
import dev.mezzo.programs.Shrinking;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random programs of the language compile, and compute what they say: forward in FP32 bit by bit
 * what the class itself does; forward and backward in FP32, FP16 and BF16 what FP64 does, but for
 * roundings. {@code -Dmezzo.programs=N} makes N of them, {@code -Dmezzo.programs.seed=S} others.
 */
class RandomProgramsTest {
  private static final int BATCH = 50;
  private static final int PROGRAMS = Integer.getInteger("mezzo.programs", 300);
  private static final long SEED = Long.getLong("mezzo.programs.seed", 1);

  private static final Masks DROPOUT = new StepMasks();
  private static final Duration SHRINKING = Duration.ofSeconds(20);

  private static final Device BEFORE = Device.current();

  @TempDir Path directory;

  private int compilations;

  @BeforeAll
  static void useTheOracle() {
    Device.setDefault(Device.of(new ScalarBackend()));
    System.out.println("random programs: seeds " + SEED + " to " + (SEED + PROGRAMS - 1));
  }

  @AfterAll
  static void restore() {
    Device.setDefault(BEFORE);
  }

  static LongStream batches() {
    return LongStream.iterate(SEED, s -> s < SEED + PROGRAMS, s -> s + BATCH);
  }

  @ParameterizedTest
  @MethodSource("batches")
  void computeWhatTheySay(long first) {
    List<Program> programs =
        LongStream.range(first, Math.min(first + BATCH, SEED + PROGRAMS))
            .mapToObj(seed -> RandomProgram.of(seed, DROPOUT))
            .toList();
    List<String> failures = new ArrayList<>();
    List<Program> remaining = new ArrayList<>(programs);
    CompiledPrograms compiled = compile(remaining);
    List<Program> broken = broken(remaining, compiled);
    while (!broken.isEmpty()) {
      for (Program program : broken) {
        note(program, compiled, failures);
      }
      remaining.removeAll(broken);
      compiled = compile(remaining);
      broken = broken(remaining, compiled);
    }
    for (Program program : remaining) {
      note(program, compiled, failures);
    }
    if (!failures.isEmpty()) {
      fail(failures.size() + " programs fail:\n" + String.join("\n", failures));
    }
  }

  private static List<Program> broken(List<Program> programs, CompiledPrograms compiled) {
    return programs.stream().filter(p -> compiled.error(p.name()).isPresent()).toList();
  }

  private void note(Program program, CompiledPrograms compiled, List<String> failures) {
    Optional<String> failure = failure(program, compiled);
    if (failure.isPresent()) {
      failures.add(
          failures.isEmpty()
              ? report(program, failure.get())
              : "seed %d %s".formatted(program.seed(), failure.get()));
    }
  }

  private CompiledPrograms compile(List<Program> programs) {
    Map<String, String> sources = new LinkedHashMap<>();
    programs.forEach(program -> sources.put(program.name(), program.source()));
    return CompiledPrograms.compile(sources, directory.resolve("run" + compilations++));
  }

  private static Optional<String> failure(Program program, CompiledPrograms compiled) {
    Optional<String> error = compiled.error(program.name());
    if (error.isPresent()) {
      return error.map(text -> "does not compile: " + text);
    }
    try {
      return new ProgramCheck(program, DROPOUT, compiled.classes()).failure();
    } catch (RuntimeException | AssertionError | LinkageError thrown) {
      return Optional.of("throws: " + thrown);
    }
  }

  /** With the smallest program that fails like this. */
  private String report(Program program, String why) {
    String kind = kind(why);
    Program smallest =
        Shrinking.of(
            program,
            smaller ->
                failure(smaller, compile(List.of(smaller)))
                    .filter(other -> kind(other).equals(kind))
                    .isPresent(),
            DROPOUT,
            SHRINKING);
    String now = failure(smallest, compile(List.of(smallest))).orElse(why);
    return "seed %d %s%n%s".formatted(program.seed(), now, smallest.source());
  }

  /** What of a message does not depend on the program's details. */
  private static String kind(String why) {
    if (why.startsWith("does not compile")) {
      return why.replaceAll("(?s)^.*?(error|Mezzo:)", "").replaceAll("[\\d'].*", "").strip();
    }
    return why.replaceAll("(?s) (of|is|java\\.).*", "");
  }
}
