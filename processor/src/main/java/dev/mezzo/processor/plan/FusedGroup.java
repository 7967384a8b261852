package dev.mezzo.processor.plan;

import static java.util.Objects.requireNonNull;

import dev.mezzo.annotations.PrecisionClass;
import dev.mezzo.processor.fuse.Element;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.OperationResult;
import dev.mezzo.processor.model.OperationRules;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Element-wise operations as one: the formula of the last one's result in terms of what comes from
 * outside, and the gradients with regard to that, by the chain rule. A gradient that reads the
 * result takes it as it was stored; what else it needs of the group is computed again.
 *
 * <p>Where the group is computed by the kernel of an operation whose result it reads, that result
 * comes first among its operands.
 */
final class FusedGroup {
  private static final String DY = "dy";
  private static final String Y = "y";

  private final Activity activity;
  private final SortedSet<Integer> members;
  private final Optional<Node.Apply> finished;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Value, Element> elements = new HashMap<>();
  private final Map<String, Node.Operand> operands = new LinkedHashMap<>();
  private final Map<Node.Operand, Element> gradients = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>(Set.of(DY, Y));
  private final String constant;
  private final Set<String> names;
  private final Set<String> gradientNames;
  private final String formula;
  private final Optional<String> gradientFormula;
  private final Node.Apply node;

  private FusedGroup(
      Activity activity,
      Set<String> constants,
      Body body,
      SortedSet<Integer> members,
      Optional<Node.Apply> finished) {
    this.activity = activity;
    this.members = members;
    this.finished = finished;
    members.forEach(i -> nodes.add(body.nodes().get(i)));
    this.constant = constant(root().name(), constants);
    nodes.forEach(this::compose);
    if (!activity.of(root()).never()) {
      differentiate();
    }
    this.names = new LinkedHashSet<>();
    finished.ifPresent(by -> names.add(nameOf(new Node.Operand.OfValue(by.result()))));
    names.addAll(names(List.of(element())));
    this.gradientNames = names(gradients.values());
    this.formula = formula(names(names, false), names(names, true), element().text());
    this.gradientFormula = gradients.isEmpty() ? Optional.empty() : Optional.of(gradientFormula());
    this.node = call();
  }

  /** The operations at these places of a body; the last one makes the result. */
  static FusedGroup of(
      Activity activity, Set<String> constants, Body body, SortedSet<Integer> members) {
    return new FusedGroup(activity, constants, body, members, Optional.empty());
  }

  /** The same, computed by the kernel of an operation whose result it reads. */
  FusedGroup finishing(Set<String> constants, Body body, Node.Apply producer) {
    return new FusedGroup(activity, constants, body, members, Optional.of(producer));
  }

  /** Whether a gradient reads a value that is made outside. */
  boolean gradientReads(Value value) {
    return gradientTensors().stream()
        .map(operands::get)
        .anyMatch(new Node.Operand.OfValue(value)::equals);
  }

  /** The values that are made outside. */
  Set<Value> outside() {
    Set<Value> values = new HashSet<>();
    for (Node.Operand operand : operands.values()) {
      if (operand instanceof Node.Operand.OfValue(Value value)) {
        values.add(value);
      }
    }
    return values;
  }

  Value result() {
    return root();
  }

  SortedSet<Integer> members() {
    return members;
  }

  /** The operations, in order. */
  List<Node> nodes() {
    return nodes;
  }

  /** The length of the longer formula. */
  int longest() {
    return Math.max(formula.length(), gradientFormula.map(String::length).orElse(0));
  }

  /** The group as the call of an operation. */
  Node.Apply node() {
    return node;
  }

  FusedExpression expression() {
    boolean one = nodes.size() == 1;
    return new FusedExpression(
        constant,
        new FusedExpression.Formula(formula, one ? "" : element().marked()),
        gradientFormula.map(
            text -> new FusedExpression.Formula(text, one ? "" : bodies(Element::marked))),
        List.copyOf(nodes),
        finished);
  }

  private Value root() {
    return nodes.getLast().made().orElseThrow();
  }

  private Element element() {
    return requireNonNull(elements.get(root()));
  }

