package dev.mezzo.processor;

import static org.junit.jupiter.api.Assertions.fail;

import dev.mezzo.programs.BrokenProgram;
import dev.mezzo.programs.CompiledPrograms;
import dev.mezzo.programs.Masks;
import dev.mezzo.programs.Program;
import dev.mezzo.programs.RandomProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.tools.Diagnostic;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is wrong with a program, the processor does not fail: it says what is wrong, or leaves
 * that to javac, and writes nothing that does not compile. {@code -Dmezzo.broken=N} breaks N
 * programs, {@code -Dmezzo.programs.seed=S} others.
 */
class BrokenProgramsTest {
  private static final int PROGRAMS = Integer.getInteger("mezzo.broken", 150);
  private static final long SEED = Long.getLong("mezzo.programs.seed", 1);
  private static final Duration SHRINKING = Duration.ofSeconds(20);

  @TempDir Path directory;

  private int compilations;

  @Test
  void theProcessorNeverFails() {
    System.out.println("broken programs: seeds " + SEED + " to " + (SEED + PROGRAMS - 1));
    List<String> failures = new ArrayList<>();
    for (long seed = SEED; seed < SEED + PROGRAMS; seed++) {
      Program program = RandomProgram.of(seed, Masks.NONE);
      String broken = BrokenProgram.of(program, seed);
      Optional<String> why = failure(program.name(), broken);
      if (why.isPresent()) {
        String smallest = failures.isEmpty() ? "\n" + smallest(program.name(), broken) : "";
        failures.add("seed " + seed + " " + why.get() + smallest);
      }
    }
    if (!failures.isEmpty()) {
      fail(failures.size() + " programs:\n" + String.join("\n", failures));
    }
  }

  private Optional<String> failure(String name, String source) {
    CompiledPrograms compiled =
        CompiledPrograms.compile(Map.of(name, source), directory.resolve("run" + compilations++));
    if (compiled.crash().isPresent()) {
      return Optional.of("crash: " + compiled.crash().get());
    }
    return compiled.diagnostics().stream()
        .map(d -> d.getMessage(null))
        .filter(message -> message.contains("[Mezzo:Bug]"))
        .findFirst()
        .or(() -> wrongAlone(compiled));
  }

  /** What must not be said of a program in which javac finds nothing wrong. */
  private static Optional<String> wrongAlone(CompiledPrograms compiled) {
    boolean wrong = compiled.errors().stream().anyMatch(error -> !isGenerated(error));
    if (wrong) {
      return Optional.empty();
    }
    return compiled.diagnostics().stream()
        .filter(
            d ->
                d.getKind() == Diagnostic.Kind.ERROR
                    || d.getMessage(null).contains("[Mezzo:NotResolved]"))
        .map(Object::toString)
        .findFirst();
  }

  private static boolean isGenerated(Diagnostic<? extends JavaFileObject> diagnostic) {
    JavaFileObject file = diagnostic.getSource();
    return file != null && file.getName().contains("Mixed");
  }

  /** The same without all the lines that it fails without. */
  private String smallest(String name, String source) {
    Instant end = Instant.now().plus(SHRINKING);
    List<String> lines = new ArrayList<>(source.lines().toList());
    int i = lines.size();
    while (--i >= 0 && Instant.now().isBefore(end)) {
      String line = lines.remove(i);
      if (failure(name, String.join("\n", lines)).isEmpty()) {
        lines.add(i, line);
      }
    }
    return String.join("\n", lines);
  }
}
