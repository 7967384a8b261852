package dev.mezzo.examples.report;

import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.RunResult;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/** Test images as inline PNG, each with its class and what every form takes it for. */
final class Pictures {

  private static final int FIRST = 12;
  private static final int DISAGREEING = 12;

  private final LabeledImages test;
  private final List<RunResult> runs;

  Pictures(LabeledImages test, List<RunResult> runs) {
    this.test = test;
    this.runs = runs;
  }

  /** The first test images. */
  String first() {
    return html(range(Math.min(FIRST, test.count())));
  }

  /** The first test images that not all forms take for the same; empty where they agree on all. */
  String disagreeing() {
    List<Integer> indices =
        range(test.count()).stream()
            .filter(i -> runs.stream().map(run -> run.predictions().get(i)).distinct().count() > 1)
            .limit(DISAGREEING)
            .toList();
    return html(indices);
  }

  /** How many test images not all forms take for the same. */
  long disagreements() {
    return range(test.count()).stream()
        .filter(i -> runs.stream().map(run -> run.predictions().get(i)).distinct().count() > 1)
        .count();
  }

  private String html(List<Integer> indices) {
    StringBuilder html = new StringBuilder();
    for (int index : indices) {
      String truth = FashionMnist.CLASSES.get(test.label(index));
      html.append("<figure><img alt=\"")
          .append(Svg.escape(truth))
          .append("\" src=\"data:image/png;base64,")
          .append(png(index))
          .append("\"><figcaption><b>")
          .append(Svg.escape(truth))
          .append("</b>");
      for (int i = 0; i < runs.size(); i++) {
        int predicted = runs.get(i).predictions().get(index);
        boolean right = predicted == test.label(index);
        html.append("<span class=\"")
            .append(right ? "right" : "wrong")
            .append("\"><i class=\"key form")
            .append(i)
            .append("\"></i>")
            .append(Svg.escape(FashionMnist.CLASSES.get(predicted)))
            .append(right ? "" : " ✗")
            .append("</span>");
      }
      html.append("</figcaption></figure>\n");
    }
    return html.toString();
  }

  /** A test image, a pixel a pixel. */
  static BufferedImage image(LabeledImages test, int index) {
    float[] pixels = new float[test.pixels()];
    test.copyImage(index, pixels, 0);
    int side = FashionMnist.SIDE;
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < pixels.length; i++) {
      image.getRaster().setSample(i % side, i / side, 0, Math.round(255 * pixels[i]));
    }
    return image;
  }

  private String png(int index) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image(test, index), "png", out);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }

  /** The indices of so many. */
  static List<Integer> range(int count) {
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      indices.add(i);
    }
    return indices;
  }
}
