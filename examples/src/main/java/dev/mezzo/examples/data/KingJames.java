package dev.mezzo.examples.data;

import java.io.IOException;

/** The King James Bible, in the public domain, as Debian's package {@code bible-kjv} prints it. */
public final class KingJames {

  private static final String CURE =
      "give a text by --text FILE, or install one in the public domain: apt-get install bible-kjv";

  private KingJames() {}

  /**
   * The whole text.
   *
   * @throws DataException if the program is not there
   */
  public static Text read() {
    try {
      Process bible =
          new ProcessBuilder("bible", "-f", "Gen1:1-Rev22:21")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      bible.getOutputStream().close();
      byte[] bytes = bible.getInputStream().readAllBytes();
      if (bible.waitFor() != 0 || bytes.length == 0) {
        throw new DataException("the program bible printed no text; " + CURE);
      }
      return Text.of("the King James Bible", bytes);
    } catch (IOException e) {
      throw new DataException("there is no text to train on; " + CURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException("interrupted while the program bible ran; " + CURE);
    }
  }
}
