package dev.mezzo.processor.read.resolve;

import static dev.mezzo.processor.read.resolve.TypeNames.child;

import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.IntersectionType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;

/** Finds what names and calls refer to, and the types of expressions; each of them once. */
public final class Resolver {
  private final Elements elements;
  private final Types types;
  private final Members members;
  private final LocalVariables locals;
  private final TypeNames typeNames;
  private final Overloads overloads;
  private final ExpressionTypes expressionTypes;
  private final IdentityHashMap<Tree, Optional<Element>> resolved = new IdentityHashMap<>();

  /** The resolver of one round. */
  public Resolver(Trees trees, Elements elements, Types types) {
    this.elements = elements;
    this.types = types;
    this.members = new Members(elements);
    this.typeNames = new TypeNames(trees, elements, types, members);
    this.locals = new LocalVariables(trees, typeNames);
    this.overloads = new Overloads(types);
    this.expressionTypes = new ExpressionTypes(this, typeNames, elements, types);
  }

  /**
   * What a name, a call or a declared variable is.
   *
   * @throws UnresolvedException if it is nothing that exists
   */
  public Element element(TreePath path) {
    return find(path).orElseThrow(() -> new UnresolvedException(path));
  }

  /** What a name, a call or a declared variable is; empty for {@code length} and the like. */
  public Optional<Element> elementIfAny(TreePath path) {
    return find(path);
  }

  /**
   * The type of an expression, or the type that a type tree names.
   *
   * @throws UnresolvedException if it does not exist, or cannot be told
   */
  public TypeMirror type(TreePath path) {
    return expressionTypes.type(path);
  }

  /** The type of an expression; empty for lambdas and others that take it from where they stand. */
  public Optional<TypeMirror> ownType(TreePath path) {
    return Optional.ofNullable(expressionTypes.argument(path));
  }

  /** Whether the tree is an expression, not the name of a class or package. */
  public boolean isValue(TreePath path) {
    return switch (path.getLeaf()) {
      case IdentifierTree name when isSelf(name) -> true;
      case MemberSelectTree select when select.getIdentifier().contentEquals("class") -> true;
      case IdentifierTree _, MemberSelectTree _ ->
          isArrayLength(path) || find(path).filter(VariableElement.class::isInstance).isPresent();
      default -> true;
    };
  }

  private Optional<Element> find(TreePath path) {
    Optional<Element> known = resolved.get(path.getLeaf());
    if (known != null) {
      return known;
    }
    Optional<Element> found =
        switch (path.getLeaf()) {
          case VariableTree _ -> Optional.of(locals.element(path));
          case IdentifierTree name -> identifier(path, name.getName().toString());
          case MemberSelectTree select -> select(path, select);
          case MethodInvocationTree call -> call(path, call).map(Element.class::cast);
          default -> Optional.empty();
        };
    resolved.put(path.getLeaf(), found);
    return found;
  }

  private Optional<Element> identifier(TreePath path, String name) {
    if (name.equals("this")) {
      return Optional.of(typeNames.enclosingClass(path));
    }
    Optional<TreePath> local = LocalVariables.declaration(path, name);
    if (local.isPresent()) {
      return find(local.get());
    }
    Element scope = typeNames.enclosingClass(path);
    while (scope instanceof TypeElement type) {
      Optional<Element> field = members.field(type, name);
      if (field.isPresent()) {
        return field;
      }
      scope = scope.getEnclosingElement();
    }
    Optional<Element> imported =
        typeNames.imports(path).staticMembers(name).stream()
            .filter(VariableElement.class::isInstance)
            .findFirst();
    return imported.isPresent() ? imported : typeNames.simple(path, name).map(Element.class::cast);
  }

