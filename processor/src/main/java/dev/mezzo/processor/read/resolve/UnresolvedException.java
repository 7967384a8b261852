package dev.mezzo.processor.read.resolve;

import com.sun.source.util.TreePath;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A name refers to nothing: another processor may yet generate it, so who asked waits for the next
 * round.
 */
public final class UnresolvedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable TreePath path;

  /** The name, or the declaration that has it for its type. */
  public UnresolvedException(TreePath path) {
    super("cannot resolve " + path.getLeaf(), null, false, false);
    this.path = path;
  }

  /** What javac reports where it is declared: an annotation with an erroneous value. */
  public UnresolvedException(String what) {
    super(what, null, false, false);
    this.path = null;
  }

  /** The name, or the declaration that has it for its type, if it is known. */
  public Optional<TreePath> path() {
    return Optional.ofNullable(path);
  }
}
