package dev.mezzo.processor.read;

import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.OperationReading.Flaw;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Types;

/** Reads the gradient methods of one operation, and says what is wrong with them. */
final class GradientReader {
  private final ExecutableElement operation;
  private final List<Operand> operands;
  private final Types types;

  GradientReader(ExecutableElement operation, List<Operand> operands, Types types) {
    this.operation = operation;
    this.operands = operands;
    this.types = types;
  }

  /** What reading a gradient method gives. */
  sealed interface Reading {}

  record Sound(GradientModel model) implements Reading {}

  record Unsound(Flaw flaw) implements Reading {}

  /** Reads a method whose parameters have the given names. */
  Reading read(ExecutableElement method, String operand, List<String> names) {
    Optional<String> flaw = flaw(method, operand);
    if (flaw.isPresent()) {
      return new Unsound(flaw(method, names, flaw.get()));
    }
    boolean taped = isTaped(method);
    List<Read> reads = new ArrayList<>();
    for (int i = taped ? 1 : 0; i < names.size(); i++) {
      String name = names.get(i);
      TypeMirror type = method.getParameters().get(i).asType();
      Optional<Read> read = read(name, type);
      if (read.isEmpty()) {
        return new Unsound(flaw(method, names, mismatch(name, type)));
      }
      reads.add(read.get());
    }
    TypeElement owner = TypeText.owner(method);
    return new Sound(
        new GradientModel(
            TypeText.className(owner), method.getSimpleName().toString(), operand, taped, reads));
  }

  /** The flaw of a method that returns a gradient for which there is one already. */
  Flaw second(ExecutableElement method, List<String> names, String operand) {
    return flaw(
        method,
        names,
        "is a second gradient of "
            + signature()
            + " for '"
            + operand
            + "'; of an overloaded operation name the operands, as in of = \""
            + signature()
            + "\"");
  }

  private Optional<String> flaw(ExecutableElement method, String operand) {
    if (!method.getModifiers().contains(Modifier.STATIC)) {
      return Optional.of("is not static");
    }
    if (operation.getModifiers().contains(Modifier.PUBLIC)
        && !method.getModifiers().contains(Modifier.PUBLIC)) {
      return Optional.of("is not public, but its operation is");
    }
    if (!RuntimeTypes.isExactlyTensor(method.getReturnType())) {
      return Optional.of("returns " + TypeText.simple(method.getReturnType()) + ", not Tensor");
    }
    if (operands.stream().noneMatch(known -> known.tensor() && known.name().equals(operand))) {
      return Optional.of("is for '" + operand + "', which is no tensor operand of " + signature());
    }
    return Optional.empty();
  }

  private Optional<Read> read(String name, TypeMirror type) {
    boolean layout = RuntimeTypes.isLayout(type);
    boolean tensor = RuntimeTypes.isExactlyTensor(type);
    if (name.equals("dy")) {
      return tensor ? Optional.of(new Read.OfResultGradient()) : Optional.empty();
    }
    if (name.equals("y")) {
      return tensor || layout ? Optional.of(new Read.OfResult(layout)) : Optional.empty();
    }
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i).name().equals(name)) {
        boolean fits =
            operands.get(i).tensor()
                ? tensor || layout
                : types.isSameType(type, operation.getParameters().get(i).asType());
        return fits ? Optional.of(new Read.OfOperand(name, layout)) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private String mismatch(String name, TypeMirror type) {
    return "reads '"
        + TypeText.simple(type)
        + " "
        + name
        + "', but may read Tensor dy, Tensor y and the operands of "
        + signature()
        + ", tensors also as Layout";
  }

  private Flaw flaw(ExecutableElement method, List<String> names, String found) {
    return new Flaw(method, Catalogue.MALFORMED_GRADIENT, found, expected(method, names));
  }

  /** The method's signature without what it may not have. */
  private String expected(ExecutableElement method, List<String> names) {
    List<String> parameters = new ArrayList<>();
    if (isTaped(method)) {
      parameters.add("Tape " + names.getFirst());
    }
    parameters.add("Tensor dy");
    for (int i = isTaped(method) ? 1 : 0; i < names.size(); i++) {
      TypeMirror type = method.getParameters().get(i).asType();
      String name = names.get(i);
      if (!name.equals("dy")) {
        read(name, type)
            .map(fitting -> TypeText.simple(type) + " " + name)
            .or(() -> declared(name))
            .ifPresent(parameters::add);
      }
    }
    String access = operation.getModifiers().contains(Modifier.PUBLIC) ? "public " : "";
    return access
        + "static Tensor "
        + method.getSimpleName()
        + "("
        + String.join(", ", parameters)
        + ")";
  }

  private Optional<String> declared(String name) {
    if (name.equals("y")) {
      return Optional.of("Tensor y");
    }
    return operation.getParameters().stream()
        .filter(parameter -> parameter.getSimpleName().contentEquals(name))
        .map(parameter -> TypeText.simple(parameter.asType()) + " " + name)
        .findFirst();
  }

  private static boolean isTaped(ExecutableElement method) {
    return !method.getParameters().isEmpty()
        && RuntimeTypes.isTape(method.getParameters().getFirst().asType());
  }

  private String signature() {
    return operands.stream()
        .map(Operand::name)
        .collect(Collectors.joining(", ", operation.getSimpleName() + "(", ")"));
  }
}
