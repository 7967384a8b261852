package dev.mezzo.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mezzo.Devices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class CommandLineTest {

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          --loss-scale=small       | must be dynamic, none or a positive number, but is 'small'
          --loss-scale=-8          | must be dynamic, none or a positive number, but is '-8'
          --half=fp8               | Invalid value for option '--half'
          --epochs=0               | --epochs must be at least 1, but is 0
          --max-steps=0            | --max-steps must be at least 1, but is 0
          --batch=0                | --batch must be at least 1, but is 0
          --batch=20000            | --batch must be at most the 10000 training images, but is 20000
          --device=tpu             | --device must be cpu, cuda, cuda:N or best, but is 'tpu'
          --threads=0              | --threads must be at least 1, but is 0
          --epochs=2147483647      | --epochs must be at most 55063683 of 39 steps each, but is 2147483647
          --lr=-1                  | --lr must be finite and not negative, but is -1.0
          --lr=NaN                 | --lr must be finite and not negative, but is NaN
          --lr=Infinity            | --lr must be finite and not negative, but is Infinity
          --momentum=1             | --momentum must be at least 0 and below 1, but is 1.0
          --momentum=NaN           | --momentum must be at least 0 and below 1, but is NaN
          --weight-decay=-0.1      | --weight-decay must be finite and not negative, but is -0.1
          --clip-norm=0            | --clip-norm must be positive and finite, but is 0.0
          --clip-norm=NaN          | --clip-norm must be positive and finite, but is NaN
          --loss-scale=NaN         | must be dynamic, none or a positive number, but is 'NaN'
          --loss-scale=Infinity    | must be dynamic, none or a positive number, but is 'Infinity'
          --warm-up=-1             | --warm-up must be at least 0, but is -1
          --statistics-every=-1    | --statistics-every must be at least 0, but is -1
          --threads=10000          | --threads must be at most 9999, but is 10000
          --epochs=99999999999     | '--epochs': must be from -2147483648 to 2147483647, but is '99999999999'
          --batch=many             | '--batch': must be a whole number, but is 'many'
          --lr=1e60                | '--lr': must be 0, or in size from 1.4E-45 to 3.4028235E38, but is '1e60'
          --lr=fast                | '--lr': must be a number, but is 'fast'
          --html=                  | '--html': must name a file or folder, but is empty
          --nonsense               | Unknown option: '--nonsense'
          """)
  void usage(String option, String message) {
    int status = run(new Train(), "fashion-mnist", "--data", "bundled", option);
    assertTrue(err.toString().contains(message), err.toString());
    assertEquals("mezzo: ", err.toString().substring(0, 7));
    assertTrue(err.toString().contains("Try: train fashion-mnist --help"), err.toString());
    assertEquals(2, status);
  }

  @Test
  void nesterovWithAdamW() {
    int status =
        run(new Train(), "fashion-mnist", "--data=bundled", "--optimizer=adamw", "--nesterov");
    assertTrue(err.toString().contains("--nesterov is for --optimizer sgd"), err.toString());
    assertEquals(2, status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train  | --steps          | --steps must be at least 1, but is 0
          train  | --batch          | --batch must be at least 1, but is 0
          train  | --time           | --time must be at least 1, but is 0
          train  | --validate-every | --validate-every must be at least 1, but is 0
          advise | --steps          | --steps must be at least 1, but is 0
          advise | --batch          | --batch must be at least 1, but is 0
          """)
  void usageOfText(String command, String option, String message) {
    Object parent = command.equals("train") ? new Train() : new Advise();
    int status = run(parent, "char-lm", option + "=0");
    assertTrue(err.toString().contains("mezzo: " + message), err.toString());
    assertTrue(err.toString().contains("Try: " + command + " char-lm --help"), err.toString());
    assertEquals(2, status);
  }

  @Test
  void nesterovWithoutMomentum() {
    int status = run(new Train(), "fashion-mnist", "--data=bundled", "--momentum=0", "--nesterov");
    assertTrue(err.toString().contains("--nesterov needs a --momentum above 0"), err.toString());
    assertEquals(2, status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "20000"})
  void batchesThatCannotBeLookedAt(String batch) {
    assertEquals(
        2, run(new Advise(), "fashion-mnist", "--data=bundled", "--batch=" + batch), out::toString);
    assertTrue(err.toString().contains("mezzo: --batch must be at "), err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --time=2147483647     | --time must be at most 1203, the last tenth of the text less 2, but is 2147483647
          --batch=2147483647    | --batch must be at most 16777215, but is 2147483647
          --sample=2147483647   | --sample must be at most 1000000, but is 2147483647
          """)
  void numbersOfTextThatAreTooLarge(String option, String message) throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "a line\n".repeat(1715));
    assertEquals(2, run(new Train(), "char-lm", "--text", text.toString(), option), err::toString);
    assertTrue(err.toString().contains("mezzo: " + message), err.toString());
  }

  /** What no option can foresee: one line, and not the end of the JVM. */
  @Test
  void memoryThatIsNotThere() {
    int status = run(new Greedy());
    assertEquals(1, status);
    assertTrue(
        err.toString().startsWith("mezzo: out of memory; take smaller numbers (--batch, --time)"),
        err.toString());
  }

  @Command(name = "greedy")
  private static final class Greedy implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new OutOfMemoryError("4 bytes asked for");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--lr=NaN", "--rate=-1"})
  void rateOfText(String option) {
    assertEquals(2, run(new Train(), "char-lm", option));
    assertTrue(
        err.toString().contains("mezzo: --lr must be finite and not negative"), err.toString());
  }

  @Test
  void textThatIsNotThere() {
    Path gone = folder.resolve("gone");
    assertEquals(1, run(new Train(), "char-lm", "--text", gone.toString()));
    assertEquals(
        "mezzo: " + gone + ": no such file; give a text file in UTF-8", err.toString().strip());
  }

  /** Before the training, not behind it. */
  @ParameterizedTest
  @ValueSource(strings = {"--html", "--json", "--picture"})
  void fileThatCannotBeWritten(String option) throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    int status =
        run(
            new Train(),
            "fashion-mnist",
            "--data=bundled",
            option + "=" + file.resolve("page.html"));
    assertEquals(
        "mezzo: cannot write %s: %s is no folder".formatted(file.resolve("page.html"), file),
        err.toString().strip());
    assertEquals(1, status);
    assertEquals("", out.toString());
    assertEquals(1, run(new Train(), "fashion-mnist", "--data=bundled", option + "=" + folder));
    assertTrue(err.toString().contains("it is a folder"), err.toString());
  }

  @Test
  void oneFileForTwoThings() {
    Path file = folder.resolve("file");
    String[] both = {"--html=" + file, "--json=" + file};
    assertEquals(1, run(new Train(), "fashion-mnist", "--data=bundled", both[0], both[1]));
    assertTrue(err.toString().contains("asked for twice; name two files"), err.toString());
    assertTrue(Files.notExists(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone", "/"})
  void checkpointThatIsNotThere(String name) {
    Path file = folder.resolve(name);
    assertEquals(1, run(new Train(), "char-lm", "--resume=" + file));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains(name.equals("/") ? "is a folder" : "no such file"));
  }

  @Test
  void dataThatIsNotThere() {
    Path gone = folder.resolve("gone");
    assertEquals(1, run(new Demo(), "--data", gone.toString()));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().startsWith("mezzo: " + gone + ": no such folder; "), err.toString());
  }

  @Test
  void brokenDataLeavesNothingBehind() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.write(data.resolve("train-images-idx3-ubyte"), new byte[] {0, 0, 8, 3});
    Path output = folder.resolve("output");
    int status = run(new Demo(), "--data", data.toString(), "--output", output.toString());
    assertEquals(1, status);
    assertTrue(err.toString().contains("byte 4: the file ends here"), err.toString());
    assertTrue(Files.notExists(output));
  }

  @Test
  void doctor() {
    int status = run(new Doctor(), "--data", "bundled");
    assertTrue(out.toString().contains("10,000 + 2,000 images read"), out.toString());
    assertTrue(out.toString().contains("Backend"), out.toString());
    assertTrue(status == 0 || out.toString().contains("is missing"), out.toString());
  }

  @Test
  void doctorFindsBrokenData() {
    assertEquals(1, run(new Doctor(), "--data", folder.toString()));
    assertTrue(out.toString().contains("unusable: " + folder), out.toString());
  }

  @Test
  void aGpuThatIsNotThereIsAskedFor() {
    assumeTrue(Devices.list().size() == 1, "there is a GPU");
    assertEquals(1, run(new Train(), "fashion-mnist", "--data=bundled", "--device=cuda"));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().startsWith("mezzo: --device cuda: no GPU: "), err.toString());
    assertTrue(err.toString().contains("Cure: "), err.toString());
    assertTrue(err.toString().contains("or use --device cpu"), err.toString());
  }

  @Test
  void help() {
    assertEquals(0, run(new Train(), "fashion-mnist", "--help"));
    assertTrue(out.toString().contains("--no-master"), out.toString());
  }

  private int run(Object command, String... arguments) {
    return OneLineErrors.tellErrorsOf(new CommandLine(command))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
