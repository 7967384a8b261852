package dev.mezzo;

import org.jspecify.annotations.Nullable;

/**
 * Keeps a training to one step at a time. A step that ended with an exception never says so; the
 * thread's stack tells whether it is still in one.
 */
final class StepGuard {

  private final String training;
  private @Nullable Thread inStep;
  private boolean closed;

  /**
   * @param training name of the training's class
   */
  StepGuard(String training) {
    this.training = training;
  }

  synchronized void enter() {
    checkOpen();
    checkNoOther("step");
    inStep = Thread.currentThread();
  }

  synchronized void leave() {
    inStep = null;
  }

  synchronized void checkEntered() {
    checkOpen();
    if (inStep != Thread.currentThread()) {
      throw new IllegalStateException("update without begin; this is a bug in the training class");
    }
  }

  synchronized void checkOpen() {
    if (closed) {
      throw closed();
    }
  }

  synchronized void close() {
    if (closed) {
      throw new IllegalStateException("the training is closed twice");
    }
    checkNoOther("close");
    closed = true;
  }

  static IllegalStateException closed() {
    return new IllegalStateException("the training is closed");
  }

  private void checkNoOther(String what) {
    Thread other = inStep;
    if (other == null || other == Thread.currentThread()) {
      return;
    }
    for (StackTraceElement frame : other.getStackTrace()) {
      if (frame.getClassName().equals(training)) {
        throw new IllegalStateException(
            what
                + " while thread '"
                + other.getName()
                + "' is in a step; a training is for one thread at a time");
      }
    }
  }
}
