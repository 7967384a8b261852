package dev.mezzo.processor.model;

/** What drives a loop. */
public sealed interface LoopHead {

  /**
   * {@code for (int i = from; i < to; i++)}, or downwards {@code for (int i = from; i > to; i--)}.
   * The body changes neither the index nor what the bounds are made of.
   *
   * @param inclusive {@code <=}, {@code >=}
   * @param down whether the index decreases
   */
  record Range(
      String index, Argument.Plain from, Argument.Plain to, boolean inclusive, boolean down)
      implements LoopHead {}

  /**
   * {@code for (int dim : dims)}, over an array, a list, or what else is iterable.
   *
   * @param type of the element, qualified
   */
  record Each(String type, String element, Argument.Plain elements, Elements kind)
      implements LoopHead {}

  /** What a loop goes through. */
  enum Elements {
    /** An array. */
    ARRAY,
    /** A list. */
    LIST,
    /** What has no index, or whose elements the passes change. */
    OTHER
  }

  /** {@code while (condition)}; how often is known only when it has run. */
  record While(Argument.Plain condition) implements LoopHead {}
}
