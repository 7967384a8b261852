package dev.mezzo.processor.read.resolve;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/** The members of classes by name, inherited ones too; each class is looked through once. */
final class Members {
  private final Elements elements;
  private final Map<TypeElement, Map<String, List<Element>>> byName = new HashMap<>();

  Members(Elements elements) {
    this.elements = elements;
  }

  List<Element> named(TypeElement type, String name) {
    return byName.computeIfAbsent(type, this::byName).getOrDefault(name, List.of());
  }

  /** Whether the class has the member, by itself or by inheritance. */
  boolean has(TypeElement type, Element member) {
    return named(type, member.getSimpleName().toString()).contains(member);
  }

  Optional<Element> field(TypeElement type, String name) {
    return named(type, name).stream().filter(member -> member.getKind().isField()).findFirst();
  }

  List<ExecutableElement> methods(TypeElement type, String name) {
    return ElementFilter.methodsIn(named(type, name));
  }

  Optional<TypeElement> nested(TypeElement type, String name) {
    return ElementFilter.typesIn(named(type, name)).stream().findFirst();
  }

  private Map<String, List<Element>> byName(TypeElement type) {
    return elements.getAllMembers(type).stream()
        .collect(Collectors.groupingBy(member -> member.getSimpleName().toString()));
  }
}
