package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Argument.OfTensor;
import dev.mezzo.processor.read.FunctionScope.Binding;
import java.util.Optional;
import javax.lang.model.element.Element;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions of tensors: adds a statement for each call in them, in evaluation order. Null
 * stands for what could not be read and has been reported.
 */
final class TensorReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final PlainReader plain;
  private final PatternReader patterns;
  private final SwitchReader switches;
  private final ChoiceReader choices;
  private final ArrayReader arrays;
  private final RecordReader records;
  private final CallReader calls;

  TensorReader(LayerContext context, FunctionScope scope) {
    this.context = context;
    this.scope = scope;
    this.plain = new PlainReader(context, scope, this);
    this.patterns = new PatternReader(context, scope, plain);
    this.switches = new SwitchReader(context, scope, this);
    this.choices = new ChoiceReader(context, scope, this);
    this.arrays = new ArrayReader(context, scope, this);
    this.records = new RecordReader(context, scope, this);
    this.calls = new CallReader(context, scope, this);
  }

  PlainReader plain() {
    return plain;
  }

  PatternReader patterns() {
    return patterns;
  }

  RecordReader records() {
    return records;
  }

  ArrayReader arrays() {
    return arrays;
  }

  SwitchReader switches() {
    return switches;
  }

  ChoiceReader choices() {
    return choices;
  }

  CallReader calls() {
    return calls;
  }

  /**
   * How the result of a call is named.
   *
   * @param own whether by the user
   */
  record Naming(String name, boolean own) {}

  @Nullable OfTensor read(TreePath path) {
    return read(path, null);
  }

  /** Reads an expression whose value, where it is a new one, gets the given name. */
  @Nullable OfTensor read(TreePath path, @Nullable Naming naming) {
    Optional<FunctionScope.OfLayer> parameters = plain.parameters(path);
    if (parameters.flatMap(FunctionScope.OfLayer::element).isPresent()) {
      return arrays.element(path, parameters.get(), naming);
    }
    if (arrays.isOfParameters(path)) {
      unsupported(path, arrays.isOfFunction(path) ? Constructs.FUNCTION : Constructs.PARAMETERS);
      return null;
    }
    return switch (path.getLeaf()) {
      case ParenthesizedTree inner -> read(child(path, inner.getExpression()), naming);
      case IdentifierTree _ -> named(path);
      case MemberSelectTree _ -> named(path);
      case ArrayAccessTree _ when isOfArray(path) -> arrays.element(path, naming).orElse(null);
      case MethodInvocationTree _ when isOfArray(path) -> arrays.element(path, naming).orElse(null);
      case MethodInvocationTree _ when records.isComponent(path) ->
          records.component(path).orElse(null);
      case MethodInvocationTree call -> {
        Optional<LayerField> field = context.layer().field(path);
        yield field.isPresent() ? field(path, field.get()) : calls.read(path, call, naming);
      }
      case Tree _ when ChoiceReader.isChoice(path) -> choices.tensor(path, naming);
      default -> {
        unsupported(path, Constructs.ofExpression(path.getLeaf(), true));
        yield null;
      }
    };
  }

  /** {@code steps[i]}, {@code steps.get(i)}. */
  private boolean isOfArray(TreePath path) {
    return switch (path.getLeaf()) {
      case ArrayAccessTree access -> arrays.named(child(path, access.getExpression())).isPresent();
      case MethodInvocationTree call
          when call.getMethodSelect() instanceof MemberSelectTree select ->
          arrays.named(child(child(path, select), select.getExpression())).isPresent();
      default -> false;
    };
  }

  private @Nullable OfTensor named(TreePath path) {
    Element element = context.resolver().element(path);
    Binding binding = scope.binding(element);
    if (binding != null) {
      return switch (binding) {
        case FunctionScope.OfValue value -> value.at(context.at(path));
        case FunctionScope.OfParameter parameter -> parameter.at(context.at(path));
        case FunctionScope.OfPlain _,
            FunctionScope.OfLayer _,
            FunctionScope.OfEntry _,
            FunctionScope.OfArray _,
            FunctionScope.OfRecord _,
            FunctionScope.Broken _ ->
            null;
        case FunctionScope.Unassigned _ -> {
          unsupported(path, Constructs.UNASSIGNED);
          yield null;
        }
      };
    }
    Optional<LayerField> field = context.layer().field(path);
    if (field.isPresent()) {
      return field(path, field.get());
    }
    context
        .complaints()
        .unsupported(
            path,
            "'" + path.getLeaf() + "'",
            scope.function(),
            "a tensor from elsewhere",
            "make it a field of type Parameter of this class, or pass it to '"
                + scope.function()
                + "'");
    return null;
  }

  private @Nullable OfTensor field(TreePath path, LayerField field) {
    return switch (field.kind()) {
      case PARAMETER -> new Argument.OfParameter(field.parameter(), context.at(path));
      case TENSOR -> {
        context
            .complaints()
            .unsupported(
                path,
                "field '" + field.name() + "' of type Tensor",
                scope.function(),
                "not understood: it is neither trained nor part of what is saved",
                "make it a Parameter or a State, or pass it to '" + scope.function() + "'");
        yield null;
      }
      case SUB_LAYER, UNANNOTATED_LAYER, STATE, PLAIN -> null;
    };
  }

  String name(String base, @Nullable Naming naming) {
    Names names = scope.names();
    return naming == null
        ? names.derived(base)
        : naming.own() ? names.own(naming.name()) : names.derived(naming.name());
  }

  private void unsupported(TreePath path, Constructs construct) {
    context.complaints().unsupported(path, construct, scope.function());
  }
}
