package dev.mezzo.processor.options;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The options of one compilation.
 *
 * @param on those that are given, and not as {@code =off}, or are on by themselves
 * @param files the values that name files
 * @param formats the 16-bit formats that are to be used
 * @param flaws what is wrong with the others, each as the rest of a sentence that begins with the
 *     option, and its cure
 */
public record Options(
    Set<Option> on, Map<Option, String> files, Set<Format> formats, List<Flaw> flaws) {

  private static final Set<String> ON = Set.of("", "true", "on");
  private static final Set<String> OFF = Set.of("false", "off");

  /** An option that is not understood. */
  public record Flaw(String option, String found, String cure) {}

  /** What stands after {@code -A}; options of other processors are passed over. */
  public static Options of(Map<String, ? extends @Nullable String> given) {
    Set<Option> on = EnumSet.noneOf(Option.class);
    Arrays.stream(Option.values()).filter(Option::standard).forEach(on::add);
    Map<Option, String> files = new EnumMap<>(Option.class);
    Set<Format> formats = EnumSet.allOf(Format.class);
    List<Flaw> flaws = new ArrayList<>();
    new TreeMap<String, @Nullable String>(given)
        .forEach(
            (key, value) -> {
              if (key.equals(Option.FORMATS.key())) {
                readFormats(String.valueOf(value), formats, flaws);
              } else if (key.startsWith("mezzo.")) {
                Option.of(key)
                    .ifPresentOrElse(
                        option -> read(option, value, on, files, flaws),
                        () -> flaws.add(unknown(key)));
              }
            });
    return new Options(
        Collections.unmodifiableSet(on), Map.copyOf(files), formats, List.copyOf(flaws));
  }

  /** Whether a switch is on. */
  public boolean has(Option option) {
    return on.contains(option);
  }

  /** The file that an option names. */
  public Optional<String> file(Option option) {
    return Optional.ofNullable(files.get(option));
  }

  private static void read(
      Option option,
      @Nullable String value,
      Set<Option> on,
      Map<Option, String> files,
      List<Flaw> flaws) {
    if (value == null || ON.contains(value)) {
      on.add(option);
    } else if (option.namesFile() && value.endsWith(".html")) {
      on.add(option);
      files.put(option, value);
    } else if (OFF.contains(value)) {
      on.remove(option);
    } else {
      flaws.add(
          new Flaw(
              option.key() + "=" + value,
              "must be 'on' or 'off'" + (option.namesFile() ? ", or a file '….html'" : ""),
              "correct it or remove it"));
    }
  }

  private static void readFormats(String value, Set<Format> formats, List<Flaw> flaws) {
    List<Optional<Format>> named = Arrays.stream(value.split(",", -1)).map(Format::of).toList();
    if (named.stream().allMatch(Optional::isPresent)) {
      formats.clear();
      named.forEach(format -> formats.add(format.orElseThrow()));
    } else {
      flaws.add(
          new Flaw(
              Option.FORMATS.key() + "=" + value,
              "must be 'fp16', 'bf16' or both with a comma between",
              "correct it or remove it"));
    }
  }

  private static Flaw unknown(String key) {
    return new Flaw(
        key, "does not exist", "Mezzo's options are " + String.join(", ", Option.keys()));
  }
}
