package dev.mezzo.processor.dims;

import dev.mezzo.annotations.Op;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A method annotated with {@code @Op}, with its annotation from the class file: it is not there at
 * run time.
 */
record DeclaredOperation(Method method, Annotation annotation) {

  /** All of a class. */
  static List<DeclaredOperation> of(Class<?> owner) throws IOException {
    byte[] bytes;
    try (InputStream in =
        Objects.requireNonNull(owner.getResourceAsStream(owner.getSimpleName() + ".class"))) {
      bytes = in.readAllBytes();
    }
    List<DeclaredOperation> operations = new ArrayList<>();
    for (MethodModel model : ClassFile.of().parse(bytes).methods()) {
      model
          .findAttribute(Attributes.runtimeInvisibleAnnotations())
          .flatMap(
              attribute ->
                  attribute.annotations().stream()
                      .filter(a -> a.classSymbol().equals(ClassDesc.of(Op.class.getName())))
                      .findFirst())
          .ifPresent(
              annotation ->
                  operations.add(new DeclaredOperation(method(owner, model), annotation)));
    }
    return operations;
  }

  /** A member that is a string and written out. */
  Optional<String> text(String member) {
    return annotation.elements().stream()
        .filter(element -> element.name().equalsString(member))
        .map(AnnotationElement::value)
        .filter(AnnotationValue.OfString.class::isInstance)
        .map(value -> ((AnnotationValue.OfString) value).stringValue())
        .findFirst();
  }

  List<String> operands() {
    return Arrays.stream(method.getParameters()).map(Parameter::getName).toList();
  }

  private static Method method(Class<?> owner, MethodModel model) {
    return Arrays.stream(owner.getDeclaredMethods())
        .filter(method -> method.getName().equals(model.methodName().stringValue()))
        .filter(
            method ->
                MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                    .toMethodDescriptorString()
                    .equals(model.methodType().stringValue()))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public String toString() {
    return method.getName() + operands();
  }
}
