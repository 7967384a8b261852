package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts the casts in: one for a value and a precision, right before the first reader that wants it
 * (before the loop that this is in, if the value comes from outside), shared by all that it
 * reaches. A parameter is read in the precision that is wanted and never cast, except one that
 * lives in 16 bits only and is read in full.
 */
final class CastPlanner {
  private final LayerModel layer;
  private final FunctionModel function;
  private final PrecisionPlan.OfFunction plan;
  private final Signatures signatures;
  private final Names names;
  private final Map<Value, Precision> precisions = new HashMap<>();
  private final Map<Value, Frame> homes = new HashMap<>();
  private final Frame root = new Frame(0, null, false);
  private Frame frame = root;
  private int bodies = 1;
  private Node.@Nullable Operand result;
  private SourcePosition resultPosition;

  private CastPlanner(
      LayerModel layer,
      FunctionModel function,
      PrecisionPlan.OfFunction plan,
      Signatures signatures,
      Names names) {
    this.layer = layer;
    this.function = function;
    this.plan = plan;
    this.signatures = signatures;
    this.names = names;
    this.resultPosition = function.position();
  }

  /** A body in the making, with the casts that may be used in it. */
  private static final class Frame {
    private final int id;
    private final @Nullable Frame outer;
    private final boolean loop;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Node.Operand, Map<Precision, Node.Operand>> casts = new HashMap<>();

    Frame(int id, @Nullable Frame outer, boolean loop) {
      this.id = id;
      this.outer = outer;
      this.loop = loop;
    }

    @Nullable Frame outer() {
      return outer;
    }
  }

  static TypedFunction plan(
      LayerModel layer,
      FunctionModel function,
      PrecisionPlan.OfFunction plan,
      Signatures signatures,
      Names names) {
    return new CastPlanner(layer, function, plan, signatures, names).plan();
  }

  private TypedFunction plan() {
    precisions.putAll(plan.values());
    function.inputs().forEach(input -> homes.put(input, frame));
    function.body().statements().forEach(this::statement);
    Body body = new Body(root.id, root.nodes);
    Node.Operand output = result;
    if (output == null) {
      throw new IllegalArgumentException("function '" + function.name() + "' returns nothing");
    }
    return new TypedFunction(
        function, body, output, resultPosition, precisions, plan.output(), List.of());
  }

  private void statement(Statement statement) {
    switch (statement) {
      case Statement.Apply apply -> {
        List<Node.Operand> operands = operands(apply);
        add(new Node.Apply(apply.result(), callee(apply), operands, apply.position()));
      }
      case Statement.Write write -> {
        Node.Operand value = operand(write.value(), plan.argument(write, 0), write.position());
        var index = new Node.Operand.OfPlain(write.index());
        add(new Node.Write(write.array(), index, value, write.position()));
      }
      case Statement.PlainLocal local -> add(new Node.Local(local));
      case Statement.PlainAssign assign -> add(new Node.Assign(assign));
      case Statement.Effect effect -> add(new Node.Effect(effect));
      case Statement.If branch -> branch(branch);
      case Statement.Loop loop -> loop(loop);
      case Statement.Return returned -> {
        result = operand(returned.result(), plan.argument(returned, 0), returned.position());
        resultPosition = returned.position();
      }
    }
  }

  private void add(Node node) {
    frame.nodes.add(node);
    node.made().ifPresent(value -> homes.put(value, frame));
  }

  private void branch(Statement.If branch) {
    List<Node.Operand> then = new ArrayList<>();
    List<Node.Operand> otherwise = new ArrayList<>();
    SourcePosition position = branch.position();
    Body ofThen =
        within(
            false,
            branch.then(),
            () -> {
              for (Statement.Join join : branch.joins()) {
                then.add(operand(join.then(), plan.of(join.result()), position));
              }
            },
            List.of());
    Body ofOtherwise =
        within(
            false,
            branch.otherwise(),
            () -> {
              for (Statement.Join join : branch.joins()) {
                otherwise.add(operand(join.otherwise(), plan.of(join.result()), position));
              }
            },
            List.of());
    List<Node.Join> joins = new ArrayList<>();
    for (int i = 0; i < branch.joins().size(); i++) {
      Value result = branch.joins().get(i).result();
      homes.put(result, frame);
      joins.add(new Node.Join(result, then.get(i), otherwise.get(i)));
    }
    var condition = new Node.Operand.OfPlain(branch.condition());
    add(new Node.If(condition, ofThen, ofOtherwise, joins, position));
  }

