package dev.mezzo.processor.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One page for the layers of a module, which needs nothing but itself. Each layer is a line of it,
 * so that a compilation of some layers can take the others from the page before.
 */
public final class ReportPage {
  private static final String PLACE = "<!-- layers -->\n";
  private static final String BEGIN =
      "<script type=\"application/json\" class=\"layer\" data-layer=\"";
  private static final Pattern LAYER =
      Pattern.compile("^" + Pattern.quote(BEGIN) + "([^\"]*)\">(.*)</script>$", Pattern.MULTILINE);

  private final Map<String, String> layers = new TreeMap<>();

  /** An empty page. */
  public ReportPage() {}

  /** Shows a layer, in place of one of the same name. */
  public void add(LayerReport report) {
    layers.put(report.layer().qualified(), report.data());
  }

  /** Whether it shows nothing. */
  public boolean isEmpty() {
    return layers.isEmpty();
  }

  /** Takes the layers of an older page that are not here yet and still exist. */
  public void keep(String older, Predicate<String> exists) {
    Matcher layer = LAYER.matcher(older);
    while (layer.find()) {
      if (exists.test(layer.group(1))) {
        layers.putIfAbsent(layer.group(1), layer.group(2));
      }
    }
  }

  /** The whole page. */
  public String html() throws IOException {
    String data =
        layers.entrySet().stream()
            .map(layer -> BEGIN + layer.getKey() + "\">" + layer.getValue() + "</script>\n")
            .collect(Collectors.joining());
    try (InputStream page = ReportPage.class.getResourceAsStream("page.html")) {
      if (page == null) {
        throw new IOException("page.html is missing in Mezzo's processor");
      }
      return new String(page.readAllBytes(), StandardCharsets.UTF_8).replace(PLACE, data);
    }
  }
}
