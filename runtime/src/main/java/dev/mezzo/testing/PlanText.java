package dev.mezzo.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A plan's document, of which each line is a member of the layer, or a function, parameter or value
 * with its members.
 *
 * @param entries the members of each, by what it is called: {@code forward: h}
 */
record PlanText(Map<String, Map<String, String>> entries) {
  private static final Set<String> IGNORED = Set.of("line", "values");

  /** A name, and a string, list or word. */
  private static final Pattern MEMBER =
      Pattern.compile(
          "\"(?<name>\\w+)\": (?<value>\"(?:[^\"\\\\]|\\\\.)*\"|\\[(?:[^\\]\"]|\"(?:[^\"\\\\]|\\\\.)*\")*\\]|[\\w.+-]+)");

  static PlanText of(String json) {
    Map<String, Map<String, String>> entries = new LinkedHashMap<>();
    String section = "";
    String function = "";
    for (String line : json.lines().map(String::strip).toList()) {
      Map<String, String> members = members(line);
      String name = members.getOrDefault("name", "").replace("\"", "");
      if (line.startsWith("\"") && line.endsWith("[")) {
        section = line.substring(1, line.indexOf('"', 1));
      } else if (line.startsWith("\"")) {
        entries.computeIfAbsent("layer", _ -> new LinkedHashMap<>()).putAll(members);
      } else if (members.containsKey("operation")) {
        entries.put(function + ": " + name, members);
      } else if (!members.isEmpty() && section.equals("functions")) {
        function = name;
        entries.put(name, members);
      } else if (!members.isEmpty()) {
        entries.put("parameter " + name, members);
      }
    }
    return new PlanText(entries);
  }

  private static Map<String, String> members(String line) {
    Map<String, String> members = new LinkedHashMap<>();
    Matcher matcher = MEMBER.matcher(line);
    while (matcher.find()) {
      members.put(matcher.group("name"), matcher.group("value"));
    }
    return members;
  }

  /** What is different, a line each, in the order of this plan; then what is new. */
  List<String> changes(PlanText now) {
    List<String> changes = new ArrayList<>();
    entries.forEach(
        (name, before) -> {
          Map<String, String> after = now.entries.get(name);
          if (after == null) {
            changes.add("- " + name + ": " + text(before));
          } else {
            changes(name, before, after).forEach(changes::add);
          }
        });
    now.entries.forEach(
        (name, after) -> {
          if (!entries.containsKey(name)) {
            changes.add("+ " + name + ": " + text(after));
          }
        });
    return changes;
  }

  /** As in {@code forward: h (line 24): precision "half" → "full"}. */
  private static Stream<String> changes(
      String name, Map<String, String> before, Map<String, String> after) {
    String place = after.containsKey("line") ? " (line " + after.get("line") + ")" : "";
    return Stream.concat(before.keySet().stream(), after.keySet().stream())
        .distinct()
        .filter(member -> !IGNORED.contains(member))
        .filter(member -> !value(before, member).equals(value(after, member)))
        .map(
            member ->
                name
                    + place
                    + ": "
                    + member
                    + " "
                    + value(before, member)
                    + " \u2192 "
                    + value(after, member));
  }

  private static String value(Map<String, String> members, String name) {
    return members.getOrDefault(name, "none");
  }

  private static String text(Map<String, String> members) {
    List<String> parts = new ArrayList<>();
    members.forEach(
        (name, value) -> {
          if (!IGNORED.contains(name) && !name.equals("name")) {
            parts.add(name + " " + value);
          }
        });
    return String.join(", ", parts);
  }
}
