package dev.mezzo.processor.read;

import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.Set;
import java.util.stream.Stream;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.util.ElementFilter;

/** Finds {@code @MasterFp32} on what is no parameter where no layer's reading would see it. */
final class SourceMasters {

  private SourceMasters() {}

  static Stream<Problem> check(RoundEnvironment round, Set<TypeElement> layers, SourceTrees trees) {
    return ElementFilter.fieldsIn(round.getElementsAnnotatedWith(MasterFp32.class)).stream()
        .filter(
            field ->
                field.getModifiers().contains(Modifier.STATIC)
                    || !layers.contains(TypeText.owner(field)))
        .filter(field -> field.asType().getKind() != TypeKind.ERROR) // javac reports it
        .filter(field -> !RuntimeTypes.isParameter(field.asType()))
        .map(field -> problem(field, trees));
  }

  private static Problem problem(VariableElement field, SourceTrees trees) {
    TreePath path = trees.trees().getPath(field);
    TreePath annotation =
        FieldReader.annotation(
                ((VariableTree) path.getLeaf()).getModifiers(), path, MasterFp32.class)
            .orElse(path);
    return Catalogue.MASTER_ON_NON_PARAMETER.at(
        trees.at(annotation), field.getSimpleName(), TypeText.simple(field.asType()));
  }
}
