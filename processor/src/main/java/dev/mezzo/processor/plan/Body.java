package dev.mezzo.processor.plan;

import java.util.List;
import java.util.stream.Stream;

/**
 * Nodes in order: of a function, of one way of a branch, of a loop.
 *
 * @param id unique in its function
 */
record Body(int id, List<Node> nodes) {

  /** Where a node stands. */
  Place place(int index) {
    return new Place(id, index);
  }

  /** All nodes, those within a branch or loop right behind it. */
  Stream<Node> all() {
    return nodes.stream()
        .mapMulti(
            (node, all) -> {
              all.accept(node);
              node.bodies().forEach(body -> body.all().forEach(all));
            });
  }

  /** A node by the body that it is in, and its index there. */
  record Place(int body, int index) {}
}
