package dev.mezzo.examples.report;

import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.RunResult;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Test images on one picture, each with its class and what each run takes it for: the first ones,
 * then the first of those that a run takes for something else.
 */
public final class PictureSheet {

  private static final int COLUMNS = 8;
  private static final int ROWS = 2;
  private static final int SIDE = 112;
  private static final int GAP = 14;
  private static final int LINE = 16;
  private static final int TITLE = 30;
  private static final Color INK = new Color(0x1b1f24);
  private static final Color RIGHT = new Color(0x1a7f37);
  private static final Color WRONG = new Color(0xcf222e);

  private final LabeledImages test;
  private final List<RunResult> runs;
  private final int cell;

  private PictureSheet(LabeledImages test, List<RunResult> runs) {
    this.test = test;
    this.runs = runs;
    this.cell = SIDE + (1 + runs.size()) * LINE + GAP;
  }

  /** As PNG; the images are those that the runs' predictions are of. */
  public static byte[] png(LabeledImages test, List<RunResult> runs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(new PictureSheet(test, runs).draw(), "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return out.toByteArray();
  }

  private BufferedImage draw() {
    int width = COLUMNS * (SIDE + GAP) + GAP;
    int height = 2 * (TITLE + ROWS * cell) + GAP;
    BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sheet.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    int count = COLUMNS * ROWS;
    List<Integer> wrong = Pictures.range(test.count()).stream().filter(this::isMistaken).toList();
    section(g, 0, "The first test images", Pictures.range(Math.min(count, test.count())));
    section(
        g,
        TITLE + ROWS * cell,
        "The first mistakes, of %,d".formatted(wrong.size()),
        wrong.subList(0, Math.min(count, wrong.size())));
    g.dispose();
    return sheet;
  }

  private boolean isMistaken(int index) {
    return runs.stream().anyMatch(run -> run.predictions().get(index) != test.label(index));
  }

  private void section(Graphics2D g, int top, String title, List<Integer> indices) {
    g.setColor(INK);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    g.drawString(title, GAP, top + 21);
    for (int i = 0; i < indices.size(); i++) {
      int x = GAP + i % COLUMNS * (SIDE + GAP);
      int y = top + TITLE + i / COLUMNS * cell;
      image(g, x, y, indices.get(i));
    }
  }

  private void image(Graphics2D g, int x, int y, int index) {
    g.drawImage(Pictures.image(test, index), x, y, SIDE, SIDE, null);
    int line = y + SIDE + LINE - 3;
    String truth = FashionMnist.CLASSES.get(test.label(index));
    text(g, new Font(Font.SANS_SERIF, Font.BOLD, 12), INK, truth, x, line);
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    for (RunResult run : runs) {
      line += LINE;
      int predicted = run.predictions().get(index);
      boolean right = predicted == test.label(index);
      String name = runs.size() == 1 ? "" : run.form().name() + ": ";
      String text = name + FashionMnist.CLASSES.get(predicted);
      text(g, plain, right ? RIGHT : WRONG, text, x, line);
    }
  }

  private static void text(Graphics2D g, Font font, Color color, String text, int x, int y) {
    g.setFont(font);
    g.setColor(color);
    g.drawString(text, x, y);
  }
}
