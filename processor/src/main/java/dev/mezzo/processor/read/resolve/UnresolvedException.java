package dev.mezzo.processor.read.resolve;

import com.sun.source.util.TreePath;

/**
 * A name refers to nothing: another processor may yet generate it, so who asked waits for the next
 * round.
 */
public final class UnresolvedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient TreePath path;

  /** The name, or the declaration that has it for its type. */
  public UnresolvedException(TreePath path) {
    super("cannot resolve " + path.getLeaf(), null, false, false);
    this.path = path;
  }

  /** The name, or the declaration that has it for its type. */
  public TreePath path() {
    return path;
  }
}
