package dev.mezzo.processor.read;

import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.ArrayList;
import java.util.List;

/** The problems of one layer that the reader itself finds. */
final class Complaints {
  private final SourceTrees trees;
  private final List<Problem> problems = new ArrayList<>();

  Complaints(SourceTrees trees) {
    this.trees = trees;
  }

  void unsupported(TreePath path, Constructs construct, String function) {
    unsupported(path, construct.subject(), function, construct.found(), construct.cure());
  }

  void unsupported(TreePath path, String subject, String where, String found, String cure) {
    add(path, Catalogue.UNSUPPORTED_CONSTRUCT, subject, where, found, cure);
  }

  void add(TreePath path, Catalogue entry, Object... arguments) {
    problems.add(entry.at(trees.at(path), arguments));
  }

  List<Problem> problems() {
    return List.copyOf(problems);
  }
}
