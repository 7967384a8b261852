package dev.mezzo.processor.read;

import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.processor.read.resolve.LocalVariables;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.Elements;
import org.jspecify.annotations.Nullable;

/**
 * Whether plain code gives the same when it is evaluated again in the same step, so that backward
 * may do that. It does not where it draws random numbers, counts, or asks what somebody else may
 * have changed: a call is trusted only where its source, or the library that it belongs to, says
 * that it looks at what does not change.
 */
final class Steadiness {
  /** What only computes, or looks at what a layer was made of. */
  private static final Set<String> STEADY_CLASSES =
      Set.of(
          "java.lang.Math",
          "java.lang.StrictMath",
          "java.lang.String",
          "java.lang.Boolean",
          "java.lang.Character",
          "java.lang.Byte",
          "java.lang.Short",
          "java.lang.Integer",
          "java.lang.Long",
          "java.lang.Float",
          "java.lang.Double",
          "java.lang.Enum",
          "java.lang.Object",
          "java.util.Objects",
          "java.util.Optional");

  private static final Set<String> STEADY_QUERIES =
      Set.of(
          "get",
          "getFirst",
          "getLast",
          "getOrDefault",
          "size",
          "isEmpty",
          "contains",
          "containsKey",
          "keySet",
          "values",
          "entrySet",
          "of",
          "equals");

  private final SourceTrees trees;
  private final Elements elements;
  private final Map<Element, Boolean> known = new HashMap<>();

  Steadiness(SourceTrees trees, Elements elements) {
    this.trees = trees;
    this.elements = elements;
  }

  /** Whether an expression does. */
  boolean of(TreePath path) {
    Scan scan = new Scan();
    scan.scan(path, null);
    return scan.steady;
  }

  /** Whether all of these expressions do. */
  boolean of(TreePath parent, Iterable<? extends ExpressionTree> all) {
    for (ExpressionTree each : all) {
      if (!of(LayerContext.child(parent, each))) {
        return false;
      }
    }
    return true;
  }

  private boolean isSteady(Element element) {
    Boolean before = known.putIfAbsent(element, true); // of a recursion the rest decides
    if (before != null) {
      return before;
    }
    boolean steady =
        switch (element) {
          case ExecutableElement method -> isSteady(method);
          default -> !element.getKind().isField() || isSteadyField(element);
        };
    known.put(element, steady);
    return steady;
  }

  private boolean isSteady(ExecutableElement method) {
    String name = method.getSimpleName().toString();
    if (!(method.getEnclosingElement() instanceof TypeElement owner)) {
      return false;
    }
    String type = owner.getQualifiedName().toString();
    String packageName = elements.getPackageOf(owner).getQualifiedName().toString();
    if (STEADY_CLASSES.contains(type)) {
      return !name.equals("random");
    }
    if (packageName.equals("java.util")) {
      return STEADY_QUERIES.contains(name) || type.equals("java.util.Arrays");
    }
    if (packageName.equals("dev.mezzo") || packageName.equals("dev.mezzo.types")) {
      return true;
    }
    TreePath source = trees.trees().getPath(method);
    if (source == null || method.getModifiers().contains(Modifier.ABSTRACT)) {
      return isAccessor(method, owner);
    }
    return of(source);
  }

  private static boolean isAccessor(ExecutableElement method, TypeElement owner) {
    return owner.getKind() == ElementKind.RECORD
        && method.getParameters().isEmpty()
        && owner.getRecordComponents().stream()
            .anyMatch(component -> component.getSimpleName().equals(method.getSimpleName()));
  }

  /** A field that is final, or that no method of a source at hand assigns. */
  private boolean isSteadyField(Element field) {
    if (field.getModifiers().contains(Modifier.FINAL)
        || field.getKind() == ElementKind.ENUM_CONSTANT
        || field.getSimpleName().contentEquals("length")) {
      return true;
    }
    TreePath source =
        field.getEnclosingElement() instanceof TypeElement owner
            ? trees.trees().getPath(owner)
            : null;
    return source != null && !Writes.to(field, source, this);
  }

  /** What a name that is no local variable, or a call, means; null where that cannot be told. */
  private @Nullable Element element(TreePath path) {
    if (path.getLeaf() instanceof IdentifierTree name
        && LocalVariables.declaration(path, name.getName().toString()).isPresent()) {
      return null;
    }
    try {
      return trees.resolver().elementIfAny(path).orElse(null);
    } catch (UnresolvedException unresolved) {
      return null;
    }
  }

  private final class Scan extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private boolean steady = true;

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree tree, @Nullable Void unused) {
      Element method = element(getCurrentPath());
      steady &= method != null && isSteady(method);
      return super.visitMethodInvocation(tree, null);
    }

    @Override
    public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
      field();
      return super.visitIdentifier(tree, null);
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree tree, @Nullable Void unused) {
      field();
      return super.visitMemberSelect(tree, null);
    }

    private void field() {
      Element element = element(getCurrentPath());
      if (element != null && element.getKind().isField()) {
        steady &= isSteady(element);
      }
    }
  }

  /** Whether a method, other than constructors, assigns a field. */
  private static final class Writes extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final Element field;
    private final Steadiness steadiness;
    private boolean found;

    private Writes(Element field, Steadiness steadiness) {
      this.field = field;
      this.steadiness = steadiness;
    }

    static boolean to(Element field, TreePath source, Steadiness steadiness) {
      Writes writes = new Writes(field, steadiness);
      writes.scan(source, null);
      return writes.found;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
      return tree.getReturnType() == null ? null : super.visitMethod(tree, null);
    }

    @Override
    public @Nullable Void visitAssignment(AssignmentTree tree, @Nullable Void unused) {
      write(tree.getVariable());
      return super.visitAssignment(tree, null);
    }

    @Override
    public @Nullable Void visitCompoundAssignment(
        CompoundAssignmentTree tree, @Nullable Void unused) {
      write(tree.getVariable());
      return super.visitCompoundAssignment(tree, null);
    }

    @Override
    public @Nullable Void visitUnary(UnaryTree tree, @Nullable Void unused) {
      switch (tree.getKind()) {
        case PREFIX_INCREMENT, PREFIX_DECREMENT, POSTFIX_INCREMENT, POSTFIX_DECREMENT ->
            write(tree.getExpression());
        default -> {}
      }
      return super.visitUnary(tree, null);
    }

    private void write(ExpressionTree target) {
      String name =
          switch (target) {
            case IdentifierTree identifier -> identifier.getName().toString();
            case MemberSelectTree select -> select.getIdentifier().toString();
            default -> "";
          };
      found |=
          field.getSimpleName().contentEquals(name)
              && field.equals(steadiness.element(new TreePath(getCurrentPath(), target)));
    }
  }
}
