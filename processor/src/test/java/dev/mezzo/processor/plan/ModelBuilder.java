package dev.mezzo.processor.plan;

import dev.mezzo.annotations.LossScaled.Scaling;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.DeclaredShapes;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.LossScaling;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.model.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Builds layers by hand from text that looks like the user's:
 *
 * <pre>{@code
 * ModelBuilder.half("Mlp").subLayer("hidden", LINEAR).subLayer("out", LINEAR)
 *     .function("forward(x)", "h = hidden(x)", "r = relu(h)", "y = out(r)", "return y")
 * }</pre>
 *
 * A callee is a sub-layer, another function, or an operation; an argument is a value, a parameter,
 * or else plain Java. {@code int n = …} is a plain local variable, {@code int n} a plain formal.
 */
final class ModelBuilder {
  static final LayerInterface LINEAR = interfaceOf(Precision.HALF, true);
  static final LayerInterface DROPOUT = interfaceOf(Precision.HALF, false);
  static final LayerInterface FULL_LAYER = interfaceOf(Precision.FULL, true);

  private static final Pattern CALL = Pattern.compile("(?:(\\w+) = )?(\\w+)\\((.*)\\)");
  private static final Pattern LOCAL = Pattern.compile("(int|float) (\\w+) = (.*)");

  private final ClassName type;
  private final Precision precision;
  private final List<ParameterModel> parameters = new ArrayList<>();
  private final List<SubLayerModel> subLayers = new ArrayList<>();
  private final List<FunctionModel> functions = new ArrayList<>();
  private final List<String> helpers = new ArrayList<>();
  private final Map<ClassName, LayerInterface> interfaces = new LinkedHashMap<>();
  private Optional<LossScaling> lossScaling = Optional.empty();
  private int line = 10;
  private boolean fuses;

  /** Puts element-wise operations together. */
  ModelBuilder fused() {
    fuses = true;
    return this;
  }

  private ModelBuilder(String name, Precision precision) {
    this.type = new ClassName("demo", name);
    this.precision = precision;
  }

  static ModelBuilder half(String name) {
    return new ModelBuilder(name, Precision.HALF);
  }

  static ModelBuilder full(String name) {
    return new ModelBuilder(name, Precision.FULL);
  }

  static ModelBuilder root(String name) {
    ModelBuilder root = half(name);
    root.lossScaling =
        Optional.of(new LossScaling(Scaling.DYNAMIC, 65536f, 2f, 0.5f, 2000, 1f, 16777216f, 1));
    return root;
  }

  static LayerInterface interfaceOf(Precision precision, boolean parameters) {
    return new LayerInterface(List.of(precision), List.of(true), precision, parameters)
        .finishing(parameters);
  }

  ModelBuilder parameter(String name) {
    parameters.add(new ParameterModel(name, name, name, Holder.FIELD, false, true, here()));
    return this;
  }

  ModelBuilder parameterWithoutMaster(String name) {
    parameters.add(new ParameterModel(name, name, name, Holder.FIELD, false, false, here()));
    return this;
  }

  ModelBuilder subLayer(String name, LayerInterface signature) {
    return subLayer(name, signature, false);
  }

  ModelBuilder fullSubLayer(String name, LayerInterface signature) {
    return subLayer(name, signature, true);
  }

  private ModelBuilder subLayer(String name, LayerInterface signature, boolean full) {
    ClassName subType = new ClassName("demo", Names.capitalised(name) + "Layer");
    subLayers.add(
        new SubLayerModel(
            name, name + "()", subType, false, Holder.FIELD, false, full, false, here()));
    interfaces.put(subType, signature);
    return this;
  }

  /** Names a function that comes later, so that those before it may call it. */
  ModelBuilder helper(String name) {
    helpers.add(name);
    return this;
  }

  ModelBuilder function(String head, String... statements) {
    functions.add(new Body(head).parse(statements));
    return this;
  }

  LayerModel model() {
    return new LayerModel(
        type,
        true,
        precision,
        0,
        List.of(),
        parameters,
        List.of(),
        subLayers,
        functions,
        lossScaling,
        DeclaredShapes.none(here()),
        here());
  }

  LayerInterface interfaceOf(ClassName subLayer) {
    LayerInterface signature = interfaces.get(subLayer);
    if (signature == null) {
      throw new IllegalArgumentException(subLayer.toString());
    }
    return signature;
  }

  LayerPlan plan() {
    return LayerPlanner.plan(model(), this::interfaceOf, fuses);
  }

  PrecisionPlan precisions() {
    return PrecisionPlanner.plan(model(), this::interfaceOf);
  }

  private SourcePosition here() {
    return new SourcePosition(type.name() + ".java", line, line);
  }

  /** One function. */
  private final class Body {
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final List<String> locals = new ArrayList<>();
    private final Deque<String> lines = new ArrayDeque<>();
    private int ids;
    private final List<Formal> formals = new ArrayList<>();
    private final String name;

    Body(String head) {
      Matcher matcher = CALL.matcher(head);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(head);
      }
      name = matcher.group(2);
      for (String formal : matcher.group(3).split(", ", -1)) {
        int space = formal.indexOf(' ');
        if (space < 0) {
          formals.add(new Formal.OfTensor(value(formal)));
        } else {
          formals.add(new Formal.OfPlain(formal.substring(0, space), formal.substring(space + 1)));
          locals.add(formal.substring(space + 1));
        }
      }
    }

    FunctionModel parse(String... statements) {
      SourcePosition position = here();
      lines.addAll(List.of(statements));
      Block block = block();
      line++;
      return new FunctionModel(
          name, precision, false, formals, block, Set.of(), Map.of(), position);
    }

