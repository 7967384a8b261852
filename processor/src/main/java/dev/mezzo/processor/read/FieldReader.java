package dev.mezzo.processor.read;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.lang.annotation.Annotation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import org.jspecify.annotations.Nullable;

/** Reads a layer's instance fields and record components. */
final class FieldReader {
  private final SourceTrees trees;
  private final Elements elements;

  FieldReader(SourceTrees trees, Elements elements) {
    this.trees = trees;
    this.elements = elements;
  }

  /**
   * The fields in declaration order.
   *
   * @throws UnresolvedException if a field's type does not exist, or not yet
   */
  Map<Element, LayerField> read(TypeElement type, TreePath path) {
    Map<Element, LayerField> fields = new LinkedHashMap<>();
    boolean isRecord = type.getKind() == ElementKind.RECORD;
    boolean classMaster = AnnotationValues.has(type, MasterFp32.class);
    Set<String> compared = comparedWithNull(path);
    for (Tree member : ((ClassTree) path.getLeaf()).getMembers()) {
      TreePath memberPath = new TreePath(path, member);
      if (member instanceof VariableTree tree
          && trees.declared(memberPath) instanceof VariableElement field
          && !field.getModifiers().contains(Modifier.STATIC)) {
        fields.put(field, field(field, tree, memberPath, isRecord, classMaster, compared));
      }
    }
    return fields;
  }

  private LayerField field(
      VariableElement field,
      VariableTree tree,
      TreePath path,
      boolean isRecord,
      boolean classMaster,
      Set<String> compared) {
    if (field.asType().getKind() == TypeKind.ERROR) {
      throw new UnresolvedException(path);
    }
    String name = field.getSimpleName().toString();
    boolean master = AnnotationValues.has(field, MasterFp32.class);
    SourcePosition position = trees.at(path);
    HeldType held = HeldType.of(field.asType());
    Kind kind = kind(held.type());
    boolean several = held.holder() != Holder.FIELD && !isLayer(kind) && kind != Kind.PARAMETER;
    return new LayerField(
        field,
        isRecord ? name + "()" : name,
        several ? Kind.PLAIN : kind,
        held,
        !isRecord && field.getModifiers().contains(Modifier.PRIVATE),
        field.getModifiers().contains(Modifier.FINAL),
        held.holder() == Holder.FIELD && compared.contains(name),
        master,
        master || classMaster,
        AnnotationValues.has(field, Full.class),
        isRecomputed(field, kind, held),
        position,
        tree.getType() == null ? position : trees.at(new TreePath(path, tree.getType())),
        annotation(tree.getModifiers(), path, MasterFp32.class).map(trees::at).orElse(position));
  }

  /** The names that methods compare with null: {@code skip != null}, {@code this.skip == null}. */
  private static Set<String> comparedWithNull(TreePath path) {
    Set<String> names = new HashSet<>();
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
        return tree.getReturnType() == null ? null : super.visitMethod(tree, null);
      }

      @Override
      public @Nullable Void visitBinary(BinaryTree tree, @Nullable Void unused) {
        NullComparison.of(tree).map(NullComparison::name).ifPresent(names::add);
        return super.visitBinary(tree, null);
      }
    }.scan(path.getLeaf(), null);
    return names;
  }

  private static boolean isRecomputed(VariableElement field, Kind kind, HeldType held) {
    return AnnotationValues.has(field, Recompute.class)
        || (isLayer(kind)
            && AnnotationValues.has(((DeclaredType) held.type()).asElement(), Recompute.class));
  }

  private static boolean isLayer(Kind kind) {
    return kind == Kind.SUB_LAYER || kind == Kind.UNANNOTATED_LAYER;
  }

  private Kind kind(TypeMirror type) {
    if (RuntimeTypes.isParameter(type)) {
      return Kind.PARAMETER;
    }
    if (RuntimeTypes.isState(type)) {
      return Kind.STATE;
    }
    if (RuntimeTypes.isTensor(type)) {
      return Kind.TENSOR;
    }
    if (!(type instanceof DeclaredType declared)
        || !(declared.asElement() instanceof TypeElement element)
        || !RuntimeTypes.hasForward(element, elements)) {
      return Kind.PLAIN;
    }
    return AnnotationValues.has(element, Half.class) || AnnotationValues.has(element, Full.class)
        ? Kind.SUB_LAYER
        : Kind.UNANNOTATED_LAYER;
  }

  /** Where an annotation of a field or method stands. */
  static Optional<TreePath> annotation(
      ModifiersTree tree, TreePath path, Class<? extends Annotation> type) {
    TreePath modifiers = new TreePath(path, tree);
    for (AnnotationTree annotation : tree.getAnnotations()) {
      if (annotation.getAnnotationType().toString().endsWith(type.getSimpleName())) {
        return Optional.of(new TreePath(modifiers, annotation));
      }
    }
    return Optional.empty();
  }
}
