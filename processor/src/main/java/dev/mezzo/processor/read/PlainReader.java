package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument.Plain;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.lang.model.type.ArrayType;
import org.jspecify.annotations.Nullable;

/** Reads plain Java: prints it again so that it means the same in the generated class. */
final class PlainReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final Constants constants;

  PlainReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.constants = new Constants(context.resolver());
  }

  /** Null where the expression could not be read, which is reported. */
  @Nullable Plain read(TreePath path) {
    PlainPrinter printer = new PlainPrinter(context, scope, tensors);
    String code = printer.print(path);
    if (code == null) {
      return null;
    }
    String type = TypeText.of(context.resolver().type(path));
    return plain(path, printer, code, type, constants.value(path));
  }

  /** The arguments of a variable number of them, as one array. */
  @Nullable Plain array(TreePath call, List<? extends ExpressionTree> elements, ArrayType type) {
    PlainPrinter printer = new PlainPrinter(context, scope, tensors);
    String text = TypeText.of(type);
    String code = printer.array(call, elements, text);
    return code == null ? null : plain(call, printer, code, text, OptionalDouble.empty());
  }

  /** The sub-layer that an expression stands for. */
  Optional<LayerField> layer(TreePath path) {
    if (path.getLeaf() instanceof ParenthesizedTree inner) {
      return layer(child(path, inner.getExpression()));
    }
    return path.getLeaf() instanceof IdentifierTree name
            && !LayerSource.isThis(name)
            && scope.binding(context.resolver().element(path))
                instanceof FunctionScope.OfLayer(LayerField layer)
        ? Optional.of(layer)
        : context.layer().field(path);
  }

  private Plain plain(
      TreePath path, PlainPrinter printer, String code, String type, OptionalDouble constant) {
    return new Plain(
        code,
        type,
        printer.reads(),
        printer.locals(),
        printer.readsModel(),
        constant,
        context.at(path));
  }
}
