package dev.mezzo;

import org.jspecify.annotations.Nullable;

/** Gradients of several operands that a kernel makes together. */
final class WantedGradients {

  private WantedGradients() {}

  /**
   * The same array with null, closed, in the place of what is not wanted.
   *
   * @param wanted of the first gradients; those behind are
   */
  static @Nullable Tensor[] of(@Nullable Tensor[] gradients, boolean... wanted) {
    for (int i = 0; i < wanted.length; i++) {
      Tensor gradient = gradients[i];
      if (!wanted[i] && gradient != null) {
        gradient.close();
        gradients[i] = null;
      }
    }
    return gradients;
  }
}
