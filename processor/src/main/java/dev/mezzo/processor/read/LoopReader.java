package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.DoWhileLoopTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.read.PassReader.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads loops: each kind by what drives it. */
final class LoopReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final BlockReader blocks;
  private final PassReader passes;
  private final EachReader each;

  LoopReader(
      LayerContext context,
      FunctionScope scope,
      TensorReader tensors,
      BlockReader blocks,
      Exits exits) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.blocks = blocks;
    this.passes = new PassReader(context, scope, tensors.plain(), blocks, exits);
    this.each = new EachReader(context, scope, tensors, passes);
  }

  /** Reads any loop. */
  void read(TreePath path) {
    switch (path.getLeaf()) {
      case ForLoopTree loop -> read(path, loop);
      case EnhancedForLoopTree loop -> each.read(path, loop);
      case WhileLoopTree loop -> read(path, loop);
      case DoWhileLoopTree loop -> read(path, loop);
      case Tree other ->
          context.complaints().unsupported(path, Constructs.ofStatement(other), scope.function());
    }
  }

  private void read(TreePath path, WhileLoopTree tree) {
    TreePath condition = Flow.unwrapped(child(path, tree.getCondition()));
    TreePath body = child(path, tree.getStatement());
    passes.read(path, body, Pass.PLAIN, () -> condition(condition));
  }

  /** The condition stands at the end of each pass. */
  private void read(TreePath path, DoWhileLoopTree tree) {
    TreePath condition = Flow.unwrapped(child(path, tree.getCondition()));
    TreePath body = child(path, tree.getStatement());
    passes.read(path, body, Pass.PLAIN.repeatedIf(condition), () -> always(path));
  }

  private LoopHead always(TreePath path) {
    return new LoopHead.While(tensors.plain().made("true", "boolean", List.of(), path));
  }

  private void read(TreePath path, ForLoopTree tree) {
    TreePath body = child(path, tree.getStatement());
    Optional<CountedLoop> range = CountedLoop.of(path, tree, context.resolver());
    if (range.isPresent()) {
      passes.read(path, body, Pass.PLAIN, () -> range(range.get()));
      return;
    }
    for (StatementTree initializer : tree.getInitializer()) {
      blocks.read(List.of(child(path, initializer)));
    }
    ExpressionTree condition = tree.getCondition();
    List<TreePath> updates = tree.getUpdate().stream().map(update -> child(path, update)).toList();
    passes.read(
        path,
        body,
        Pass.PLAIN.updating(updates),
        () -> condition == null ? always(path) : condition(child(path, condition)));
  }

  /** {@code while} evaluates it before each pass: it must not compute tensors. */
  private @Nullable LoopHead condition(TreePath path) {
    List<Argument.Plain> read = new ArrayList<>();
    Block before =
        scope.block(() -> Optional.ofNullable(tensors.plain().read(path)).ifPresent(read::add));
    if (!before.statements().isEmpty()) {
      context.complaints().unsupported(path, Constructs.TENSOR_CONDITION, scope.function());
    }
    return read.isEmpty() ? null : new LoopHead.While(read.getFirst());
  }

  private @Nullable LoopHead range(CountedLoop range) {
    Argument.@Nullable Plain from = tensors.plain().read(range.from());
    Argument.@Nullable Plain to = tensors.plain().read(range.to());
    String index = scope.names().own(range.index().getSimpleName().toString());
    scope.bind(range.index(), new FunctionScope.OfPlain(index));
    return from == null || to == null
        ? null
        : new LoopHead.Range(index, from, to, range.inclusive(), range.down());
  }
}
