package dev.mezzo.processor.report;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.ValuePlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Bytes of values as formulas: of the names in their shapes where these are known, {@code
 * 2048·batch}; else of the number of their elements, {@code 2·|h|}.
 */
final class Sizes {
  private final Map<String, Map<String, ShapeTerm>> shapes = new HashMap<>();

  Sizes(LayerPlan plan, Map<String, Map<Value, ShapeTerm>> known) {
    known.forEach(
        (function, values) ->
            values.forEach((value, shape) -> of(function).put(value.name(), shape)));
    for (ValuePlan value : plan.values()) {
      if (value.cast() && !value.operands().isEmpty()) {
        ShapeTerm operand = of(value.function()).get(value.operands().getFirst().name());
        if (operand != null) {
          of(value.function()).putIfAbsent(value.name(), operand);
        }
      }
    }
  }

  private Map<String, ShapeTerm> of(String function) {
    return shapes.computeIfAbsent(function, _ -> new HashMap<>());
  }

  /** As in {@code (batch, 1024)}; empty where nothing is known. */
  Optional<String> shape(ValuePlan value) {
    return Optional.ofNullable(of(value.function()).get(value.name()))
        .filter(shape -> shape.ranked() || shape.dims().stream().anyMatch(Sizes::isKnown))
        .map(Sizes::text);
  }

  private static String text(ShapeTerm shape) {
    List<String> dims = new ArrayList<>();
    shape.row().ifPresent(row -> dims.add("..."));
    shape.dims().forEach(dim -> dims.add(isKnown(dim) ? dim.toString() : "?"));
    return "(" + String.join(", ", dims) + ")";
  }

  private static boolean isKnown(Dim dim) {
    return dim.atoms()
        .allMatch(
            atom ->
                switch (atom) {
                  case Atom.Symbol(String name, boolean _) -> !name.startsWith("?");
                  case Atom.Quotient _ -> true;
                  default -> false;
                });
  }

  /** {@code 2048·batch}, {@code 4·|h|}. */
  String bytes(ValuePlan value) {
    return bytes(value, false).map(Sizes::text).orElseGet(() -> elements(value, false));
  }

  private static String text(Dim bytes) {
    return bytes.toString().replace('*', '\u00b7');
  }

  private Optional<Dim> bytes(ValuePlan value, boolean inFp32) {
    int each =
        switch (value.precision()) {
          case HALF -> inFp32 ? 4 : 2;
          case FULL -> 4;
          case ANY -> 0;
        };
    return Optional.ofNullable(of(value.function()).get(value.name()))
        .flatMap(ShapeTerm::size)
        .filter(size -> each > 0 && isKnown(size))
        .map(Dim.of(each)::times);
  }

  private static String elements(ValuePlan value, boolean inFp32) {
    return switch (value.precision()) {
      case HALF -> (inFp32 ? "4" : "2") + "\u00b7|" + value.name() + "|";
      case FULL -> "4\u00b7|" + value.name() + "|";
      case ANY -> "bytes(" + value.name() + ")";
    };
  }

  /**
   * What stays for backward, as in {@code 2048·batch + 2·|x|}; what stays of each pass of a loop
   * apart, {@code passes(20)·(2·|h|)}, with the loop's line.
   *
   * @param inFp32 what it would be without half
   */
  String saved(List<ValuePlan> values, boolean inFp32) {
    Map<Optional<Integer>, List<ValuePlan>> byLoop = new LinkedHashMap<>();
    byLoop.put(Optional.empty(), new ArrayList<>());
    values.stream()
        .filter(value -> value.saved() && !value.shared())
        .forEach(v -> byLoop.computeIfAbsent(v.loop(), _ -> new ArrayList<>()).add(v));
    List<String> sums = new ArrayList<>();
    byLoop.forEach(
        (loop, saved) -> {
          String sum = sum(saved, inFp32);
          if (!sum.isEmpty()) {
            sums.add(loop.map(line -> "passes(" + line + ")\u00b7(" + sum + ")").orElse(sum));
          }
        });
    return sums.isEmpty() ? "0" : String.join(" + ", sums);
  }

  /** What it is less than in FP32: as much as what stays in half. */
  String halfSaves(List<ValuePlan> values) {
    return saved(values.stream().filter(v -> v.precision() == Precision.HALF).toList(), false);
  }

  private String sum(List<ValuePlan> values, boolean inFp32) {
    Dim known = Dim.of(0);
    List<String> terms = new ArrayList<>();
    for (ValuePlan value : values) {
      Optional<Dim> bytes = bytes(value, inFp32);
      if (bytes.isPresent()) {
        known = known.plus(bytes.get());
      } else {
        terms.add(elements(value, inFp32));
      }
    }
    if (!known.is(0)) {
      terms.addFirst(text(known));
    }
    return String.join(" + ", terms);
  }
}
