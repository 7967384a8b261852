package dev.mezzo.processor.plan;

import dev.mezzo.annotations.PrecisionClass;
import dev.mezzo.processor.fuse.Element;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.model.OperationResult;
import dev.mezzo.processor.model.OperationRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Operations as the reader would find them on the runtime's; a gradient is written as its
 * parameters are.
 */
final class Operations {
  private static final ClassName OPS = new ClassName("dev.mezzo", "Ops");
  private static final ClassName GRADIENTS = new ClassName("dev.mezzo", "Gradients");

  /** Operations whose gradients' methods add to a sum. */
  private static final Set<String> ADDING = Set.of("matmul", "linear", "tanh");

  /** Of operations that may be computed in one pass with others: theirs and their gradients'. */
  private static final Map<String, String> FORMULAS =
      Map.ofEntries(
          Map.entry("add", "a + b"),
          Map.entry("add a", "dy"),
          Map.entry("add b", "dy"),
          Map.entry("multiply", "a * b"),
          Map.entry("multiply a", "dy * b"),
          Map.entry("multiply b", "dy * a"),
          Map.entry("scale", "x * factor"),
          Map.entry("scale x", "dy * factor"),
          Map.entry("relu", "relu(x)"),
          Map.entry("relu x", "reluGradient(dy, y)"),
          Map.entry("gelu", "gelu(x)"),
          Map.entry("gelu x", "geluGradient(dy, x)"),
          Map.entry("tanh", "tanh(x)"),
          Map.entry("tanh x", "tanhGradient(dy, y)"),
          Map.entry("exp", "exp(x)"),
          Map.entry("exp x", "expGradient(dy, y)"));

  private static final Map<String, OperationModel> ALL = new TreeMap<>();

  static {
    allow("matmul", "a b", "a: dy b a.layout", "b: dy a b.layout");
    allow(
        "linear", "x weight bias", "x: dy weight x.layout", "weight: dy x", "bias: dy bias.layout");
    follow("add", "a b", "a: dy a.layout", "b: dy b.layout");
    follow("multiply", "a b", "a: dy b a.layout", "b: dy a b.layout");
    follow("scale", "x factor:float", "x: dy factor");
    follow("blend", "a b factor:float", "a: dy b factor", "b: dy a factor");
    follow("relu", "x", "x: dy y");
    follow("gelu", "x", "x: dy x");
    follow("tanh", "x", "x: dy y");
    follow("argmax", "x");
    deny("exp", "x", "x: dy y x.layout");
    deny("logSoftmax", "x", "x: dy y x.layout");
    deny("mean", "x", "x: dy x.layout");
    deny("crossEntropy", "logits labels", "logits: dy logits labels");
    deny("meanSquaredError", "x target", "x: dy x target", "target: dy x target");
    put("reshape", PrecisionClass.FOLLOW, true, false, "x dims:int[]", "x: dy x.layout");
    put("transpose", PrecisionClass.FOLLOW, true, false, "x", "x: dy");
    put("dropout", PrecisionClass.FOLLOW, false, true, "x rate:float", "x: tape dy rate");
  }

  private Operations() {}

  static OperationModel named(String name) {
    OperationModel operation = ALL.get(name);
    if (operation == null) {
      throw new IllegalArgumentException("no operation '" + name + "'");
    }
    return operation;
  }

  private static void allow(String name, String operands, String... gradients) {
    put(name, PrecisionClass.ALLOW, false, false, operands, gradients);
  }

  private static void follow(String name, String operands, String... gradients) {
    put(name, PrecisionClass.FOLLOW, false, false, operands, gradients);
  }

  private static void deny(String name, String operands, String... gradients) {
    put(name, PrecisionClass.DENY, false, false, operands, gradients);
  }

  private static void put(
      String name,
      PrecisionClass precision,
      boolean view,
      boolean taped,
      String operands,
      String... gradients) {
    List<Operand> parsed = new ArrayList<>();
    for (String operand : operands.split(" ", -1)) {
      int colon = operand.indexOf(':');
      parsed.add(
          colon < 0
              ? new Operand(operand, true, "dev.mezzo.Tensor")
              : new Operand(operand.substring(0, colon), false, operand.substring(colon + 1)));
    }
    List<GradientModel> rules = new ArrayList<>();
    for (String gradient : gradients) {
      rules.add(gradient(name, gradients.length == 1, gradient));
    }
    ALL.put(
        name,
        new OperationModel(
            OPS,
            name,
            precision,
            parsed,
            new OperationResult.OfTensor(),
            view,
            view,
            false,
            taped,
            precision == PrecisionClass.ALLOW,
            rules,
            new OperationRules(Optional.empty(), Optional.empty(), formula(name), List.of())));
  }

  private static Optional<Element> formula(String of) {
    Set<String> names = Set.of("dy", "y", "a", "b", "x", "factor");
    return Optional.ofNullable(FORMULAS.get(of)).map(text -> Element.parse(text, names));
  }

  private static GradientModel gradient(String operation, boolean only, String rule) {
    String operand = rule.substring(0, rule.indexOf(':'));
    List<Read> reads = new ArrayList<>();
    boolean taped = false;
    for (String read : rule.substring(rule.indexOf(':') + 2).split(" ", -1)) {
      boolean layout = read.endsWith(".layout");
      String name = layout ? read.substring(0, read.indexOf('.')) : read;
      switch (name) {
        case "tape" -> taped = true;
        case "dy" -> reads.add(new Read.OfResultGradient());
        case "y" -> reads.add(new Read.OfResult(layout));
        default -> reads.add(new Read.OfOperand(name, layout));
      }
    }
    String suffix = only ? "" : Names.capitalised(operand);
    boolean adds = ADDING.contains(operation);
    return new GradientModel(
        GRADIENTS,
        operation + "Gradient" + suffix,
        operand,
        -1,
        taped,
        adds,
        reads,
        formula(operation + " " + operand));
  }
}
