package dev.mezzo.examples.data;

import java.io.IOException;
import java.io.InputStream;

/**
 * A file in IDX format, wherever it lies.
 *
 * @param name what messages call it
 * @param content opens it
 */
record IdxFile(String name, Content content) {

  /** Opens the file's bytes, gzipped or plain. */
  interface Content {
    InputStream open() throws IOException;
  }
}
