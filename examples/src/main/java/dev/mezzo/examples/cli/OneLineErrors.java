package dev.mezzo.examples.cli;

import dev.mezzo.TrainingStoppedException;
import dev.mezzo.examples.data.DataException;
import dev.mezzo.io.CheckpointException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Tells what went wrong in one line on standard error: status 1, and with {@code --verbose} the
 * stack trace. Of a command that was not understood, with how to learn more: status 2.
 */
public final class OneLineErrors implements IExecutionExceptionHandler, IParameterExceptionHandler {

  /** The option that asks for stack traces. */
  public static final String VERBOSE = "--verbose";

  private static final String NO_MEMORY =
      "out of memory; take smaller numbers (--batch, --time), or give the JVM more, as in"
          + " MEZZO_JAVA_OPTS=-Xmx8g: ";

  /** A handler. */
  public OneLineErrors() {}

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println("mezzo: " + describe(e));
    boolean verbose =
        parsed.asCommandLineList().stream()
            .anyMatch(part -> part.getParseResult().hasMatchedOption(VERBOSE));
    if (verbose) {
      e.printStackTrace(err);
    }
    err.flush();
    return ExitCode.SOFTWARE;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("mezzo: " + e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return ExitCode.USAGE;
  }

  /** A command line whose errors are told so; names of constants are taken in any case. */
  public static CommandLine tellErrorsOf(CommandLine commandLine) {
    OneLineErrors errors = new OneLineErrors();
    Values.register(commandLine);
    return commandLine
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(OneLineErrors::run)
        .setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors);
  }

  /** As by default; memory that is not there is no mistake of Mezzo's. */
  private static int run(ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (OutOfMemoryError e) {
      List<CommandLine> commands = parsed.asCommandLineList();
      throw new ExecutionException(
          commands.getLast(), "out of memory", new CommandException(NO_MEMORY + e.getMessage(), e));
    }
  }

  private static String describe(Exception e) {
    String message = Objects.requireNonNullElse(e.getMessage(), "");
    return switch (e) {
      case DataException data -> data.getMessage();
      case CommandException failed -> failed.getMessage();
      case CheckpointException checkpoint -> message;
      case TrainingStoppedException stopped -> message;
      case UncheckedIOException io -> message;
      default ->
          "%s: %s; run it again with %s to see where, and report it if it is no mistake of yours"
              .formatted(e.getClass().getSimpleName(), message, VERBOSE);
    };
  }
}
