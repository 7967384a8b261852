package dev.mezzo.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What {@code --help} says of each command. */
final class HelpTest {

  @TestFactory
  Stream<DynamicTest> saysWhatCommandsAndOptionsAre() {
    return commands(Mezzo.commandLine().getCommandSpec())
        .map(command -> DynamicTest.dynamicTest(command.qualifiedName(), () -> check(command)));
  }

  private static Stream<CommandSpec> commands(CommandSpec command) {
    return Stream.concat(
        Stream.of(command),
        command.subcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .flatMap(HelpTest::commands));
  }

  private static void check(CommandSpec command) {
    assertEquals(
        1,
        command.usageMessage().description().length,
        "the list of commands shows the first line alone");
    assertAll(command.options().stream().map(option -> () -> check(option)));
  }

  private static void check(OptionSpec option) {
    String text = String.join(" ", option.description());
    assertFalse(text.isBlank(), option.longestName());
    assertFalse(text.startsWith("default"), option.longestName() + ": " + text);
  }
}
