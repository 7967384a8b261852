package dev.mezzo.examples.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How texts become the values of options; what is wrong is said without Java's names of types. */
final class Values {

  private Values() {}

  /** Has a command line and its subcommands take numbers and files so. */
  static void register(CommandLine commandLine) {
    ITypeConverter<Integer> whole = text -> (int) whole(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
    ITypeConverter<Long> wide = text -> whole(text, Long.MIN_VALUE, Long.MAX_VALUE);
    ITypeConverter<Float> real = Values::real;
    commandLine
        .registerConverter(int.class, whole)
        .registerConverter(Integer.class, whole)
        .registerConverter(long.class, wide)
        .registerConverter(Long.class, wide)
        .registerConverter(float.class, real)
        .registerConverter(Float.class, real)
        .registerConverter(double.class, Values::number)
        .registerConverter(Path.class, Values::path);
  }

  private static long whole(String text, long least, long greatest) {
    if (!text.matches("[+-]?[0-9]+")) {
      throw new TypeConversionException("must be a whole number, but is '" + text + "'");
    }
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= greatest) {
        return value;
      }
    } catch (NumberFormatException e) {
      // of more digits than any
    }
    throw new TypeConversionException(
        String.format(Locale.ROOT, "must be from %d to %d, but is '%s'", least, greatest, text));
  }

  private static float real(String text) {
    double value = number(text);
    float rounded = (float) value;
    if ((Double.isFinite(value) && Float.isInfinite(rounded)) || (value != 0 && rounded == 0)) {
      throw new TypeConversionException(
          "must be 0, or in size from %s to %s, but is '%s'"
              .formatted(Float.MIN_VALUE, Float.MAX_VALUE, text));
    }
    return rounded;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("must be a number, but is '" + text + "'");
    }
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new TypeConversionException("must name a file or folder, but is empty");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException("must name a file or folder: " + e.getMessage());
    }
  }
}
