package dev.mezzo.processor.read;

import dev.mezzo.processor.fuse.Element;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.OperationReading.Flaw;
import dev.mezzo.processor.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
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

  /** One model for each operand. */
  record Sound(List<GradientModel> models) implements Reading {}

  record Unsound(Flaw flaw) implements Reading {}

  /** Reads a method for the operands {@code wrt} whose parameters have the given names. */
  Reading read(ExecutableElement method, List<String> wrt, List<String> names, String fuse) {
    boolean joint = wrt.size() > 1;
    Optional<String> flaw = flaw(method, wrt);
    if (flaw.isPresent()) {
      boolean several = joint || wrt.stream().anyMatch(this::isArray);
      return new Unsound(flaw(method, names, several, flaw.get()));
    }
    boolean taped = isTaped(method);
    List<Read> reads = new ArrayList<>();
    for (int i = taped ? 1 : 0; i < names.size(); i++) {
      String name = names.get(i);
      TypeMirror type = method.getParameters().get(i).asType();
      Optional<Read> read = joint ? ofOperands(name, type, wrt) : Optional.empty();
      read = read.or(() -> read(name, type));
      if (read.isEmpty()) {
        return new Unsound(flaw(method, names, joint, mismatch(name, type)));
      }
      reads.add(read.get());
    }
    Optional<Element> element;
    try {
      element = fuse.isEmpty() ? Optional.empty() : Optional.of(Element.parse(fuse, readable()));
    } catch (SyntaxException wrong) {
      return new Unsound(
          flaw(method, names, joint, "has a formula that is not understood: " + wrong.flaw()));
    }
    ClassName owner = TypeText.className(TypeText.owner(method));
    String name = method.getSimpleName().toString();
    boolean adds =
        !joint && !taped && hasOverload(method, List.of(RuntimeTypes::isGradientSum), types);
    return new Sound(
        IntStream.range(0, wrt.size())
            .mapToObj(
                i ->
                    new GradientModel(
                        owner, name, wrt.get(i), joint ? i : -1, taped, adds, reads, element))
            .toList());
  }

  private Set<String> readable() {
    return Stream.concat(Stream.of("dy", "y"), operands.stream().map(Operand::name))
        .collect(Collectors.toSet());
  }

  /**
   * Whether the class of a static method has another one of that name with these parameters more in
   * front.
   */
  static boolean hasOverload(
      ExecutableElement method, List<Predicate<TypeMirror>> front, Types types) {
    return ElementFilter.methodsIn(TypeText.owner(method).getEnclosedElements()).stream()
        .filter(other -> other.getSimpleName().equals(method.getSimpleName()))
        .filter(other -> other.getModifiers().contains(Modifier.STATIC))
        .anyMatch(other -> hasMore(other, method, front, types));
  }

  /** Whether there is another one of that name for a sum of gradients in place of the operand. */
  static boolean viewsSums(ExecutableElement view, Types types) {
    List<? extends VariableElement> plain = view.getParameters();
    return ElementFilter.methodsIn(TypeText.owner(view).getEnclosedElements()).stream()
        .filter(other -> other.getSimpleName().equals(view.getSimpleName()))
        .filter(other -> RuntimeTypes.isGradientSum(other.getReturnType()))
        .map(ExecutableElement::getParameters)
        .filter(all -> all.size() == plain.size())
        .filter(all -> RuntimeTypes.isGradientSum(all.getFirst().asType()))
        .anyMatch(
            all ->
                IntStream.range(1, plain.size())
                    .allMatch(i -> types.isSameType(all.get(i).asType(), plain.get(i).asType())));
  }

  private static boolean hasMore(
      ExecutableElement more,
      ExecutableElement method,
      List<Predicate<TypeMirror>> front,
      Types types) {
    List<? extends VariableElement> all = more.getParameters();
    List<? extends VariableElement> plain = method.getParameters();
    int by = front.size();
    return all.size() == plain.size() + by
        && IntStream.range(0, by).allMatch(i -> front.get(i).test(all.get(i).asType()))
        && IntStream.range(0, plain.size())
            .allMatch(i -> types.isSameType(all.get(i + by).asType(), plain.get(i).asType()));
  }

  /** The flaw of a method that returns a gradient for which there is one already. */
  Flaw second(ExecutableElement method, List<String> names, String operand) {
    return flaw(
        method,
        names,
        RuntimeTypes.isTensorArray(method.getReturnType()),
        "is a second gradient of "
            + signature()
            + " for '"
            + operand
            + "'; of an overloaded operation name the operands, as in of = \""
            + signature()
            + "\"");
  }

  private Optional<String> flaw(ExecutableElement method, List<String> wrt) {
    if (!method.getModifiers().contains(Modifier.STATIC)) {
      return Optional.of("is not static");
    }
    if (operation.getModifiers().contains(Modifier.PUBLIC)
        && !method.getModifiers().contains(Modifier.PUBLIC)) {
      return Optional.of("is not public, but its operation is");
    }
    TypeMirror returned = method.getReturnType();
    boolean ofArray = wrt.stream().anyMatch(this::isArray);
    if (ofArray && wrt.size() > 1) {
      return Optional.of("is for several operands, one of which is an array of tensors");
    }
    boolean several = wrt.size() > 1 || ofArray;
    if (!(several
        ? RuntimeTypes.isTensorArray(returned)
        : RuntimeTypes.isExactlyTensor(returned))) {
      String each = ofArray ? "element of '" + wrt.getFirst() + "'" : "of " + wrt.size();
      String expected = several ? "Tensor[], one for each " + each : "Tensor";
      return Optional.of("returns " + TypeText.simple(returned) + ", not " + expected);
    }
    return wrt.stream()
        .filter(name -> operands.stream().noneMatch(o -> o.tensor() && o.name().equals(name)))
        .findFirst()
        .map(name -> "is for '" + name + "', which is " + what(name) + " of " + signature());
  }

  private String what(String operand) {
    boolean state =
        operation.getParameters().stream()
            .anyMatch(
                each ->
                    each.getSimpleName().contentEquals(operand)
                        && RuntimeTypes.isState(each.asType()));
    return state ? "a state, which has no gradient," : "no tensor operand";
  }

  private boolean isArray(String operand) {
    return operands.stream().anyMatch(each -> each.several() && each.name().equals(operand));
  }

  /** What a method for several operands is told of one of them. */
  private static Optional<Read> ofOperands(String name, TypeMirror type, List<String> wrt) {
    boolean flag = type.getKind() == TypeKind.BOOLEAN;
    return wrt.stream()
        .filter(operand -> flag || RuntimeTypes.isGradientSum(type))
        .filter(operand -> name.equalsIgnoreCase((flag ? "wantD" : "d") + operand))
        .<Read>map(flag ? Read.OfWanted::new : Read.OfSum::new)
        .findFirst();
  }

  private Optional<Read> read(String name, TypeMirror type) {
    boolean layout = RuntimeTypes.isLayout(type);
    boolean tensor = RuntimeTypes.isExactlyTensor(type);
    boolean severalResults = RuntimeTypes.isSeveral(operation.getReturnType());
    if (name.equals("dy")) {
      return (severalResults ? RuntimeTypes.isTensorArray(type) : tensor)
          ? Optional.of(new Read.OfResultGradient())
          : Optional.empty();
    }
    if (name.equals("y")) {
      return !severalResults && (tensor || layout)
          ? Optional.of(new Read.OfResult(layout))
          : Optional.empty();
    }
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i).name().equals(name)) {
        if (operands.get(i).several()) {
          layout = RuntimeTypes.isLayoutArray(type);
          tensor = RuntimeTypes.isTensorArray(type);
        }
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

  private Flaw flaw(ExecutableElement method, List<String> names, boolean joint, String found) {
    return new Flaw(method, Catalogue.MALFORMED_GRADIENT, found, expected(method, names, joint));
  }

  /** The method's signature without what it may not have. */
  private String expected(ExecutableElement method, List<String> names, boolean joint) {
    List<String> parameters = new ArrayList<>();
    if (isTaped(method)) {
      parameters.add("Tape " + names.getFirst());
    }
    boolean severalResults = RuntimeTypes.isSeveral(operation.getReturnType());
    parameters.add(severalResults ? "Tensor[] dy" : "Tensor dy");
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
        + (joint ? "static Tensor[] " : "static Tensor ")
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
