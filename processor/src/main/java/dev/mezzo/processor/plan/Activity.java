package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Map;

/**
 * What backward of a function has to do.
 *
 * @param needs of every value on a way to the result, when its gradient is needed
 * @param wanted of each tensor input, how its gradient is wanted
 */
record Activity(Map<Value, Need> needs, List<Wanted> wanted) {

  /** How the callers of a function want an input's gradient. */
  enum Wanted {
    /** By every caller. */
    ALWAYS,
    /** By none, or there is none. */
    NEVER,
    /** The caller says so, by a flag. */
    ON_REQUEST
  }

  /** When the gradient of a value is needed. */
  Need of(Value value) {
    return needs.getOrDefault(value, Need.NEVER);
  }

  /**
   * When backward of a node is to run: where its result's gradient is needed. A branch or loop is
   * gone through in any case where something in it may be needed.
   */
  Need of(Node node) {
    return switch (node) {
      case Node.If branch ->
          always(
              branch.joins().stream().anyMatch(join -> !of(join.result()).never())
                  || isActive(branch.then())
                  || isActive(branch.otherwise()));
      case Node.Loop loop ->
          always(
              loop.carried().stream().anyMatch(carried -> !of(carried.after()).never())
                  || isActive(loop.body()));
      case Node.Write write -> of(write.array());
      default -> node.made().map(this::of).orElse(Need.NEVER);
    };
  }

  private boolean isActive(Body body) {
    return body.nodes().stream().anyMatch(node -> !of(node).never());
  }

  private static Need always(boolean active) {
    return active ? Need.ALWAYS : Need.NEVER;
  }

  /** When the gradient of an operand of a node on the way to the result is needed. */
  Need of(Node.Operand operand) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> of(value);
      case Node.Operand.OfParameter parameter -> Need.ALWAYS;
      case Node.Operand.OfPlain plain -> Need.NEVER;
    };
  }
}
