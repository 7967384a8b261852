package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Op;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The operations of {@link Ops} and their gradients, found as the processor finds them: by the
 * annotations in the class files.
 */
final class OperationTable {

  /**
   * An operation.
   *
   * @param method the eager form
   * @param onTape the form with a tape in front, which generated code calls instead
   * @param shape the rule of its shapes
   * @param elementwise whether it is one formula, which fuses
   */
  record Operation(
      Method method, Optional<Method> onTape, List<Rule> rules, String shape, boolean elementwise) {

    /** As {@code sum(x, axis)}. */
    String signature() {
      return OperationTable.signature(method);
    }
  }

  /** A gradient of the operands {@code wrt}. */
  record Rule(Method method, List<String> wrt) {

    /** The overload of a method for one operand that adds to a sum, if there is one. */
    Optional<Method> adding() {
      Class<?>[] types = method.getParameterTypes();
      Class<?>[] more = new Class<?>[types.length + 1];
      more[0] = GradientSum.class;
      System.arraycopy(types, 0, more, 1, types.length);
      return Stream.of(method.getDeclaringClass().getMethods())
          .filter(other -> other.getName().equals(method.getName()))
          .filter(other -> Arrays.equals(other.getParameterTypes(), more))
          .findFirst();
    }

    /** Whether the gradient of an operand is added to a sum. */
    boolean adds(String operand) {
      return wrt.size() == 1
          ? adding().isPresent()
          : Stream.of(method.getParameters())
              .filter(parameter -> parameter.getType() == GradientSum.class)
              .anyMatch(parameter -> parameter.getName().equalsIgnoreCase("d" + operand));
    }
  }

  private OperationTable() {}

  static List<Operation> all() {
    List<Operation> operations = new ArrayList<>();
    for (MethodModel model : parse(Ops.class).methods()) {
      Optional<Annotation> op = annotation(model, Op.class);
      if (op.isPresent()) {
        operations.add(operation(reflected(Ops.class, model), op.get()));
      }
    }
    return operations;
  }

  private static Operation operation(Method method, Annotation op) {
    Optional<Method> onTape =
        Stream.of(Ops.class.getDeclaredMethods())
            .filter(other -> other.getName().equals(method.getName()))
            .filter(other -> names(other).equals("tape, " + names(method)))
            .findFirst();
    return new Operation(
        method,
        onTape,
        rules(method, op),
        String.join("", strings(op, "shape")),
        !strings(op, "fuse").isEmpty());
  }

  private static List<Rule> rules(Method method, Annotation op) {
    Class<?> family = Ops.class;
    for (AnnotationElement element : op.elements()) {
      if (element.name().equalsString("gradients")
          && element.value() instanceof AnnotationValue.OfClass type) {
        family = resolved(type);
      }
    }
    List<Rule> rules = new ArrayList<>();
    for (MethodModel model : parse(family).methods()) {
      Class<?> owner = family;
      annotation(model, Gradient.class)
          .filter(gradient -> isOf(strings(gradient, "of").getFirst(), method))
          .ifPresent(
              gradient -> {
                List<String> wrt = strings(gradient, "wrt");
                if (List.of(names(method).split(", ")).containsAll(wrt)) {
                  rules.add(new Rule(reflected(owner, model), wrt));
                }
              });
    }
    return rules;
  }

  private static boolean isOf(String of, Method method) {
    return of.equals(method.getName()) || of.equals(signature(method));
  }

  private static List<String> strings(Annotation annotation, String name) {
    return annotation.elements().stream()
        .filter(element -> element.name().equalsString(name))
        .map(AnnotationElement::value)
        .flatMap(
            value ->
                value instanceof AnnotationValue.OfArray array
                    ? array.values().stream()
                    : Stream.of(value))
        .map(value -> ((AnnotationValue.OfString) value).stringValue())
        .toList();
  }

  static String signature(Method method) {
    return method.getName() + "(" + names(method) + ")";
  }

  private static String names(Method method) {
    return Stream.of(method.getParameters())
        .map(Parameter::getName)
        .collect(Collectors.joining(", "));
  }

  private static Optional<Annotation> annotation(MethodModel method, Class<?> type) {
    return method.findAttribute(Attributes.runtimeInvisibleAnnotations()).stream()
        .flatMap(attribute -> attribute.annotations().stream())
        .filter(annotation -> annotation.className().equalsString(type.descriptorString()))
        .findFirst();
  }

  private static Method reflected(Class<?> owner, MethodModel model) {
    MethodTypeDesc type = model.methodTypeSymbol();
    return Stream.of(owner.getDeclaredMethods())
        .filter(method -> model.methodName().equalsString(method.getName()))
        .filter(
            method ->
                type.parameterList().stream()
                    .map(parameter -> parameter.descriptorString())
                    .toList()
                    .equals(
                        Stream.of(method.getParameterTypes())
                            .map(Class::descriptorString)
                            .toList()))
        .findFirst()
        .orElseThrow();
  }

  private static Class<?> resolved(AnnotationValue.OfClass type) {
    try {
      return type.classSymbol().resolveConstantDesc(MethodHandles.lookup());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ClassModel parse(Class<?> type) {
    try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      return ClassFile.of().parse(Objects.requireNonNull(in).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
