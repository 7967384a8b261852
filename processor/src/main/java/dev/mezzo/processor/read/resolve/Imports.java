package dev.mezzo.processor.read.resolve;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MemberSelectTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.ModuleElement;
import javax.lang.model.element.ModuleElement.ExportsDirective;
import javax.lang.model.element.ModuleElement.RequiresDirective;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/** What the imports of one file, its package and java.lang bring into scope. */
final class Imports {
  private final Elements elements;
  private final ModuleElement module;
  private final Members members;
  private final Map<String, String> single = new HashMap<>();
  private final Map<String, List<String>> singleStatic = new HashMap<>();
  private final Set<String> onDemand = new LinkedHashSet<>();
  private final List<String> onDemandStatic = new ArrayList<>();
  private final Map<String, Optional<TypeElement>> found = new HashMap<>();
  private final Map<String, List<Element>> foundStatic = new HashMap<>();

  Imports(Elements elements, ModuleElement module, Members members, CompilationUnitTree unit) {
    this.elements = elements;
    this.module = module;
    this.members = members;
    String own = unit.getPackageName() == null ? "" : unit.getPackageName().toString();
    onDemand.add(own);
    for (ImportTree tree : unit.getImports()) {
      if (tree.isModule()) {
        ModuleElement imported =
            elements.getModuleElement(tree.getQualifiedIdentifier().toString());
        if (imported != null) {
          exports(imported, new LinkedHashSet<>());
        }
      } else {
        add(tree, (MemberSelectTree) tree.getQualifiedIdentifier());
      }
    }
    onDemand.add("java.lang");
  }

  /** A class by simple name. */
  Optional<TypeElement> type(String name) {
    return found.computeIfAbsent(name, this::find);
  }

  /** A class by qualified name. */
  Optional<TypeElement> qualified(String name) {
    return Optional.ofNullable(elements.getTypeElement(module, name));
  }

  /** Static members by simple name: those imported one by one if there are any, else the others. */
  List<Element> staticMembers(String name) {
    return foundStatic.computeIfAbsent(name, this::findStatic);
  }

  private void add(ImportTree tree, MemberSelectTree imported) {
    String prefix = imported.getExpression().toString();
    String name = imported.getIdentifier().toString();
    if (tree.isStatic()) {
      if (name.equals("*")) {
        onDemandStatic.add(prefix);
      } else {
        singleStatic.computeIfAbsent(name, _ -> new ArrayList<>()).add(prefix);
      }
    } else if (name.equals("*")) {
      onDemand.add(prefix);
    } else {
      single.put(name, prefix + "." + name);
    }
  }

  private void exports(ModuleElement imported, Set<ModuleElement> seen) {
    if (!seen.add(imported)) {
      return;
    }
    for (ExportsDirective exports : ElementFilter.exportsIn(imported.getDirectives())) {
      if (exports.getTargetModules() == null) {
        onDemand.add(exports.getPackage().getQualifiedName().toString());
      }
    }
    for (RequiresDirective requires : ElementFilter.requiresIn(imported.getDirectives())) {
      if (requires.isTransitive()) {
        exports(requires.getDependency(), seen);
      }
    }
  }

  private Optional<TypeElement> find(String name) {
    String imported = single.get(name);
    if (imported != null) {
      return qualified(imported);
    }
    Optional<TypeElement> nested =
        staticMembers(name).stream()
            .filter(TypeElement.class::isInstance)
            .map(TypeElement.class::cast)
            .findFirst();
    return nested.isPresent()
        ? nested
        : onDemand.stream()
            .map(prefix -> qualified(prefix.isEmpty() ? name : prefix + "." + name))
            .flatMap(Optional::stream)
            .findFirst();
  }

  private List<Element> findStatic(String name) {
    List<Element> single = members(singleStatic.getOrDefault(name, List.of()), name);
    return single.isEmpty() ? members(onDemandStatic, name) : single;
  }

  private List<Element> members(List<String> classes, String name) {
    return classes.stream()
        .flatMap(owner -> qualified(owner).stream())
        .flatMap(owner -> members.named(owner, name).stream())
        .filter(member -> member.getModifiers().contains(Modifier.STATIC))
        .toList();
  }
}
