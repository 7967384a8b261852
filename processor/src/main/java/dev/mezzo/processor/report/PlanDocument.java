package dev.mezzo.processor.report;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.FunctionPlan;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.ValuePlan;
import dev.mezzo.processor.plan.WeightPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The plan of a layer as a document, {@code META-INF/mezzo/demo.Mlp.json}; docs/plan.md describes
 * it. A value stands on one line, so that two plans can be compared line by line.
 */
public final class PlanDocument {
  private static final int FORMAT = 1;

  private final LayerPlan plan;
  private final Sizes sizes;

  private PlanDocument(LayerPlan plan, Map<String, Map<Value, ShapeTerm>> shapes) {
    this.plan = plan;
    this.sizes = new Sizes(plan, shapes);
  }

  /** Where the plan of a layer lies, in the class output. */
  public static String path(ClassName layer) {
    return "META-INF/mezzo/" + layer.qualified() + ".json";
  }

  /**
   * The whole document.
   *
   * @param shapes of the values, by function, as far as they are known
   */
  public static String of(LayerPlan plan, Map<String, Map<Value, ShapeTerm>> shapes) {
    return new PlanDocument(plan, shapes).text();
  }

  private String text() {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("format", Integer.toString(FORMAT));
    members.put("layer", Json.of(plan.layer().type().qualified()));
    members.put("form", Json.of(plan.layer().type().mixed().qualified()));
    members.put("source", Json.of(plan.layer().position().file()));
    members.put("precision", Json.of(name(plan.layer().precision())));
    members.put(
        "parameters", Json.lines(plan.weights().stream().map(PlanDocument::weight).toList(), 1));
    List<String> fields =
        plan.layer().subLayers().stream()
            .filter(SubLayerModel::full)
            .map(PlanDocument::fullField)
            .toList();
    if (!fields.isEmpty()) {
      members.put("fields", Json.lines(fields, 1));
    }
    members.put("functions", Json.lines(plan.functions().stream().map(this::function).toList(), 1));
    return members.entrySet().stream()
        .map(member -> "  \"" + member.getKey() + "\": " + member.getValue())
        .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
  }

  private static String weight(WeightPlan weight) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", weight.parameter().name());
    members.put("line", weight.parameter().position().line());
    members.put(
        "kept",
        switch (weight.kind()) {
          case MASTER -> "FP32 master, half shadow";
          case HALF_ONLY -> "half only";
          case FULL -> "FP32 only";
        });
    return Json.of(members);
  }

  /** What it saves is its own plan's {@code savedInFp32}. */
  private static String fullField(SubLayerModel field) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", field.name());
    members.put("line", field.position().line());
    members.put("annotated", "@Full");
    members.put("layer", field.type().qualified());
    return Json.of(members);
  }

  private String function(FunctionPlan function) {
    String name = function.source().name();
    List<ValuePlan> values =
        plan.values().stream().filter(value -> value.function().equals(name)).toList();
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("name", name);
    head.put("line", function.source().position().line());
    if (function.source().precision() != plan.layer().precision()) {
      head.put("annotated", annotation(function.source().precision()));
    }
    head.put("casts", values.stream().filter(ValuePlan::cast).count());
    putSaved(head, values);
    List<Map<String, Object>> locals = locals(function.source(), values);
    if (!locals.isEmpty()) {
      head.put("locals", locals);
    }
    String members = Json.of(head);
    return members.substring(0, members.length() - 1)
        + ", \"values\": "
        + Json.lines(values.stream().map(this::value).toList(), 2)
        + "}";
  }

  private void putSaved(Map<String, Object> members, List<ValuePlan> values) {
    members.put("saved", sizes.saved(values, false));
    members.put("savedInFp32", sizes.saved(values, true));
    members.put("halfSaves", sizes.halfSaves(values));
  }

  /** What the variables with an annotation of their own save, with the casts that are for them. */
  private List<Map<String, Object>> locals(FunctionModel function, List<ValuePlan> values) {
    Map<FunctionModel.AnnotatedLocal, Set<String>> names = new LinkedHashMap<>();
    for (ValuePlan value : values) {
      function.asked().entrySet().stream()
          .filter(asked -> asked.getKey().name().equals(value.name()))
          .map(Map.Entry::getValue)
          .forEach(
              local -> {
                Set<String> of = names.computeIfAbsent(local, _ -> new HashSet<>());
                of.add(value.name());
                value.operands().forEach(operand -> of.add(operand.name()));
              });
    }
    Set<String> own =
        function.asked().keySet().stream().map(Value::name).collect(Collectors.toSet());
    List<Map<String, Object>> locals = new ArrayList<>();
    names.forEach(
        (local, of) -> {
          Map<String, Object> members = new LinkedHashMap<>();
          members.put("name", local.name());
          members.put("line", local.position().line());
          members.put("annotated", annotation(local.precision()));
          putSaved(
              members,
              values.stream()
                  .filter(v -> of.contains(v.name()) && (v.cast() || own.contains(v.name())))
                  .toList());
          locals.add(members);
        });
    return locals;
  }

  private static String annotation(Precision precision) {
    return precision == Precision.HALF ? "@Half" : "@Full";
  }

  private String value(ValuePlan value) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", value.name());
    members.put("line", value.position().line());
    members.put("operation", value.operation());
    members.put(
        "operands",
        value.operands().stream()
            .map(operand -> (operand.name() + " " + name(operand.precision())).strip())
            .toList());
    members.put("precision", name(value.precision()));
    members.put("reason", value.reason());
    sizes.shape(value).ifPresent(shape -> members.put("shape", shape));
    members.put("bytes", value.fused().isPresent() ? "0" : sizes.bytes(value));
    value.expression().ifPresent(constant -> members.put("expression", constant));
    value.loop().ifPresent(line -> members.put("eachPassOf", line));
    value.fused().ifPresent(into -> members.put("within", into));
    members.put("saved", value.saved());
    if (value.saved()) {
      members.put(
          "readBy",
          value.readers().stream()
              .map(reader -> (reader.operation() + " " + reader.operand()).strip())
              .distinct()
              .toList());
    }
    if (value.shared()) {
      members.put("shared", true);
    }
    return Json.of(members);
  }

  private static String name(Precision precision) {
    return precision == Precision.ANY ? "" : precision.name().toLowerCase(Locale.ROOT);
  }
}