  private Optional<Element> select(TreePath path, MemberSelectTree select) {
    TreePath qualifier = child(path, select.getExpression());
    String name = select.getIdentifier().toString();
    if (isValue(qualifier)) {
      return classes(type(qualifier))
          .flatMap(type -> members.field(type, name).stream())
          .findFirst();
    }
    Optional<Element> outer = find(qualifier);
    if (outer.isEmpty()) {
      return typeNames.imports(path).qualified(select.toString()).map(Element.class::cast);
    }
    TypeElement type = (TypeElement) outer.get();
    if (name.equals("this")) {
      return Optional.of(type);
    }
    Optional<Element> field = members.field(type, name);
    return field.isPresent() ? field : members.nested(type, name).map(Element.class::cast);
  }

  private Optional<ExecutableElement> call(TreePath path, MethodInvocationTree call) {
    TreePath select = child(path, call.getMethodSelect());
    List<ExecutableElement> candidates =
        switch (select.getLeaf()) {
          case IdentifierTree name -> unqualified(path, name.getName().toString());
          case MemberSelectTree member -> qualified(select, member);
          default -> List.of();
        };
    return overloads.choose(candidates, expressionTypes.arguments(path, call));
  }

  /** The methods of that name in the innermost class that has one, else those imported. */
  private List<ExecutableElement> unqualified(TreePath path, String name) {
    Element scope = typeNames.enclosingClass(path);
    while (scope instanceof TypeElement type) {
      List<ExecutableElement> methods = members.methods(type, name);
      if (!methods.isEmpty()) {
        return methods;
      }
      scope = scope.getEnclosingElement();
    }
    return ElementFilter.methodsIn(typeNames.imports(path).staticMembers(name));
  }

  private List<ExecutableElement> qualified(TreePath path, MemberSelectTree select) {
    TreePath qualifier = child(path, select.getExpression());
    String name = select.getIdentifier().toString();
    if (isValue(qualifier)) {
      return classes(type(qualifier))
          .flatMap(type -> members.methods(type, name).stream())
          .toList();
    }
    return find(qualifier)
        .filter(TypeElement.class::isInstance)
        .map(type -> members.methods((TypeElement) type, name))
        .orElseThrow(() -> new UnresolvedException(qualifier));
  }

  /** The classes whose members an expression of the type has. */
  private Stream<TypeElement> classes(TypeMirror type) {
    return switch (type) {
      case TypeVariable variable -> classes(variable.getUpperBound());
      case IntersectionType bounds -> bounds.getBounds().stream().flatMap(this::classes);
      case ArrayType _ -> Stream.ofNullable(elements.getTypeElement("java.lang.Object"));
      case DeclaredType declared when declared.getKind() == TypeKind.DECLARED ->
          Stream.of((TypeElement) declared.asElement());
      default -> Stream.empty();
    };
  }

  /** {@code length} of an array, which is no element. */
  boolean isArrayLength(TreePath path) {
    return path.getLeaf() instanceof MemberSelectTree select
        && select.getIdentifier().contentEquals("length")
        && isValue(child(path, select.getExpression()))
        && type(child(path, select.getExpression())).getKind() == TypeKind.ARRAY;
  }

  static boolean isSelf(IdentifierTree name) {
    return name.getName().contentEquals("this") || name.getName().contentEquals("super");
  }

  /** The class around an expression; {@code this}' type. */
  TypeElement enclosingClass(TreePath path) {
    return typeNames.enclosingClass(path);
  }

  /** A member as it is seen through a type with arguments. */
  TypeMirror memberType(TypeMirror receiver, Element member) {
    return switch (receiver) {
      case TypeVariable variable -> memberType(variable.getUpperBound(), member);
      case IntersectionType bounds ->
          bounds.getBounds().stream()
              .filter(bound -> classes(bound).anyMatch(type -> members.has(type, member)))
              .findFirst()
              .map(bound -> memberType(bound, member))
              .orElseGet(member::asType);
      case DeclaredType declared when declared.getKind() == TypeKind.DECLARED ->
          types.asMemberOf((DeclaredType) types.capture(declared), member);
      default -> member.asType();
    };
  }
}
