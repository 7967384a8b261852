package dev.mezzo.processor.read.resolve;

import com.sun.source.tree.AnnotatedTypeTree;
import com.sun.source.tree.ArrayTypeTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.PrimitiveTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import java.util.IdentityHashMap;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;

/** Classes by the names that a file gives them. */
final class TypeNames {
  private final Trees trees;
  private final Elements elements;
  private final Types types;
  private final Members members;
  private final IdentityHashMap<CompilationUnitTree, Imports> imports = new IdentityHashMap<>();

  TypeNames(Trees trees, Elements elements, Types types, Members members) {
    this.trees = trees;
    this.elements = elements;
    this.types = types;
    this.members = members;
  }

  /** The imports of the file in which something stands. */
  Imports imports(TreePath path) {
    return imports.computeIfAbsent(
        path.getCompilationUnit(),
        unit -> new Imports(elements, elements.getModuleOf(enclosingClass(path)), members, unit));
  }

  /** The innermost class around something. */
  TypeElement enclosingClass(TreePath path) {
    TreePath enclosing = path;
    while (!(enclosing.getLeaf() instanceof ClassTree)) {
      enclosing = enclosing.getParentPath();
    }
    return (TypeElement) trees.getElement(enclosing);
  }

  /** A class by simple name: nested ones first, inside out, then those of the file's scope. */
  Optional<TypeElement> simple(TreePath use, String name) {
    for (Element scope = enclosingClass(use);
        scope instanceof TypeElement type;
        scope = scope.getEnclosingElement()) {
      if (type.getSimpleName().contentEquals(name)) {
        return Optional.of(type);
      }
      Optional<TypeElement> nested = members.nested(type, name);
      if (nested.isPresent()) {
        return nested;
      }
    }
    return imports(use).type(name);
  }

  /**
   * The type that a type tree stands for.
   *
   * @throws UnresolvedException if it does not exist, or not yet
   */
  TypeMirror type(TreePath path) {
    return switch (path.getLeaf()) {
      case PrimitiveTypeTree primitive ->
          primitive.getPrimitiveTypeKind().isPrimitive()
              ? types.getPrimitiveType(primitive.getPrimitiveTypeKind())
              : types.getNoType(primitive.getPrimitiveTypeKind());
      case ArrayTypeTree array -> types.getArrayType(type(child(path, array.getType())));
      case AnnotatedTypeTree annotated -> type(child(path, annotated.getUnderlyingType()));
      case ParameterizedTypeTree generic -> parameterized(path, generic);
      case IdentifierTree name -> named(path, simple(path, name.getName().toString()));
      case MemberSelectTree select -> named(path, qualified(path, select));
      default -> throw new UnresolvedException(path);
    };
  }

  private TypeMirror parameterized(TreePath path, ParameterizedTypeTree tree) {
    TypeMirror raw = type(child(path, tree.getType()));
    TypeElement element = (TypeElement) types.asElement(raw);
    return tree.getTypeArguments().isEmpty()
        ? types.erasure(raw)
        : types.getDeclaredType(
            element,
            tree.getTypeArguments().stream()
                .map(argument -> type(child(path, argument)))
                .toArray(TypeMirror[]::new));
  }

  private Optional<TypeElement> qualified(TreePath path, MemberSelectTree select) {
    String name = select.getIdentifier().toString();
    TreePath qualifier = child(path, select.getExpression());
    Optional<TypeElement> outer =
        switch (qualifier.getLeaf()) {
          case IdentifierTree simple -> simple(qualifier, simple.getName().toString());
          case MemberSelectTree longer -> qualified(qualifier, longer);
          default -> Optional.empty();
        };
    return outer.isPresent()
        ? members.nested(outer.get(), name)
        : imports(path).qualified(select.toString());
  }

  private TypeMirror named(TreePath path, Optional<TypeElement> type) {
    TypeElement element = type.orElseThrow(() -> new UnresolvedException(path));
    return element.getTypeParameters().isEmpty()
        ? element.asType()
        : types.erasure(element.asType());
  }

  static TreePath child(TreePath parent, Tree child) {
    return new TreePath(parent, child);
  }
}
