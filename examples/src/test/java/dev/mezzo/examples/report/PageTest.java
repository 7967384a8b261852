package dev.mezzo.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import java.io.StringReader;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

final class PageTest {

  private final LabeledImages test = FashionMnist.test(new DataLocation.Bundled()).first(20);
  private final String page = Page.of(SampleReport.of(20), test);

  @Test
  void standsAlone() {
    assertFalse(page.contains("<script"), "scripts");
    assertFalse(page.contains("<link"), "style sheets");
    assertFalse(page.contains("{{"), "a part is missing");
    for (String source : all("src=\"([^\"]*)\"")) {
      assertTrue(source.startsWith("data:image/png;base64,iVBOR"), source);
    }
  }

  @Test
  void picturesAreWellFormed() throws Exception {
    List<String> pictures = all("(?s)(<svg .*?</svg>)");
    assertEquals(3 + 4, pictures.size());
    for (String picture : pictures) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(picture)));
      assertFalse(picture.contains("NaN"), picture);
      assertFalse(picture.contains("Infinity"), picture);
    }
  }

  @Test
  void underflowIsShownLayerByLayer() {
    List<String> rows = all("<tr><th>(Linear net.first</th><td>activations</td>.*?)</tr>");
    assertEquals(4, rows.size(), "a row for each run");
    assertTrue(rows.getFirst().endsWith("<td>50.00 %</td><td>25.00 %</td>"), rows.getFirst());
  }

  @Test
  void wordsAreEscaped() {
    assertTrue(page.contains("a &lt;device&gt;"));
    assertFalse(page.contains("a <device>"));
    assertTrue(page.contains("too many skips"));
  }

  @Test
  void twelveImagesAndTheOneThatIsTakenForDifferentThings() {
    assertEquals(12 + 1, all("(<figure>)").size());
    assertTrue(page.contains("in 1 of 20 test images"));
  }

  private List<String> all(String pattern) {
    return Pattern.compile(pattern).matcher(page).results().map(match -> match.group(1)).toList();
  }
}
