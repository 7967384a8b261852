package dev.mezzo.processor.read;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Op;
import dev.mezzo.annotations.PrecisionClass;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.model.OperationResult;
import dev.mezzo.processor.model.OperationRules;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.OperationReading.Flaw;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Types;

/** Reads operations and their gradients from source or class file; each of them once a round. */
final class OperationReader {
  private final Types types;
  private final OperationRulesReader rulesReader = new OperationRulesReader();
  private final Map<ExecutableElement, OperationReading> read = new HashMap<>();
  private final Set<ExecutableElement> reported = new HashSet<>();

  OperationReader(Types types) {
    this.types = types;
  }

  /** The operation that a method annotated with {@code @Op} declares. */
  OperationReading read(ExecutableElement method) {
    return read.computeIfAbsent(method, this::readDeclaration);
  }

  /** Notes that the flaws of an operation are told where it is declared, not where it is called. */
  void report(ExecutableElement method) {
    reported.add(method);
  }

  boolean isReported(ExecutableElement method) {
    return reported.contains(method);
  }

  private OperationReading readDeclaration(ExecutableElement method) {
    AnnotationValues op = AnnotationValues.find(method, Op.class).orElseThrow();
    List<String> names = names(method, op.list("parameters", String.class));
    boolean castsOperands = op.constant("value", PrecisionClass.class) == PrecisionClass.ALLOW;
    Optional<String> flaw = OperationSignature.flaw(method, names, castsOperands);
    if (flaw.isPresent()) {
      Flaw malformed =
          new Flaw(
              method,
              Catalogue.MALFORMED_OPERATION,
              flaw.get(),
              OperationSignature.expected(method, names));
      return new OperationReading(Optional.empty(), List.of(malformed), List.of());
    }
    List<Operand> operands = operands(method, names);
    TypeElement owner = TypeText.owner(method);
    TypeElement rules =
        op.type("gradients").map(type -> (TypeElement) type.asElement()).orElse(owner);
    List<Flaw> flaws = new ArrayList<>();
    List<ExecutableElement> looked = new ArrayList<>();
    List<GradientModel> gradients = gradients(method, operands, rules, flaws, looked);
    OperationRules declared = rulesReader.read(method, names, flaws);
    if (!flaws.isEmpty()) {
      return new OperationReading(Optional.empty(), flaws, looked);
    }
    boolean taped = GradientReader.hasOverload(method, List.of(RuntimeTypes::isTape), types);
    List<Predicate<TypeMirror>> finish =
        taped
            ? List.of(RuntimeTypes::isTape, RuntimeTypes::isFinish)
            : List.of(RuntimeTypes::isFinish);
    OperationModel model =
        new OperationModel(
            TypeText.className(owner),
            method.getSimpleName().toString(),
            op.constant("value", PrecisionClass.class),
            operands,
            result(method.getReturnType()),
            op.get("view", Boolean.class),
            op.get("view", Boolean.class) && GradientReader.viewsSums(method, types),
            op.get("scalar", Boolean.class),
            taped,
            GradientReader.hasOverload(method, finish, types),
            gradients,
            declared);
    return new OperationReading(Optional.of(model), List.of(), looked);
  }

  private static OperationResult result(TypeMirror type) {
    return RuntimeTypes.isTensorArray(type)
        ? new OperationResult.OfArray()
        : RuntimeTypes.holdsOnlyTensors(type)
            ? new OperationResult.OfRecord(
                TypeText.className((TypeElement) ((DeclaredType) type).asElement()),
                RecordReader.components(type))
            : new OperationResult.OfTensor();
  }

  private List<GradientModel> gradients(
      ExecutableElement operation,
      List<Operand> operands,
      TypeElement rules,
      List<Flaw> flaws,
      List<ExecutableElement> looked) {
    Map<String, GradientModel> byOperand = new HashMap<>();
    GradientReader reader = new GradientReader(operation, operands, types);
    for (ExecutableElement method : ElementFilter.methodsIn(rules.getEnclosedElements())) {
      Optional<AnnotationValues> gradient =
          AnnotationValues.find(method, Gradient.class)
              .filter(values -> isOf(values.get("of", String.class), operation, operands));
      if (gradient.isEmpty()) {
        continue;
      }
      List<String> names = names(method, gradient.get().list("reads", String.class));
      List<String> wrt = gradient.get().list("wrt", String.class);
      switch (reader.read(method, wrt, names, gradient.get().get("fuse", String.class))) {
        case GradientReader.Sound(List<GradientModel> models) -> {
          looked.add(method);
          for (GradientModel model : models) {
            if (byOperand.putIfAbsent(model.operand(), model) != null) {
              flaws.add(reader.second(method, names, model.operand()));
            }
          }
        }
        case GradientReader.Unsound(Flaw flaw) -> {
          if (!isOverloaded(operation) || names(gradient.get())) {
            looked.add(method);
            flaws.add(flaw);
          }
        }
      }
    }
    return operands.stream()
        .map(Operand::name)
        .filter(byOperand::containsKey)
        .map(byOperand::get)
        .toList();
  }

  /** Whether {@code of} is the operation's name, or {@code name(operand, operand)}. */
  private static boolean isOf(String of, ExecutableElement operation, List<Operand> operands) {
    String name = operation.getSimpleName().toString();
    String signature =
        operands.stream().map(Operand::name).collect(Collectors.joining(",", name + "(", ")"));
    String compact = of.replace(" ", "");
    return compact.equals(name) || compact.equals(signature);
  }

  private static boolean names(AnnotationValues gradient) {
    return gradient.get("of", String.class).contains("(");
  }

  private static boolean isOverloaded(ExecutableElement operation) {
    return ElementFilter.methodsIn(TypeText.owner(operation).getEnclosedElements()).stream()
            .filter(other -> other.getSimpleName().equals(operation.getSimpleName()))
            .filter(other -> AnnotationValues.has(other, Op.class))
            .count()
        > 1;
  }

  private static List<Operand> operands(ExecutableElement method, List<String> names) {
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      TypeMirror type = method.getParameters().get(i).asType();
      boolean tensor = RuntimeTypes.isTensor(type) || RuntimeTypes.isTensorArray(type);
      operands.add(new Operand(names.get(i), tensor, TypeText.of(type)));
    }
    return operands;
  }

  /** The names of a method's parameters. */
  static List<String> names(ExecutableElement method, List<String> written) {
    return written.size() == method.getParameters().size()
        ? written
        : method.getParameters().stream().map(name -> name.getSimpleName().toString()).toList();
  }
}