  /** {@code GATED_Y} for a value {@code gatedY}. */
  private static String constant(String value, Set<String> constants) {
    String name = words(value).toUpperCase(Locale.ROOT);
    String unique = name;
    for (int number = 2;
        constants.contains(unique) || constants.contains(FusedExpression.gradientOf(unique));
        number++) {
      unique = name + "_" + number;
    }
    return unique;
  }

  /** {@code gated_Y}: an underscore where a word begins. */
  private static String words(String name) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char before = i == 0 ? '_' : name.charAt(i - 1);
      boolean lower = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9');
      char letter = name.charAt(i);
      words.append(lower && letter >= 'A' && letter <= 'Z' ? "_" : "").append(letter);
    }
    return words.toString();
  }

  // Forward.

  private void compose(Node node) {
    Element element =
        switch (node) {
          case Node.Cast cast -> of(cast.operand());
          case Node.Apply apply ->
              new Element.Marked(
                  operation(apply).rules().fuse().orElseThrow().with(given(apply)),
                  operation(apply).name() + " " + apply.position().line());
          default -> throw new IllegalArgumentException("not element-wise: " + node);
        };
    elements.put(node.made().orElseThrow(), element);
  }

  private static OperationModel operation(Node.Apply apply) {
    if (apply.callee() instanceof Node.Callee.OfOperation(var operation)) {
      return operation;
    }
    throw new IllegalArgumentException("no operation: " + apply);
  }

  /** What the names in an operation's formulas stand for. */
  private Map<String, Element> given(Node.Apply node) {
    Map<String, Element> given = new HashMap<>();
    for (int i = 0; i < node.operands().size(); i++) {
      String name = operation(node).operands().get(i).name();
      given.put(name, of(node.operands().get(i), name));
    }
    return given;
  }

  private Element of(Node.Operand operand) {
    return of(operand, "number");
  }

  private Element of(Node.Operand operand, String number) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) ->
          elements.containsKey(value)
              ? requireNonNull(elements.get(value))
              : named(operand, value.name());
      case Node.Operand.OfParameter(var parameter, var precision) ->
          named(operand, parameter.name());
      case Node.Operand.OfPlain(Argument.Plain plain) ->
          plain.constant().isPresent()
              ? new Element.Literal(literal(plain.constant().getAsDouble()))
              : named(operand, number);
    };
  }

  private static String literal(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e7;
    return whole ? Long.toString((long) value) : Float.toString((float) value);
  }

  private Element named(Node.Operand operand, String wanted) {
    for (Map.Entry<String, Node.Operand> known : operands.entrySet()) {
      if (known.getValue().equals(operand)) {
        return new Element.Name(known.getKey());
      }
    }
    String name = wanted;
    for (int number = 2; !taken.add(name); number++) {
      name = wanted + "_" + number;
    }
    operands.put(name, operand);
    return new Element.Name(name);
  }

  // Backward.

  private void differentiate() {
    Map<Value, Element> inner = new HashMap<>();
    inner.put(root(), new Element.Name(DY));
    for (Node node : nodes.reversed()) {
      Element dy = inner.get(node.made().orElseThrow());
      if (dy == null) {
        continue;
      }
      switch (node) {
        case Node.Cast cast -> add(cast.operand(), dy, inner);
        case Node.Apply apply -> {
          Map<String, Element> given = given(apply);
          given.put(DY, dy);
          given.put(Y, requireNonNull(elements.get(apply.result())));
          for (int i = 0; i < apply.operands().size(); i++) {
            Node.Operand operand = apply.operands().get(i);
            Optional<GradientModel> rule =
                operation(apply).gradient(operation(apply).operands().get(i).name());
            if (rule.isPresent() && !activity.of(operand).never()) {
              Element gradient = rule.get().fuse().orElseThrow().with(given);
              String mark = rule.get().method() + " " + apply.position().line();
              add(operand, new Element.Marked(gradient, mark), inner);
            }
          }
        }
        default -> throw new IllegalArgumentException("not element-wise: " + node);
      }
    }
    boolean named = element() instanceof Element.Name;
    gradients.replaceAll((operand, gradient) -> named ? gradient : gradient.naming(element(), Y));
  }

  private void add(Node.Operand operand, Element gradient, Map<Value, Element> inner) {
    if (operand instanceof Node.Operand.OfValue(Value value) && elements.containsKey(value)) {
      inner.merge(value, gradient, (a, b) -> new Element.Infix(a, '+', b));
    } else {
      gradients.merge(operand, gradient, (a, b) -> new Element.Infix(a, '+', b));
    }
  }

  // Together.

  private boolean isNumber(String name) {
    return operands.get(name) instanceof Node.Operand.OfPlain;
  }

  /** The names in formulas, in order. */
  private static Set<String> names(Collection<Element> formulas) {
    Set<String> names = new LinkedHashSet<>();
    formulas.forEach(formula -> formula.names(names));
    return names;
  }

  /** Those of tensors, or those of numbers. */
  private List<String> names(Set<String> all, boolean numbers) {
    List<String> names = new ArrayList<>();
    for (String name : all) {
      if (isNumber(name) == numbers) {
        names.add(name);
      }
    }
    return names;
  }

  private String gradientFormula() {
    return formula(gradientTensors(), names(gradientNames, true), bodies(Element::text));
  }

  private String bodies(Function<Element, String> text) {
    return gradients.values().stream().map(text).collect(Collectors.joining(", "));
  }

  private List<String> gradientTensors() {
    Set<String> tensors = new LinkedHashSet<>(List.of(DY));
    tensors.addAll(names(gradientNames, false));
    return List.copyOf(tensors);
  }

  private static String formula(List<String> tensors, List<String> numbers, String body) {
    String given = String.join(", ", tensors);
    return "("
        + (numbers.isEmpty() ? given : given + "; " + String.join(", ", numbers))
        + ") -> "
        + body;
  }

  private Node.Apply call() {
    List<OperationModel.Operand> declared = new ArrayList<>();
    List<Node.Operand> given = new ArrayList<>();
    for (boolean numbers : new boolean[] {false, true}) {
      for (String name : names(names, numbers)) {
        declared.add(
            new OperationModel.Operand(name, !numbers, numbers ? "float" : "dev.mezzo.Tensor"));
        given.add(requireNonNull(operands.get(name)));
      }
    }
    OperationModel operation =
        new OperationModel(
            FusedExpression.OWNER,
            constant,
            PrecisionClass.FOLLOW,
            declared,
            new OperationResult.OfTensor(),
            false,
            false,
            false,
            false,
            false,
            gradientModels(),
            OperationRules.none());
    return new Node.Apply(root(), new Node.Callee.OfOperation(operation), given, position());
  }

  private List<GradientModel> gradientModels() {
    List<Read> reads = new ArrayList<>();
    gradientTensors()
        .forEach(
            name ->
                reads.add(
                    switch (name) {
                      case DY -> new Read.OfResultGradient();
                      case Y -> new Read.OfResult(false);
                      default -> new Read.OfOperand(name, false);
                    }));
    names(gradientNames, true).forEach(n -> reads.add(new Read.OfOperand(n, false)));
    List<String> wrt = gradients.keySet().stream().map(this::nameOf).toList();
    wrt.forEach(name -> reads.add(new Read.OfOperand(name, true)));
    boolean flags =
        gradients.keySet().stream().map(operand -> activity.of(operand)).distinct().count() > 1;
    if (flags) {
      wrt.forEach(name -> reads.add(new Read.OfWanted(name)));
    }
    List<GradientModel> models = new ArrayList<>();
    for (int i = 0; i < wrt.size(); i++) {
      models.add(
          new GradientModel(
              FusedExpression.OWNER,
              FusedExpression.gradientOf(constant),
              wrt.get(i),
              wrt.size() == 1 ? -1 : i,
              false,
              false,
              List.copyOf(reads),
              Optional.empty()));
    }
    return models;
  }

  private String nameOf(Node.Operand operand) {
    return operands.entrySet().stream()
        .filter(entry -> entry.getValue().equals(operand))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  /** The last operation's, with the lines of all. */
  private SourcePosition position() {
    SortedSet<Integer> lines = new TreeSet<>();
    nodes.forEach(node -> lines.add(node.position().line()));
    finished.ifPresent(producer -> lines.add(producer.position().line()));
    return nodes.getLast().position().with(lines);
  }
}
