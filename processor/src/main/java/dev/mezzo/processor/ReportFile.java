package dev.mezzo.processor;

import dev.mezzo.processor.options.Option;
import dev.mezzo.processor.options.Options;
import dev.mezzo.processor.report.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.annotation.processing.Filer;
import javax.tools.FileObject;
import javax.tools.StandardLocation;

/**
 * Where the page of a module is written. It comes from many classes, and so is no output of an
 * isolating processor: it is written beside the Filer, and keeps what an incremental build does not
 * compile again.
 */
final class ReportFile {
  private static final String FOLDER = "META-INF/mezzo/";

  private final Filer filer;
  private final Options options;

  ReportFile(Filer filer, Options options) {
    this.filer = filer;
    this.options = options;
  }

  /** Writes the page; of layers in an older one only those that still have a plan stay. */
  void write(ReportPage page) throws IOException {
    Path classes = output("report.html");
    Path file = options.file(Option.REPORT).map(Path::of).orElse(classes);
    if (Files.exists(file)) {
      page.keep(
          Files.readString(file), layer -> Files.exists(classes.resolveSibling(layer + ".json")));
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, page.html());
  }

  private Path output(String name) throws IOException {
    FileObject file = filer.getResource(StandardLocation.CLASS_OUTPUT, "", FOLDER + name);
    if (!"file".equals(file.toUri().getScheme())) {
      throw new IOException("the class output is no directory of files: " + file.toUri());
    }
    return Path.of(file.toUri());
  }
}
