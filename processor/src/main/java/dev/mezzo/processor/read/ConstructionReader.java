package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.model.Construction;
import dev.mezzo.processor.model.DeclaredShape;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.read.resolve.LocalVariables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.util.ElementFilter;
import org.jspecify.annotations.Nullable;

/**
 * Finds the places where a layer gets its sub-layers and parameters: {@code new Linear(784, 10)} as
 * a field's initializer, in a constructor, or where the class creates itself, a record's usual way.
 */
final class ConstructionReader extends TreePathScanner<@Nullable Void, @Nullable Void> {
  private final LayerSource layer;
  private final SourceTrees trees;
  private final TreeDims dims;
  private final List<Place> places = new ArrayList<>();
  private Place place;

  private ConstructionReader(LayerSource layer, SourceTrees trees) {
    this.layer = layer;
    this.trees = trees;
    this.dims = new TreeDims(new Constants(trees.resolver()), ConstructionReader::argument);
    this.place = new Place(layer.path());
  }

  /** One at least; the initializers' numbers are in all of them. */
  static List<Construction> read(LayerSource layer, SourceTrees trees) {
    ConstructionReader reader = new ConstructionReader(layer, trees);
    Place initializers = reader.place;
    List<? extends Tree> members = ((ClassTree) layer.path().getLeaf()).getMembers();
    members.stream()
        .filter(VariableTree.class::isInstance)
        .forEach(field -> reader.scan(new TreePath(layer.path(), field), null));
    members.stream()
        .filter(MethodTree.class::isInstance)
        .forEach(method -> reader.scan(new TreePath(layer.path(), method), null));
    List<Place> found = reader.places.stream().filter(place -> !place.isEmpty()).toList();
    return (found.isEmpty() ? List.of(initializers) : found)
        .stream().map(place -> place.with(initializers, trees)).toList();
  }

  @Override
  public @Nullable Void visitVariable(VariableTree tree, @Nullable Void unused) {
    if (getCurrentPath().getParentPath().getLeaf() == layer.path().getLeaf()
        && tree.getInitializer() != null) {
      field(tree.getName().toString())
          .ifPresent(field -> note(field, child(getCurrentPath(), tree.getInitializer())));
    }
    return super.visitVariable(tree, null);
  }

  @Override
  public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
    if (tree.getReturnType() == null) {
      place = new Place(getCurrentPath());
      places.add(place);
    }
    return super.visitMethod(tree, null);
  }

  @Override
  public @Nullable Void visitLambdaExpression(LambdaExpressionTree tree, @Nullable Void unused) {
    return null;
  }

  /** In {@code @Dims("n")} javac sees an assignment of {@code value}, which is no field's. */
  @Override
  public @Nullable Void visitAnnotation(AnnotationTree tree, @Nullable Void unused) {
    return null;
  }

  @Override
  public @Nullable Void visitAssignment(AssignmentTree tree, @Nullable Void unused) {
    layer
        .field(child(getCurrentPath(), tree.getVariable()))
        .ifPresent(field -> note(field, child(getCurrentPath(), tree.getExpression())));
    return super.visitAssignment(tree, null);
  }

  @Override
  public @Nullable Void visitNewClass(NewClassTree tree, @Nullable Void unused) {
    if (layer.type().getKind() == ElementKind.RECORD
        && tree.getIdentifier().toString().equals(layer.type().getSimpleName().toString())) {
      List<LayerField> components = List.copyOf(layer.fields().values());
      if (components.size() == tree.getArguments().size()) {
        place = new Place(getCurrentPath());
        places.add(place);
        for (int i = 0; i < components.size(); i++) {
          note(components.get(i), child(getCurrentPath(), tree.getArguments().get(i)));
        }
      }
    }
    return super.visitNewClass(tree, null);
  }

  private Optional<LayerField> field(String name) {
    return layer.fields().values().stream().filter(field -> field.name().equals(name)).findFirst();
  }

  private void note(LayerField field, TreePath value) {
    if (field.kind() == Kind.SUB_LAYER
        && field.held().holder() == Holder.FIELD
        && value.getLeaf() instanceof NewClassTree creation) {
      Map<String, Dim> numbers = numbers(field, value, creation);
      if (!numbers.isEmpty()) {
        place.subLayers.put(field.name(), numbers);
      }
    }
    if (field.kind() == Kind.PARAMETER
        && field.held().holder() == Holder.FIELD
        && value.getLeaf() instanceof MethodInvocationTree call) {
      for (ExpressionTree argument : call.getArguments()) {
        if (argument instanceof MethodInvocationTree shape
            && shape.getMethodSelect().toString().endsWith("Shape.of")) {
          TreePath path = child(value, shape);
          ShapeTerm term = ShapeTerm.of(dims.read(path, shape.getArguments()));
          place.parameters.put(field.name(), new DeclaredShape(term, trees.at(path)));
        }
      }
    }
  }

  /**
   * The numbers that a constructor is given, by the names of its parameters. Which of several with
   * as many parameters it is, javac has not decided yet: then those that mean the same in all.
   */
  private Map<String, Dim> numbers(LayerField field, TreePath path, NewClassTree creation) {
    Map<String, Dim> numbers = new HashMap<>();
    String created = creation.getIdentifier().toString();
    if (!created.endsWith(field.typeElement().getSimpleName().toString())) {
      return numbers;
    }
    List<? extends ExpressionTree> arguments = creation.getArguments();
    List<ExecutableElement> candidates =
        ElementFilter.constructorsIn(field.typeElement().getEnclosedElements()).stream()
            .filter(each -> each.getParameters().size() == arguments.size())
            .toList();
    for (int i = 0; i < arguments.size() && !candidates.isEmpty(); i++) {
      int index = i;
      VariableElement parameter = candidates.getFirst().getParameters().get(i);
      if (candidates.stream().allMatch(each -> isInt(each.getParameters().get(index), parameter))) {
        numbers.put(parameter.getSimpleName().toString(), dims.read(child(path, arguments.get(i))));
      }
    }
    return numbers;
  }

  private static boolean isInt(VariableElement parameter, VariableElement alike) {
    return parameter.asType().getKind() == TypeKind.INT
        && parameter.getSimpleName().equals(alike.getSimpleName());
  }

  /** A parameter of the constructor, or of the method that creates the layer. */
  private static Optional<Dim> argument(TreePath path) {
    return path.getLeaf() instanceof IdentifierTree name
            && LocalVariables.declaration(path, name.getName().toString())
                .filter(declared -> declared.getParentPath().getLeaf() instanceof MethodTree)
                .isPresent()
        ? Optional.of(Dim.symbol(name.getName().toString()))
        : Optional.empty();
  }

  /** What is made at one place. */
  private static final class Place {
    private final TreePath path;
    private final Map<String, Map<String, Dim>> subLayers = new HashMap<>();
    private final Map<String, DeclaredShape> parameters = new HashMap<>();

    Place(TreePath path) {
      this.path = path;
    }

    boolean isEmpty() {
      return subLayers.isEmpty() && parameters.isEmpty();
    }

    Construction with(Place initializers, SourceTrees trees) {
      Map<String, Map<String, Dim>> allSubLayers = new HashMap<>(initializers.subLayers);
      allSubLayers.putAll(subLayers);
      Map<String, DeclaredShape> allParameters = new HashMap<>(initializers.parameters);
      allParameters.putAll(parameters);
      return new Construction(trees.at(path), allSubLayers, allParameters);
    }
  }
}
