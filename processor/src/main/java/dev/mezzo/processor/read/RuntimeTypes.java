package dev.mezzo.processor.read;

import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.QualifiedNameable;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/** The few types of the runtime that the language itself knows, by name. */
final class RuntimeTypes {
  private static final String TENSOR = "dev.mezzo.Tensor";
  private static final String PARAMETER = "dev.mezzo.Parameter";
  private static final String STATE = "dev.mezzo.State";
  private static final String TAPE = "dev.mezzo.Tape";
  private static final String FINISH = "dev.mezzo.Finish";
  private static final String SUM = "dev.mezzo.GradientSum";
  private static final String LAYOUT = "dev.mezzo.types.Layout";

  /** What plain code may ask of a tensor: nothing that depends on its elements. */
  private static final Set<String> PROPERTIES = Set.of("shape", "dtype", "layout", "device");

  private RuntimeTypes() {}

  /** A tensor or a parameter. */
  static boolean isTensor(TypeMirror type) {
    return is(type, TENSOR) || is(type, PARAMETER);
  }

  static boolean isExactlyTensor(TypeMirror type) {
    return is(type, TENSOR);
  }

  static boolean isTensorArray(TypeMirror type) {
    return type instanceof ArrayType array && isExactlyTensor(array.getComponentType());
  }

  /** A list whose elements are tensors. */
  static boolean isTensorList(TypeMirror type) {
    return type instanceof DeclaredType declared
        && (is(type, "java.util.List") || is(type, "java.util.ArrayList"))
        && declared.getTypeArguments().size() == 1
        && isExactlyTensor(declared.getTypeArguments().getFirst());
  }

  static boolean isLayoutArray(TypeMirror type) {
    return type instanceof ArrayType array && isLayout(array.getComponentType());
  }

  /** An array or a record of tensors: what an operation with several results returns. */
  static boolean isSeveral(TypeMirror type) {
    return isTensorArray(type) || holdsOnlyTensors(type);
  }

  /** A record of tensors that is no layer itself. */
  static boolean isTensorRecord(TypeMirror type, Elements elements) {
    return holdsOnlyTensors(type)
        && !hasForward((TypeElement) ((DeclaredType) type).asElement(), elements);
  }

  /** A record with nothing but tensors in it. */
  static boolean holdsOnlyTensors(TypeMirror type) {
    return type instanceof DeclaredType declared
        && declared.asElement() instanceof TypeElement element
        && !element.getRecordComponents().isEmpty()
        && element.getRecordComponents().stream()
            .allMatch(component -> isExactlyTensor(component.asType()));
  }

  static boolean isParameter(TypeMirror type) {
    return is(type, PARAMETER);
  }

  static boolean isState(TypeMirror type) {
    return is(type, STATE);
  }

  /** Whether it is a method of states. */
  static boolean isOfState(Element method) {
    return method.getEnclosingElement() instanceof QualifiedNameable owner
        && owner.getQualifiedName().contentEquals(STATE);
  }

  static boolean isTape(TypeMirror type) {
    return is(type, TAPE);
  }

  static boolean isFinish(TypeMirror type) {
    return is(type, FINISH);
  }

  static boolean isGradientSum(TypeMirror type) {
    return is(type, SUM);
  }

  static boolean isLayout(TypeMirror type) {
    return is(type, LAYOUT);
  }

  /** An array or a generic type of tensors, at any depth. */
  static boolean holdsTensors(TypeMirror type) {
    return switch (type) {
      case ArrayType array ->
          isTensor(array.getComponentType()) || holdsTensors(array.getComponentType());
      case DeclaredType declared ->
          declared.getTypeArguments().stream()
              .anyMatch(argument -> isTensor(argument) || holdsTensors(argument));
      default -> false;
    };
  }

  /** Whether the type has a method {@code forward} that returns a tensor, its own or inherited. */
  static boolean hasForward(TypeElement type, Elements elements) {
    return ElementFilter.methodsIn(elements.getAllMembers(type)).stream()
        .anyMatch(RuntimeTypes::isForward);
  }

  static boolean isForward(ExecutableElement method) {
    return method.getSimpleName().contentEquals("forward")
        && (isTensor(method.getReturnType()) || holdsOnlyTensors(method.getReturnType()));
  }

  /** {@code shape()} and the like: what a tensor is, not what is in it. */
  static boolean isProperty(ExecutableElement method) {
    return isOfTensor(method)
        && method.getParameters().isEmpty()
        && PROPERTIES.contains(method.getSimpleName().toString());
  }

  /** A number, or an array of them. */
  static boolean isNumber(TypeMirror type) {
    return type instanceof ArrayType array
        ? isNumber(array.getComponentType())
        : type.getKind().isPrimitive();
  }

  /** Whether it is {@code Ops.training()}. */
  static boolean isTraining(Element method) {
    return method.getSimpleName().contentEquals("training")
        && method.getEnclosingElement() instanceof QualifiedNameable owner
        && owner.getQualifiedName().contentEquals("dev.mezzo.Ops");
  }

  /** Whether it says what the numbers of a state are. */
  static boolean isNumbersOfState(Element method) {
    return isOfState(method)
        && !method.getModifiers().contains(javax.lang.model.element.Modifier.STATIC)
        && !method.getSimpleName().contentEquals("shape");
  }

  /** Whether it is a method of tensors. */
  static boolean isOfTensor(ExecutableElement method) {
    return method.getEnclosingElement() instanceof QualifiedNameable owner
        && (owner.getQualifiedName().contentEquals(TENSOR)
            || owner.getQualifiedName().contentEquals(PARAMETER));
  }

  private static boolean is(TypeMirror type, String name) {
    if (!(type instanceof DeclaredType declared)) {
      return false;
    }
    Element element = declared.asElement();
    return type.getKind() == TypeKind.DECLARED
        && element instanceof QualifiedNameable named
        && named.getQualifiedName().contentEquals(name);
  }
}
