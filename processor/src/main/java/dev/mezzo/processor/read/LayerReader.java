package dev.mezzo.processor.read;

import static java.util.Objects.requireNonNull;

import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerContract;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.LossScaling;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.Elements;

/** Reads one annotated class. */
final class LayerReader {
  private final SourceTrees trees;
  private final Elements elements;
  private final OperationReader operations;

  LayerReader(SourceTrees trees, Elements elements, OperationReader operations) {
    this.trees = trees;
    this.elements = elements;
    this.operations = operations;
  }

  /**
   * Reads a class in source.
   *
   * @throws UnresolvedException if it refers to what does not exist, or not yet
   */
  LayerReading read(TypeElement type) {
    TreePath path = trees.trees().getPath(type);
    Complaints complaints = new Complaints(trees);
    LayerShape.check(type, path, elements, complaints);
    LayerSource layer =
        new LayerSource(trees, type, path, new FieldReader(trees, elements).read(type, path));
    if (Contracts.isOpen(type)) {
      return contract(layer, complaints);
    }
    Optional<ExecutableElement> forward = method(layer, "forward", complaints);
    Optional<ExecutableElement> loss = method(layer, "loss", complaints);
    boolean scaled = AnnotationValues.has(type, LossScaled.class);
    Optional<ExecutableElement> entry =
        scaled && loss.isPresent() ? loss : forward.isPresent() ? forward : loss;
    LayerDeclaration declaration =
        declaration(
            layer,
            forward.map(method -> trees.at(path(layer, method))),
            loss.map(method -> trees.at(path(layer, method))),
            fields(layer, entry));
    Optional<LayerModel> model =
        entry
            .flatMap(method -> modelIfUnderstood(layer, method, declaration, complaints))
            .filter(_ -> complaints.problems().isEmpty());
    return new LayerReading(declaration, model, Optional.empty(), complaints.problems());
  }

  private LayerReading contract(LayerSource layer, Complaints complaints) {
    Optional<LayerContract> contract =
        Contracts.read(layer, isPublic(layer.type()), trees, elements, complaints);
    LayerDeclaration declaration =
        declaration(layer, contract.map(LayerContract::position), Optional.empty(), List.of());
    return new LayerReading(
        declaration,
        Optional.empty(),
        contract.filter(_ -> complaints.problems().isEmpty()),
        complaints.problems());
  }

  private LayerDeclaration declaration(
      LayerSource layer,
      Optional<SourcePosition> forward,
      Optional<SourcePosition> loss,
      List<FieldDeclaration> fields) {
    TypeElement type = layer.type();
    return new LayerDeclaration(
        TypeText.className(type),
        AnnotationValues.has(type, Half.class),
        AnnotationValues.has(type, Full.class),
        AnnotationValues.has(type, MasterFp32.class),
        scaling(type),
        forward,
        loss,
        fields,
        AnnotationPositions.of(layer.path(), trees),
        trees.at(layer.path()));
  }

  /**
   * What is not understood is an error now, even if a name behind it is unknown, too: a pattern's
   * variable, say.
   */
  private Optional<LayerModel> modelIfUnderstood(
      LayerSource layer,
      ExecutableElement entry,
      LayerDeclaration declaration,
      Complaints complaints) {
    try {
      return Optional.of(model(layer, entry, declaration, complaints));
    } catch (UnresolvedException unresolved) {
      if (complaints.problems().isEmpty()) {
        throw unresolved;
      }
      return Optional.empty();
    }
  }

  private LayerModel model(
      LayerSource layer,
      ExecutableElement entry,
      LayerDeclaration declaration,
      Complaints complaints) {
    RecomputedParts.check(entry, layer, trees, complaints);
    DeclaredShapesReader shapes = new DeclaredShapesReader(layer, trees, complaints);
    List<FunctionModel> functions =
        LayerFunctions.read(entry, layer, trees, elements, operations, complaints, shapes);
    return new LayerModel(
        declaration.type(),
        isPublic(layer.type()),
        declaration.half() ? Precision.HALF : Precision.FULL,
        layer.type().getTypeParameters().size(),
        Contracts.of(layer.type(), elements),
        Stream.concat(
                ofKind(layer, Kind.PARAMETER).map(LayerField::parameter),
                layer.ofSubLayers().stream())
            .toList(),
        layer.fields().values().stream()
            .filter(LayerField::holdsStates)
            .map(LayerField::state)
            .toList(),
        ofKind(layer, Kind.SUB_LAYER).map(LayerField::subLayer).toList(),
        functions,
        entry.getSimpleName().contentEquals("loss")
            ? declaration.lossScaling().or(() -> Optional.of(LossScaling.none()))
            : Optional.empty(),
        shapes.read(),
        declaration.position());
  }

  private List<FieldDeclaration> fields(LayerSource layer, Optional<ExecutableElement> entry) {
    FieldUses uses = FieldUses.of(layer, trees);
    return layer.fields().values().stream()
        .map(
            field ->
                field.declaration(
                    entry
                        .map(method -> uses.reads(field, method))
                        .orElse(List.<SourcePosition>of()),
                    uses.writes(field)))
        .toList();
  }

  private Optional<ExecutableElement> method(
      LayerSource layer, String name, Complaints complaints) {
    List<ExecutableElement> methods =
        layer.methods().keySet().stream()
            .filter(method -> method.getSimpleName().contentEquals(name))
            .filter(
                method ->
                    RuntimeTypes.isTensor(method.getReturnType()) || RuntimeTypes.isForward(method))
            .filter(method -> !method.getModifiers().contains(Modifier.ABSTRACT))
            .toList();
    for (ExecutableElement second : methods.stream().skip(1).toList()) {
      complaints.unsupported(
          path(layer, second),
          "a second method '" + name + "'",
          layer.type().getSimpleName().toString(),
          "not understood",
          "give it another name");
    }
    return methods.stream().findFirst();
  }

  private static Stream<LayerField> ofKind(LayerSource layer, Kind kind) {
    return layer.fields().values().stream().filter(field -> field.kind() == kind);
  }

  private static TreePath path(LayerSource layer, ExecutableElement method) {
    return requireNonNull(layer.methods().get(method));
  }

  private static boolean isPublic(TypeElement type) {
    Element enclosing = type;
    while (enclosing instanceof TypeElement) {
      if (!enclosing.getModifiers().contains(Modifier.PUBLIC)) {
        return false;
      }
      enclosing = enclosing.getEnclosingElement();
    }
    return true;
  }

  private static Optional<LossScaling> scaling(TypeElement type) {
    return AnnotationValues.find(type, LossScaled.class)
        .map(
            values ->
                new LossScaling(
                    values.constant("scaling", LossScaled.Scaling.class),
                    values.get("initial", Float.class),
                    values.get("growth", Float.class),
                    values.get("backoff", Float.class),
                    values.get("interval", Integer.class),
                    values.get("floor", Float.class),
                    values.get("ceiling", Float.class),
                    values.get("hysteresis", Integer.class)));
  }
}