    /** Up to the end, or to the line that begins with a brace, which remains. */
    private Block block() {
      List<Statement> parsed = new ArrayList<>();
      while (!lines.isEmpty() && !lines.getFirst().startsWith("}")) {
        line++;
        parsed.add(statement(lines.removeFirst()));
      }
      return new Block(parsed);
    }

    /**
     * A branch, its joins behind the last brace: <code>if flag {</code>, <code>} (y = a : b)</code>
     * .
     */
    private Statement branch(String condition) {
      SourcePosition position = here();
      Argument.Plain flag = plain(condition, "boolean");
      Block then = block();
      Block otherwise = new Block(List.of());
      String end = lines.removeFirst();
      if (end.equals("} else {")) {
        otherwise = block();
        end = lines.removeFirst();
      }
      List<Statement.Join> joins = new ArrayList<>();
      for (String join : parts(end.substring(1))) {
        String[] sides = join.split(" = | : ", -1);
        Argument.OfTensor way = (Argument.OfTensor) argument(sides[1], "");
        Argument.OfTensor other = (Argument.OfTensor) argument(sides[2], "");
        joins.add(new Statement.Join(value(sides[0]), way, other));
      }
      return new Statement.If(flag, then, otherwise, joins, position);
    }

    /** A loop with what it carries, and what it leaves: <code>} (after = next)</code>. */
    private Statement loop(String head) {
      SourcePosition position = here();
      int open = head.indexOf(" (");
      String driver = open < 0 ? head : head.substring(0, open);
      List<Value> inside = new ArrayList<>();
      List<Argument.OfTensor> initial = new ArrayList<>();
      for (String carried : parts(open < 0 ? "" : head.substring(open))) {
        String[] sides = carried.split(" = ", -1);
        initial.add((Argument.OfTensor) argument(sides[1], ""));
        inside.add(value(sides[0]));
      }
      LoopHead drives = head(driver);
      Block body = block();
      List<Statement.Carried> all = new ArrayList<>();
      for (String carried : parts(lines.removeFirst().substring(1))) {
        String[] sides = carried.split(" = ", -1);
        Argument.OfTensor next = (Argument.OfTensor) argument(sides[1], "");
        int at = all.size();
        Value after = new Value(ids++, inside.get(at).name());
        values.put(sides[0], after);
        all.add(new Statement.Carried(inside.get(at), after, initial.get(at), next));
      }
      return new Statement.Loop(drives, all, Optional.empty(), body, position);
    }

    private LoopHead head(String driver) {
      String[] words = driver.split(" ", -1);
      if (words[0].equals("while")) {
        return new LoopHead.While(plain(words[1], "boolean"));
      }
      Argument.Plain from = plain("0", "int");
      Argument.Plain to = plain(words[3], "int");
      locals.add(words[1]);
      return new LoopHead.Range(words[1], from, to, false, false);
    }

    private static List<String> parts(String text) {
      String inner = text.strip();
      return inner.isEmpty()
          ? List.of()
          : List.of(inner.substring(1, inner.length() - 1).split(", ", -1));
    }

    private Statement statement(String text) {
      if (text.startsWith("if ")) {
        return branch(text.substring(3, text.length() - 2));
      }
      if (text.startsWith("for ") || text.startsWith("while ")) {
        return loop(text.substring(0, text.length() - 2));
      }
      if (text.startsWith("return ")) {
        return new Statement.Return((Argument.OfTensor) argument(text.substring(7), ""), here());
      }
      Matcher local = LOCAL.matcher(text);
      if (local.matches()) {
        Argument.Plain value = plain(local.group(3), local.group(1));
        locals.add(local.group(2));
        return new Statement.PlainLocal(local.group(1), local.group(2), value, here());
      }
      Matcher call = CALL.matcher(text);
      if (!call.matches()) {
        throw new IllegalArgumentException(text);
      }
      Call made = call(call.group(2), call.group(3).split(", (?![^{]*})", -1));
      String result = call.group(1) == null ? call.group(2) : call.group(1);
      return new Statement.Apply(value(result), made, here());
    }

    private Call call(String callee, String... arguments) {
      List<Argument> parsed = new ArrayList<>();
      Optional<SubLayerModel> layer =
          subLayers.stream().filter(l -> l.name().equals(callee)).findFirst();
      boolean function = helpers.contains(callee);
      for (int i = 0; i < arguments.length; i++) {
        String type =
            layer.isPresent() || function
                ? "int"
                : Operations.named(callee).operands().get(i).type();
        parsed.add(argument(arguments[i], type));
      }
      return layer.isPresent()
          ? new Call.OfLayer(new LayerReference(layer.get(), Optional.empty()), parsed)
          : function
              ? new Call.OfFunction(callee, parsed)
              : new Call.OfOperation(Operations.named(callee), parsed);
    }

    private Argument argument(String text, String type) {
      Value value = values.get(text);
      if (value != null) {
        return new Argument.OfValue(value, here());
      }
      for (ParameterModel parameter : parameters) {
        if (parameter.name().equals(text)) {
          return new Argument.OfParameter(parameter, here());
        }
      }
      return plain(text, type);
    }

    private Argument.Plain plain(String code, String type) {
      return new Argument.Plain(
          code,
          type,
          values.values().stream().filter(v -> mentions(code, v.name())).toList(),
          locals.stream().filter(l -> mentions(code, l)).toList(),
          mentions(code, "model"),
          true,
          OptionalDouble.empty(),
          Optional.empty(),
          here());
    }

    private static boolean mentions(String code, String name) {
      return Pattern.compile("(?<![\\w.])" + name + "\\b").matcher(code).find();
    }

    private Value value(String name) {
      Value value = new Value(ids++, name);
      values.put(name, value);
      return value;
    }
  }
}
