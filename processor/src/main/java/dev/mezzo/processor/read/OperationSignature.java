package dev.mezzo.processor.read;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.type.TypeMirror;

/** What a method annotated with {@code @Op} must look like. */
final class OperationSignature {
  /** What gradients call the result and its gradient. */
  private static final Set<String> RESERVED = Set.of("y", "dy");

  private OperationSignature() {}

  /**
   * What is wrong, as in {@code is not static}.
   *
   * @param castsOperands whether operands are cast to what it computes in, as arrays never are
   */
  static Optional<String> flaw(
      ExecutableElement method, List<String> names, boolean castsOperands) {
    if (!method.getModifiers().contains(Modifier.STATIC)) {
      return Optional.of("is not static");
    }
    if (method.getModifiers().contains(Modifier.PRIVATE)) {
      return Optional.of("is private");
    }
    if (!method.getTypeParameters().isEmpty()) {
      return Optional.of("has type parameters");
    }
    TypeMirror result = method.getReturnType();
    if (!RuntimeTypes.isExactlyTensor(result) && !RuntimeTypes.isSeveral(result)) {
      return Optional.of(
          "returns " + TypeText.simple(result) + ", not Tensor, Tensor[] or a record of tensors");
    }
    return operandFlaw(method, names, castsOperands);
  }

  private static Optional<String> operandFlaw(
      ExecutableElement method, List<String> names, boolean castsOperands) {
    boolean tensor = false;
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      TypeMirror type = method.getParameters().get(i).asType();
      if (RuntimeTypes.isTape(type)) {
        return Optional.of("takes a Tape, which only an overload without @Op may");
      }
      boolean several = RuntimeTypes.isTensorArray(type);
      if (RuntimeTypes.holdsTensors(type) && !several) {
        return Optional.of(
            "takes several tensors in '" + names.get(i) + "' as " + TypeText.simple(type));
      }
      if (several && castsOperands) {
        return Optional.of(
            "is ALLOW, but takes several tensors in '"
                + names.get(i)
                + "', which keep their precision: FOLLOW or DENY is right for it");
      }
      if (RESERVED.contains(names.get(i))) {
        return Optional.of(
            "has an operand '" + names.get(i) + "', which is the result's name in gradients");
      }
      if (!seen.add(names.get(i))) {
        return Optional.of("has two operands '" + names.get(i) + "'");
      }
      tensor |= several || RuntimeTypes.isTensor(type);
    }
    return tensor ? Optional.empty() : Optional.of("takes no Tensor");
  }

  /** The signature that would be right. */
  static String expected(ExecutableElement method, List<String> names) {
    List<String> operands = new ArrayList<>();
    boolean tensor = false;
    for (int i = 0; i < names.size(); i++) {
      TypeMirror type = method.getParameters().get(i).asType();
      if (RuntimeTypes.isTape(type)) {
        continue;
      }
      boolean several = RuntimeTypes.holdsTensors(type);
      tensor |= several || RuntimeTypes.isTensor(type);
      boolean varargs = method.isVarArgs() && i == names.size() - 1;
      String name = fresh(RESERVED.contains(names.get(i)) ? "x" : names.get(i), operands);
      operands.add(
          (several ? varargs ? "Tensor..." : "Tensor[]" : TypeText.simple(type)) + " " + name);
    }
    if (!tensor) {
      operands.addFirst("Tensor " + fresh("x", operands));
    }
    String access = method.getModifiers().contains(Modifier.PUBLIC) ? "public " : "";
    TypeMirror result = method.getReturnType();
    return access
        + "static "
        + (RuntimeTypes.isSeveral(result) ? TypeText.simple(result) : "Tensor")
        + " "
        + method.getSimpleName()
        + "("
        + String.join(", ", operands)
        + ")";
  }

  private static String fresh(String name, List<String> operands) {
    String free = name;
    for (int i = 2; ; i++) {
      String candidate = " " + free;
      if (operands.stream().noneMatch(operand -> operand.endsWith(candidate))) {
        return free;
      }
      free = name + i;
    }
  }
}
