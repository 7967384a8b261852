package dev.mezzo.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What README.md shows is what is there: each Java block under a comment {@code <!-- FILE -->} is a
 * part of that file, lines that consist of {@code ...} standing for any lines.
 */
final class ReadmeTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().resolve("..").normalize();
  private static final Pattern BLOCK =
      Pattern.compile("<!-- (\\S+\\.java) -->\\s*```java\\n(.*?)```", Pattern.DOTALL);

  @Test
  void javaBlocksArePartsOfTheirFiles() throws IOException {
    List<MatchResult> blocks =
        BLOCK.matcher(Files.readString(ROOT.resolve("README.md"))).results().toList();
    assertEquals(4, blocks.size());
    for (MatchResult block : blocks) {
      String file = stripped(Files.readString(ROOT.resolve(block.group(1))));
      int from = 0;
      for (String part : stripped(block.group(2)).split("(?m)^\\.\\.\\.$", -1)) {
        int at = file.indexOf(part.strip(), from);
        assertTrue(at >= 0, block.group(1) + " has no\n" + part);
        from = at + part.strip().length();
      }
    }
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    List<MatchResult> links = Pattern.compile("]\\(([^)#]+)").matcher(readme).results().toList();
    assertTrue(links.size() > 3);
    for (MatchResult link : links) {
      String target = link.group(1);
      assertTrue(target.startsWith("https://") || Files.exists(ROOT.resolve(target)), target);
    }
  }

  /** Lines without indentation, so that a block may show a method by itself. */
  private static String stripped(String text) {
    return Pattern.compile("(?m)^[ \\t]+").matcher(text).replaceAll("");
  }
}
