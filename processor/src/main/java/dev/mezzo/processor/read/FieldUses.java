package dev.mezzo.processor.read;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.processor.model.SourcePosition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import org.jspecify.annotations.Nullable;

/** Where a layer's methods read and write its fields: one pass over the class. */
final class FieldUses extends TreePathScanner<@Nullable Void, @Nullable Void> {
  private final LayerSource layer;
  private final SourceTrees trees;
  private final Map<Element, List<Use>> reads = new HashMap<>();
  private final Map<Element, List<SourcePosition>> writes = new HashMap<>();
  private final Map<Element, Set<Element>> calls = new HashMap<>();
  private @Nullable Element method;

  private FieldUses(LayerSource layer, SourceTrees trees) {
    this.layer = layer;
    this.trees = trees;
  }

  static FieldUses of(LayerSource layer, SourceTrees trees) {
    FieldUses uses = new FieldUses(layer, trees);
    for (Tree member : ((ClassTree) layer.path().getLeaf()).getMembers()) {
      if (!(member instanceof ClassTree)) {
        uses.scan(new TreePath(layer.path(), member), null);
      }
    }
    return uses;
  }

  /** Where the method, or one that it calls, reads the field. */
  List<SourcePosition> reads(LayerField field, Element from) {
    Set<Element> reached = reachedFrom(from);
    return reads.getOrDefault(field.element(), List.of()).stream()
        .filter(use -> reached.contains(use.method()))
        .map(Use::position)
        .toList();
  }

  /** Where the field is assigned outside of constructors and initializers. */
  List<SourcePosition> writes(LayerField field) {
    return writes.getOrDefault(field.element(), List.of());
  }

  @Override
  public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
    method = trees.declared(getCurrentPath());
    super.visitMethod(tree, null);
    method = null;
    return null;
  }

  @Override
  public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
    read();
    return super.visitIdentifier(tree, null);
  }

  @Override
  public @Nullable Void visitMemberSelect(MemberSelectTree tree, @Nullable Void unused) {
    read();
    return super.visitMemberSelect(tree, null);
  }

  @Override
  public @Nullable Void visitMethodInvocation(MethodInvocationTree tree, @Nullable Void unused) {
    read();
    if (method != null) {
      calls.computeIfAbsent(method, _ -> new HashSet<>()).addAll(layer.called(tree));
    }
    if (tree.getMethodSelect() instanceof MemberSelectTree select) {
      scan(select.getExpression(), null);
    }
    return scan(tree.getArguments(), null);
  }

  /** In {@code @Dims("n")} javac sees an assignment of {@code value}, which is no field's. */
  @Override
  public @Nullable Void visitAnnotation(AnnotationTree tree, @Nullable Void unused) {
    return null;
  }

  @Override
  public @Nullable Void visitAssignment(AssignmentTree tree, @Nullable Void unused) {
    TreePath target = new TreePath(getCurrentPath(), tree.getVariable());
    if (layer.field(target).isEmpty()) {
      return super.visitAssignment(tree, null);
    }
    write(target);
    return scan(tree.getExpression(), null);
  }

  @Override
  public @Nullable Void visitCompoundAssignment(
      CompoundAssignmentTree tree, @Nullable Void unused) {
    write(new TreePath(getCurrentPath(), tree.getVariable()));
    return super.visitCompoundAssignment(tree, null);
  }

  private void read() {
    Element reader = method;
    if (reader != null) {
      layer
          .field(getCurrentPath())
          .ifPresent(
              field ->
                  reads
                      .computeIfAbsent(field.element(), _ -> new ArrayList<>())
                      .add(new Use(reader, trees.at(getCurrentPath()))));
    }
  }

  private void write(TreePath target) {
    if (method != null && method.getKind() != ElementKind.CONSTRUCTOR) {
      layer
          .field(target)
          .ifPresent(
              field ->
                  writes
                      .computeIfAbsent(field.element(), _ -> new ArrayList<>())
                      .add(trees.at(getCurrentPath())));
    }
  }

  private Set<Element> reachedFrom(Element entry) {
    Set<Element> reached = new HashSet<>();
    Deque<Element> open = new ArrayDeque<>(Set.of(entry));
    while (!open.isEmpty()) {
      Element next = open.pop();
      if (reached.add(next)) {
        open.addAll(calls.getOrDefault(next, Set.of()));
      }
    }
    return reached;
  }

  private record Use(Element method, SourcePosition position) {}
}