  private void loop(Statement.Loop loop) {
    List<Node.Operand> initial = new ArrayList<>();
    List<Node.Operand> next = new ArrayList<>();
    for (Statement.Carried carried : loop.carried()) {
      initial.add(operand(carried.initial(), plan.of(carried.inside()), loop.position()));
    }
    Body body =
        within(
            true,
            loop.body(),
            () -> {
              for (Statement.Carried carried : loop.carried()) {
                next.add(operand(carried.next(), plan.of(carried.inside()), loop.position()));
              }
            },
            loop.carried().stream().map(Statement.Carried::inside).toList());
    List<Node.Carried> all = new ArrayList<>();
    for (int i = 0; i < loop.carried().size(); i++) {
      Statement.Carried carried = loop.carried().get(i);
      homes.put(carried.after(), frame);
      all.add(new Node.Carried(carried.inside(), carried.after(), initial.get(i), next.get(i)));
    }
    add(new Node.Loop(loop.head(), all, loop.stop(), body, loop.position()));
  }

  private Body within(boolean loop, Block block, Runnable end, List<Value> defined) {
    Frame outer = frame;
    frame = new Frame(bodies++, outer, loop);
    defined.forEach(value -> homes.put(value, frame));
    block.statements().forEach(this::statement);
    end.run();
    Body body = new Body(frame.id, frame.nodes);
    frame = outer;
    return body;
  }

  private List<Node.Operand> operands(Statement.Apply apply) {
    List<Node.Operand> operands = new ArrayList<>();
    List<Argument> arguments = apply.call().arguments();
    for (int i = 0; i < arguments.size(); i++) {
      operands.add(operand(arguments.get(i), plan.argument(apply, i), apply.position()));
    }
    if (apply.call() instanceof Call.OfLayer(LayerReference layer, var given)) {
      layer.element().map(Node.Operand.OfPlain::new).ifPresent(operands::add);
    }
    return operands;
  }

  private Node.Operand operand(Argument argument, Precision wanted, SourcePosition reader) {
    return switch (argument) {
      case Argument.Plain plain -> new Node.Operand.OfPlain(plain);
      case Argument.OfValue(Value value, var position) ->
          cast(new Node.Operand.OfValue(value), value.name(), plan.of(value), wanted, reader);
      case Argument.OfParameter(ParameterModel parameter, var position) ->
          parameter(parameter, wanted, reader);
    };
  }

  /** As it comes means full: the master is there, and nothing is more precise. */
  private Node.Operand parameter(
      ParameterModel parameter, Precision wanted, SourcePosition reader) {
    if (layer.precision() == Precision.HALF && !parameter.master()) {
      var half = new Node.Operand.OfParameter(parameter, Precision.HALF);
      return cast(half, parameter.name(), Precision.HALF, wanted, reader);
    }
    return new Node.Operand.OfParameter(
        parameter, wanted == Precision.ANY ? Precision.FULL : wanted);
  }

  private Node.Operand cast(
      Node.Operand operand, String name, Precision from, Precision to, SourcePosition reader) {
    if (to == Precision.ANY || from == Precision.ANY || from == to) {
      return operand;
    }
    Node.Operand known = known(operand, to);
    return known == null ? addCast(operand, name, from, to, reader) : known;
  }

  private Node.@Nullable Operand known(Node.Operand operand, Precision to) {
    for (Frame at = frame; at != null; at = at.outer()) {
      Node.Operand cast = at.casts.getOrDefault(operand, Map.of()).get(to);
      if (cast != null) {
        return cast;
      }
    }
    return null;
  }

  private Node.Operand addCast(
      Node.Operand operand, String name, Precision from, Precision to, SourcePosition reader) {
    boolean endsInDigit = Character.isDigit(name.charAt(name.length() - 1));
    String suffix = to == Precision.FULL ? "Full" : endsInDigit ? "Half" : "16";
    Value cast = names.value(name + suffix);
    precisions.put(cast, to);
    Frame place = place(operand);
    place.nodes.add(new Node.Cast(cast, operand, from, to, reader));
    homes.put(cast, place);
    var result = new Node.Operand.OfValue(cast);
    place.casts.computeIfAbsent(operand, o -> new HashMap<>()).put(to, result);
    return result;
  }

  /** Here, or before the outermost loop that does not change the operand. */
  private Frame place(Node.Operand operand) {
    Frame home =
        operand instanceof Node.Operand.OfValue(Value value)
            ? homes.getOrDefault(value, root)
            : root;
    Frame place = frame;
    for (Frame at = frame; at != null && at != home; at = at.outer()) {
      Frame outer = at.outer();
      if (at.loop && outer != null) {
        place = outer;
      }
    }
    return place;
  }

  private Node.Callee callee(Statement.Apply apply) {
    boolean again = function.again().contains(apply.result());
    return switch (apply.call()) {
      case Call.OfOperation(var operation, var arguments) -> new Node.Callee.OfOperation(operation);
      case Call.OfArray _ -> new Node.Callee.OfArray();
      case Call.OfElement _ -> new Node.Callee.OfElement();
      case Call.OfLayer(var subLayer, var arguments) ->
          new Node.Callee.OfLayer(
              subLayer, signatures.of(subLayer.field()), subLayer.field().recomputed() || again);
      case Call.OfFunction(var name, var arguments) ->
          new Node.Callee.OfFunction(
              name, signatures.ofHelper(name), signatures.function(name).recomputed() || again);
    };
  }
}
