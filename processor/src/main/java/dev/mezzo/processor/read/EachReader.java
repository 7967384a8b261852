package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.read.FunctionScope.Binding;
import dev.mezzo.processor.read.PassReader.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * Reads loops over elements: of arrays of tensors, of the layers and parameters that a field holds,
 * of plain values.
 */
final class EachReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final PassReader passes;

  EachReader(LayerContext context, FunctionScope scope, TensorReader tensors, PassReader passes) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.passes = passes;
  }

  void read(TreePath path, EnhancedForLoopTree tree) {
    TreePath elements = child(path, tree.getExpression());
    TreePath body = child(path, tree.getStatement());
    Element element = context.resolver().element(child(path, tree.getVariable()));
    Optional<FunctionScope.OfLayer> layers = tensors.plain().layer(elements);
    if (layers.isPresent()) {
      passes.read(path, body, Pass.PLAIN, () -> layers(elements, element, layers.get()));
      return;
    }
    Optional<FunctionScope.OfLayer> parameters = tensors.plain().parameters(elements);
    if (parameters.isPresent()) {
      List<FunctionScope.OfLayer> each = new ArrayList<>();
      passes.read(
          path,
          body,
          Pass.PLAIN.beginning(() -> each.forEach(of -> parameter(elements, element, of))),
          () -> held(elements, element, parameters.get(), each));
      return;
    }
    if (map(path, body, elements, element)) {
      return;
    }
    Optional<FunctionScope.OfArray> array = tensors.arrays().goneThrough(elements);
    if (array.isPresent()) {
      array(path, body, elements, element, array.get());
      return;
    }
    TypeMirror type = element.asType();
    if (RuntimeTypes.isTensor(type) || RuntimeTypes.holdsTensors(type)) {
      scope.bind(element, new FunctionScope.Broken());
      if (tensors.calls().isBroken(Flow.unwrapped(elements))) {
        return;
      }
      boolean whole = tensors.arrays().isOfParameters(elements);
      Constructs construct = whole ? Constructs.PARAMETERS : Constructs.TENSORS;
      context.complaints().unsupported(elements, construct, scope.function());
      return;
    }
    if (tensors.plain().isLayer(type)) {
      scope.bind(element, new FunctionScope.Broken());
      context.complaints().unsupported(elements, Constructs.LOOP_OVER, scope.function());
      return;
    }
    plain(path, body, elements, element);
  }

  private void plain(TreePath path, TreePath body, TreePath elements, Element element) {
    Argument.@Nullable Plain code = tensors.plain().read(elements);
    boolean written = Assignments.written(body, context.resolver()).contains(element);
    LoopHead.Elements kind =
        written ? LoopHead.Elements.OTHER : kind(context.resolver().type(elements));
    String name = scope.names().own(element.getSimpleName().toString());
    scope.bind(element, new FunctionScope.OfPlain(name));
    passes.read(
        path,
        body,
        Pass.PLAIN,
        () ->
            code == null
                ? null
                : new LoopHead.Each(TypeText.of(element.asType()), name, code, kind));
  }

  /** {@code for (Block block : blocks.values())}, or through entries: by key. */
  private boolean map(TreePath path, TreePath body, TreePath elements, Element element) {
    Optional<LayerField> entries = tensors.plain().map(elements, "entrySet");
    Optional<LayerField> map = entries.or(() -> tensors.plain().map(elements, "values"));
    if (map.isEmpty()) {
      return false;
    }
    LayerField field = map.get();
    if (field.kind() == FieldDeclaration.Kind.UNANNOTATED_LAYER) {
      scope.bind(element, new FunctionScope.Broken());
      return true;
    }
    String key = scope.names().derived("key");
    String type =
        field.held().key().map(TypeText::of).filter(of -> !of.equals("?")).orElse("Object");
    Argument.Plain at = tensors.plain().made(key, type, List.of(key), elements);
    Argument.Plain keys = tensors.plain().ofModel(field.access() + ".keySet()", elements);
    FunctionScope.OfLayer value = new FunctionScope.OfLayer(field, Optional.of(at));
    scope.bind(element, entries.isPresent() ? new FunctionScope.OfEntry(field, at) : value);
    boolean parameters = entries.isEmpty() && !field.isLayer();
    passes.read(
        path,
        body,
        parameters ? Pass.PLAIN.beginning(() -> parameter(elements, element, value)) : Pass.PLAIN,
        () -> new LoopHead.Each(type, key, keys, LoopHead.Elements.OTHER));
    return true;
  }

  private LoopHead.Elements kind(TypeMirror type) {
    return type.getKind() == TypeKind.ARRAY
        ? LoopHead.Elements.ARRAY
        : TypeText.of(type).matches("java\\.util\\.(List|ArrayList)\\b.*")
            ? LoopHead.Elements.LIST
            : LoopHead.Elements.OTHER;
  }

  /** {@code for (Tensor step : steps)}: by index, too. */
  private void array(
      TreePath path,
      TreePath body,
      TreePath elements,
      Element element,
      FunctionScope.OfArray array) {
    String index = scope.names().derived("i");
    passes.read(
        path,
        body,
        Pass.PLAIN.beginning(() -> element(elements, element, index, array)),
        () -> elements(elements, index, array));
  }

  private LoopHead elements(TreePath path, String index, FunctionScope.OfArray array) {
    Argument.Plain from = Argument.Plain.number(0, context.at(path));
    Argument.Plain to = tensors.arrays().size(array, path);
    return new LoopHead.Range(index, from, to, false, false);
  }

  private void element(TreePath path, Element element, String index, FunctionScope.OfArray array) {
    Argument.Plain at = tensors.plain().made(index, "int", List.of(index), path);
    var naming = new TensorReader.Naming(element.getSimpleName().toString(), true);
    Argument.OfTensor read = tensors.arrays().element(path, array, at, naming);
    scope.bind(element, Binding.of(read));
  }

  /** {@code for (Block block : blocks)}: by index, which backward finds again. */
  private @Nullable LoopHead layers(TreePath path, Element element, FunctionScope.OfLayer layers) {
    List<FunctionScope.OfLayer> each = new ArrayList<>();
    LoopHead head = held(path, element, layers, each);
    each.forEach(layer -> scope.bind(element, layer));
    return head;
  }

  /** {@code for (Parameter gain : gains)}: each pass begins with the one that is its. */
  private void parameter(TreePath path, Element element, FunctionScope.OfLayer parameter) {
    var naming = new TensorReader.Naming(element.getSimpleName().toString(), true);
    scope.bind(element, Binding.of(tensors.arrays().element(path, parameter, naming)));
  }

  /**
   * Through what a field holds several of.
   *
   * @param each gets what a pass has, where there is an order
   */
  private @Nullable LoopHead held(
      TreePath path,
      Element element,
      FunctionScope.OfLayer several,
      List<FunctionScope.OfLayer> each) {
    LayerField field = several.field();
    Holder holder = field.held().holder();
    if (several.element().isPresent()
        || field.kind() == FieldDeclaration.Kind.UNANNOTATED_LAYER
        || (holder != Holder.ARRAY && holder != Holder.LIST)) {
      scope.bind(element, new FunctionScope.Broken());
      if (field.kind() != FieldDeclaration.Kind.UNANNOTATED_LAYER) {
        context.complaints().unsupported(path, Constructs.LOOP_OVER, scope.function());
      }
      return null;
    }
    String index = scope.names().derived("i");
    Argument.Plain at = tensors.plain().made(index, "int", List.of(index), path);
    each.add(new FunctionScope.OfLayer(field, Optional.of(at)));
    String size = holder == Holder.ARRAY ? ".length" : ".size()";
    Argument.Plain from = tensors.plain().made("0", "int", List.of(), path);
    Argument.Plain to = tensors.plain().ofModel(field.access() + size, path);
    return new LoopHead.Range(index, from, to, false, false);
  }
}
