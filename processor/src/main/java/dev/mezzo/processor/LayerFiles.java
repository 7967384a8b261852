package dev.mezzo.processor;

import dev.mezzo.processor.emit.GeneratedSource;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.read.Round;
import dev.mezzo.processor.report.PlanDocument;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.annotation.processing.Filer;
import javax.annotation.processing.FilerException;
import javax.tools.StandardLocation;

/** What is written of a layer; each file comes from its class alone, as incremental builds want. */
final class LayerFiles {
  private final Round round;
  private final Filer filer;

  LayerFiles(Round round, Filer filer) {
    this.round = round;
    this.filer = filer;
  }

  /** Writes the form. */
  void write(
      ClassName layer, SourcePosition position, GeneratedSource source, List<Problem> problems) {
    String name = source.name().qualified();
    try (Writer writer = filer.createSourceFile(name, round.element(layer)).openWriter()) {
      writer.write(source.code());
    } catch (FilerException exists) {
      problems.add(nameTaken(layer, position));
    } catch (IOException failure) {
      problems.add(Catalogue.CANNOT_WRITE.at(position, name, failure));
    }
  }

  /** The plan is a resource of its layer's alone, so that incremental builds rewrite it with it. */
  void write(LayerModel layer, String document, List<Problem> problems) {
    String path = PlanDocument.path(layer.type());
    try (OutputStream file =
        filer
            .createResource(StandardLocation.CLASS_OUTPUT, "", path, round.element(layer.type()))
            .openOutputStream()) {
      file.write(document.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      problems.add(Catalogue.CANNOT_WRITE.at(layer.position(), path, failure));
    }
  }

  /** There is a class already that is called as the form. */
  static Problem nameTaken(ClassName layer, SourcePosition position) {
    return Catalogue.NAME_TAKEN.at(position, layer.name(), layer.mixed().name());
  }
}
