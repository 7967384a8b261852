package dev.mezzo.processor.report;

import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.SourceExcerpt;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.ValuePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the page shows of a layer.
 *
 * @param data its plan, source and generated code, as JSON on one line
 */
public record LayerReport(ClassName layer, String data) {

  /** The positions whose places in the source the page needs. */
  public static Set<SourcePosition> positions(LayerPlan plan) {
    Set<SourcePosition> positions = new LinkedHashSet<>();
    plan.functions().forEach(function -> positions.add(function.source().position()));
    plan.values().forEach(value -> positions.add(value.position()));
    return positions;
  }

  /**
   * The report of a layer.
   *
   * @param document its plan
   * @param code what is generated
   */
  public static LayerReport of(LayerPlan plan, String document, String code, SourceExcerpt source) {
    Map<String, Object> rest = new LinkedHashMap<>();
    rest.put("text", source.text());
    rest.put("line", source.line());
    rest.put("spans", spans(plan, source));
    rest.put("methods", methods(plan, source));
    rest.put("code", code);
    String plain = document.replace("\n", "").replace("<", "\\u003c");
    String data = "{\"plan\": " + plain + ", " + Json.of(rest).substring(1);
    return new LayerReport(plan.layer().type(), data);
  }

  /** Where each value is computed: begin, end, function, name. */
  private static List<Object> spans(LayerPlan plan, SourceExcerpt source) {
    List<Object> spans = new ArrayList<>();
    for (ValuePlan value : plan.values()) {
      if (!value.operation().equals("input") && !value.cast()) {
        span(value.position(), source)
            .ifPresent(
                span ->
                    spans.add(List.of(span.begin(), span.end(), value.function(), value.name())));
      }
    }
    return spans;
  }

  private static List<Object> methods(LayerPlan plan, SourceExcerpt source) {
    List<Object> methods = new ArrayList<>();
    plan.functions()
        .forEach(
            planned -> {
              FunctionModel function = planned.source();
              span(function.position(), source)
                  .ifPresent(
                      span -> methods.add(List.of(span.begin(), span.end(), function.name())));
            });
    return methods;
  }

  private static Optional<SourceExcerpt.Span> span(SourcePosition position, SourceExcerpt source) {
    return Optional.ofNullable(source.spans().get(position));
  }
}
