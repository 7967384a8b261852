package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.model.Argument.Plain;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.OfLayer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads plain Java: prints it again so that it means the same in the generated class. */
final class PlainReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final Constants constants;
  private final TreeDims dims;

  PlainReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.constants = new Constants(context.resolver());
    this.dims = new TreeDims(constants, this::dim);
  }

  /** Null where the expression could not be read, which is reported. */
  @Nullable Plain read(TreePath path) {
    PlainPrinter printer = new PlainPrinter(context, scope, tensors);
    String code = printer.print(path);
    if (code == null) {
      return null;
    }
    String type = TypeText.of(context.resolver().type(path));
    boolean steady = context.steadiness().of(path);
    return plain(path, printer, code, type, steady, constants.value(path), dims(path, type));
  }

  /** A change of a local variable; null where it could not be read. */
  @Nullable Plain assignment(TreePath path, String variable) {
    PlainPrinter printer = new PlainPrinter(context, scope, tensors);
    String code = printer.assignment(path);
    if (code == null) {
      return null;
    }
    List<String> locals = new ArrayList<>(printer.locals());
    if (!locals.contains(variable)) {
      locals.add(variable);
    }
    return new Plain(
        code,
        "",
        printer.reads(),
        locals,
        printer.readsModel(),
        true,
        OptionalDouble.empty(),
        Optional.empty(),
        context.at(path));
  }

  /** A statement for its effect; null where it could not be read. */
  @Nullable Plain effect(TreePath path) {
    PlainPrinter printer = new PlainPrinter(context, scope, tensors);
    String code = printer.effect(path);
    return code == null
        ? null
        : plain(path, printer, code, "", false, OptionalDouble.empty(), Optional.empty());
  }

  /** Code that the reader makes itself, of local variables. */
  Plain made(String code, String type, List<String> locals, TreePath path) {
    return new Plain(
        code,
        type,
        List.of(),
        locals,
        false,
        true,
        OptionalDouble.empty(),
        Optional.empty(),
        context.at(path));
  }

  /** A change of a local variable that the reader makes itself. */
  Plain assigned(String variable, Plain value) {
    List<String> locals = new ArrayList<>(value.locals());
    locals.add(variable);
    return value.withCode(variable + " = " + value.code(), value.type(), locals);
  }

  /** Both of two conditions. */
  Plain both(Plain first, Plain second) {
    return joined(first, " && ", second);
  }

  /** One of two conditions. */
  Plain either(Plain first, Plain second) {
    return joined(first, " || ", second);
  }

  private static Plain joined(Plain first, String operator, Plain second) {
    Set<String> locals = new LinkedHashSet<>(first.locals());
    locals.addAll(second.locals());
    Set<Value> reads = new LinkedHashSet<>(first.reads());
    reads.addAll(second.reads());
    return new Plain(
        condition(first, operator) + operator + condition(second, operator),
        "boolean",
        List.copyOf(reads),
        List.copyOf(locals),
        first.readsModel() || second.readsModel(),
        first.steady() && second.steady(),
        OptionalDouble.empty(),
        Optional.empty(),
        first.position());
  }

  private static String condition(Plain plain, String operator) {
    String code = plain.code();
    boolean safe = operator.equals(" || ") || !(code.contains("||") || code.contains("?"));
    return safe ? code : "(" + code + ")";
  }

  /** The opposite of a condition. */
  Plain not(Plain condition) {
    return condition.withCode("!(" + condition.code() + ")", "boolean", condition.locals());
  }

  /** Code that the reader makes itself, of the layer. */
  Plain ofModel(String access, TreePath path) {
    return index("model." + access, true, path);
  }

  /** The arguments of a variable number of them, as one array. */
  @Nullable Plain array(TreePath call, List<? extends ExpressionTree> elements, ArrayType type) {
    PlainPrinter printer = new PlainPrinter(context, scope, tensors);
    String text = TypeText.of(type);
    String code = printer.array(call, elements, text);
    return code == null
        ? null
        : plain(
            call,
            printer,
            code,
            text,
            context.steadiness().of(call, elements),
            OptionalDouble.empty(),
            text.equals("int[]") ? Optional.of(dims.read(call, elements)) : Optional.empty());
  }

  /** The sub-layer, or the field of several, that an expression stands for. */
  Optional<OfLayer> layer(TreePath path) {
    return held(path).filter(held -> held.field().isLayer());
  }

  /** Whether objects of a type are layers. */
  boolean isLayer(TypeMirror type) {
    return type instanceof DeclaredType declared
        && declared.asElement() instanceof TypeElement element
        && RuntimeTypes.hasForward(element, context.elements());
  }

  /** The parameter among several, or the field of them, that an expression stands for. */
  Optional<OfLayer> parameters(TreePath path) {
    return held(path)
        .filter(held -> held.field().kind() == Kind.PARAMETER)
        .filter(held -> held.field().held().holder() != Holder.FIELD);
  }

  private Optional<OfLayer> held(TreePath path) {
    return switch (path.getLeaf()) {
      case ParenthesizedTree inner -> held(child(path, inner.getExpression()));
      case ArrayAccessTree access ->
          several(child(path, access.getExpression()))
              .flatMap(field -> element(field, child(path, access.getIndex())));
      case MethodInvocationTree _ when entry(path, "getValue").isPresent() ->
          entry(path, "getValue").map(of -> new OfLayer(of.field(), Optional.of(of.key())));
      case MethodInvocationTree call
          when call.getMethodSelect() instanceof MemberSelectTree select
              && !LayerSource.isOnThis(call) ->
          several(child(child(path, select), select.getExpression()))
              .flatMap(field -> element(field, path, call, select));
      case IdentifierTree name
          when !LayerSource.isThis(name)
              && scope.binding(context.resolver().element(path)) instanceof OfLayer layer ->
          Optional.of(layer);
      default ->
          context
              .layer()
              .field(path)
              .filter(field -> field.isLayer() || field.kind() == Kind.PARAMETER)
              .map(field -> new OfLayer(field, Optional.empty()));
    };
  }

  /** The key of an entry of a map of layers or parameters. */
  Optional<Plain> key(TreePath path) {
    return entry(path, "getKey").map(FunctionScope.OfEntry::key);
  }

  /** The entry of which an expression asks for the key, or the value. */
  private Optional<FunctionScope.OfEntry> entry(TreePath path, String method) {
    return path.getLeaf() instanceof MethodInvocationTree call
            && call.getMethodSelect() instanceof MemberSelectTree select
            && select.getIdentifier().contentEquals(method)
            && select.getExpression() instanceof IdentifierTree
            && context
                    .resolver()
                    .elementIfAny(child(child(path, select), select.getExpression()))
                    .map(scope::binding)
                    .orElse(null)
                instanceof FunctionScope.OfEntry entry
        ? Optional.of(entry)
        : Optional.empty();
  }

  /** The map of layers or parameters that an expression asks for its values, or its entries. */
  Optional<LayerField> map(TreePath path, String view) {
    return Flow.unwrapped(path).getLeaf() instanceof MethodInvocationTree call
            && call.getMethodSelect() instanceof MemberSelectTree select
            && select.getIdentifier().contentEquals(view)
        ? several(child(child(Flow.unwrapped(path), select), select.getExpression()))
            .filter(field -> field.held().holder() == Holder.MAP)
        : Optional.empty();
  }

  private Optional<LayerField> several(TreePath path) {
    return held(path)
        .filter(layer -> layer.element().isEmpty())
        .map(OfLayer::field)
        .filter(field -> field.held().holder() != Holder.FIELD);
  }

  private Optional<OfLayer> element(LayerField field, TreePath index) {
    return Optional.ofNullable(read(index)).map(code -> new OfLayer(field, Optional.of(code)));
  }

  /** {@code blocks.get(i)}, {@code blocks.getFirst()}. */
  private Optional<OfLayer> element(
      LayerField field, TreePath path, MethodInvocationTree call, MemberSelectTree select) {
    return switch (select.getIdentifier().toString()) {
      case "get" -> element(field, child(path, call.getArguments().getFirst()));
      case "getFirst" -> Optional.of(new OfLayer(field, Optional.of(index("0", false, path))));
      case "getLast" -> {
        String last = "model." + field.access() + ".size() - 1";
        yield Optional.of(new OfLayer(field, Optional.of(index(last, true, path))));
      }
      default -> Optional.empty();
    };
  }

  private Plain index(String code, boolean readsModel, TreePath path) {
    return new Plain(
        code,
        "int",
        List.of(),
        List.of(),
        readsModel,
        true,
        OptionalDouble.empty(),
        Optional.empty(),
        context.at(path));
  }

  private Plain plain(
      TreePath path,
      PlainPrinter printer,
      String code,
      String type,
      boolean steady,
      OptionalDouble constant,
      Optional<List<Dim>> known) {
    return new Plain(
        code,
        type,
        printer.reads(),
        printer.locals(),
        printer.readsModel(),
        steady,
        constant,
        known,
        context.at(path));
  }

  private Optional<List<Dim>> dims(TreePath path, String type) {
    if (type.equals("int")) {
      return Optional.of(List.of(dims.read(path)));
    }
    return type.equals("int[]")
            && path.getLeaf() instanceof NewArrayTree array
            && array.getInitializers() != null
        ? Optional.of(dims.read(path, array.getInitializers()))
        : Optional.empty();
  }

  /** What a name, or a question for a tensor's dimension, stands for. */
  private Optional<Dim> dim(TreePath path) {
    Optional<LayerField> field = context.layer().field(path);
    if (field.isPresent()) {
      return Optional.of(Dim.symbol(field.get().name()));
    }
    if (path.getLeaf() instanceof IdentifierTree) {
      return context
          .resolver()
          .elementIfAny(path)
          .map(scope::binding)
          .filter(FunctionScope.OfPlain.class::isInstance)
          .map(local -> Dim.of(new Atom.Local(((FunctionScope.OfPlain) local).name())));
    }
    return axis(path);
  }

  /** {@code x.shape().dim(1)}. */
  private Optional<Dim> axis(TreePath path) {
    if (!(path.getLeaf() instanceof MethodInvocationTree call)
        || call.getArguments().size() != 1
        || !(call.getMethodSelect() instanceof MemberSelectTree dim)
        || !dim.getIdentifier().contentEquals("dim")
        || !(dim.getExpression() instanceof MethodInvocationTree shape)
        || !(shape.getMethodSelect() instanceof MemberSelectTree select)
        || !select.getIdentifier().contentEquals("shape")) {
      return Optional.empty();
    }
    TreePath shapePath = child(child(child(path, dim), shape), select);
    OptionalDouble index = constants.value(child(path, call.getArguments().getFirst()));
    return index.isEmpty()
        ? Optional.empty()
        : tensor(child(shapePath, select.getExpression()))
            .map(name -> Dim.of(new Atom.Axis(name, (int) index.getAsDouble())));
  }

  /** A tensor that has a name already: of a value, or {@code this.field}. */
  private Optional<String> tensor(TreePath path) {
    Optional<LayerField> field = context.layer().field(path);
    if (field.isPresent()) {
      return Optional.of("this." + field.get().name());
    }
    return path.getLeaf() instanceof IdentifierTree
            && context.resolver().elementIfAny(path).map(scope::binding).orElse(null)
                instanceof FunctionScope.OfValue(Value value)
        ? Optional.of(value.name())
        : Optional.empty();
  }
}
