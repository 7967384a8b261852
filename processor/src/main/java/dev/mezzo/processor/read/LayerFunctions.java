package dev.mezzo.processor.read;

import static java.util.Objects.requireNonNull;

import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.FunctionModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.util.Elements;
import org.jspecify.annotations.Nullable;

/** Reads a layer's entry and every helper method that it calls, each of them once. */
final class LayerFunctions {
  private final LayerContext context;
  private final Map<ExecutableElement, String> names = new HashMap<>();
  private final Map<ExecutableElement, FunctionModel> functions = new LinkedHashMap<>();
  private final Set<ExecutableElement> open = new HashSet<>();

  private LayerFunctions(
      LayerSource layer,
      SourceTrees trees,
      Elements elements,
      OperationReader operations,
      Complaints complaints,
      DeclaredShapesReader shapes) {
    this.context =
        new LayerContext(
            trees,
            elements,
            layer,
            operations,
            complaints,
            shapes,
            new Steadiness(trees, elements),
            this::function);
  }

  /** The entry first, the others in declaration order, those of other classes last. */
  static List<FunctionModel> read(
      ExecutableElement entry,
      LayerSource layer,
      SourceTrees trees,
      Elements elements,
      OperationReader operations,
      Complaints complaints,
      DeclaredShapesReader shapes) {
    LayerFunctions reader =
        new LayerFunctions(layer, trees, elements, operations, complaints, shapes);
    reader.read(entry);
    List<FunctionModel> ordered = new ArrayList<>();
    ordered.add(requireNonNull(reader.functions.get(entry)));
    Set<ExecutableElement> inOrder = new LinkedHashSet<>(layer.methods().keySet());
    inOrder.addAll(reader.functions.keySet());
    for (ExecutableElement method : inOrder) {
      FunctionModel function = reader.functions.get(method);
      if (function != null && !method.equals(entry)) {
        ordered.add(function);
      }
    }
    return ordered;
  }

  private @Nullable String function(ExecutableElement method, TreePath call, String caller) {
    if (open.contains(method)) {
      context
          .complaints()
          .unsupported(
              call,
              "the call of '" + method.getSimpleName() + "'",
              caller,
              "a recursion, not understood",
              "write the calls out");
      return null;
    }
    if (!functions.containsKey(method)) {
      context.complaints().enter(caller, method.getSimpleName().toString(), call);
      read(method);
      context.complaints().leave();
    }
    return names.get(method);
  }

  private void read(ExecutableElement method) {
    String name = unique(method.getSimpleName().toString());
    names.put(method, name);
    open.add(method);
    TreePath path = context.layer().method(method).orElseThrow();
    functions.put(method, FunctionReader.read(context, name, path));
    open.remove(method);
  }

  private String unique(String name) {
    String free = name;
    for (int i = 2; names.containsValue(free); i++) {
      free = name + i;
    }
    return free;
  }
}
