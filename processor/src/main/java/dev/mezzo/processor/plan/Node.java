package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A statement of a function whose casts are explicit: every operand is in the precision that its
 * reader wants.
 */
sealed interface Node {

  SourcePosition position();

  /** The tensor that it makes. */
  default Optional<Value> made() {
    return Optional.empty();
  }

  /** What it reads, in order. */
  List<Operand> operands();

  /** Of each operand, whether the result has a gradient with regard to it. */
  default List<Boolean> differentiable() {
    return Collections.nCopies(operands().size(), false);
  }

  /** Whether the callee has parameters of its own, whose gradients its backward computes. */
  default boolean hasParameters() {
    return false;
  }

  /** The tensors and plain values that it reads itself, those that it passes on among them. */
  default List<Operand> reads() {
    return operands();
  }

  /** What is within it. */
  default List<Body> bodies() {
    return List.of();
  }

  /** A call that makes a tensor; the index of a layer among several is the last operand. */
  record Apply(Value result, Callee callee, List<Operand> operands, SourcePosition position)
      implements Node {
    @Override
    public Optional<Value> made() {
      return Optional.of(result);
    }

    @Override
    public List<Boolean> differentiable() {
      List<Boolean> differentiable = new ArrayList<>();
      int tensor = 0;
      for (int i = 0; i < operands.size(); i++) {
        differentiable.add(
            switch (callee) {
              case Callee.OfOperation(var operation) -> Signatures.differentiable(operation, i);
              case Callee.OfArray _, Callee.OfElement _ -> operands.get(i).tensor();
              case Callee.WithSignature with ->
                  operands.get(i).tensor() && with.signature().differentiable().get(tensor++);
            });
      }
      return differentiable;
    }

    @Override
    public boolean hasParameters() {
      return callee instanceof Callee.WithSignature with && with.signature().parameters();
    }

    /** Whether the callee saves nothing, and runs again in backward. */
    boolean recomputed() {
      return callee instanceof Callee.WithSignature with && with.recomputed();
    }
  }

  /** {@code h16 = cast(h, half)}. */
  record Cast(Value result, Operand operand, Precision from, Precision to, SourcePosition position)
      implements Node {
    @Override
    public Optional<Value> made() {
      return Optional.of(result);
    }

    @Override
    public List<Operand> operands() {
      return List.of(operand);
    }

    @Override
    public List<Boolean> differentiable() {
      return List.of(true);
    }
  }

  /**
   * {@code steps[i] = h}; index and tensor are its operands.
   *
   * @param array which is not among them: only its element is written
   */
  record Write(Value array, Operand.OfPlain index, Operand operand, SourcePosition position)
      implements Node {
    @Override
    public List<Operand> operands() {
      return List.of(index, operand);
    }

    @Override
    public List<Boolean> differentiable() {
      return List.of(false, true);
    }
  }

  /** A plain local variable. */
  record Local(Statement.PlainLocal local) implements Node {
    @Override
    public SourcePosition position() {
      return local.position();
    }

    @Override
    public List<Operand> operands() {
      return List.of(new Operand.OfPlain(local.value()));
    }
  }

  /** A change of a plain local variable. */
  record Assign(Statement.PlainAssign assign) implements Node {
    @Override
    public SourcePosition position() {
      return assign.position();
    }

    @Override
    public List<Operand> operands() {
      return List.of(new Operand.OfPlain(assign.code()));
    }
  }

  /** A plain statement for its effect. */
  record Effect(Statement.Effect effect) implements Node {
    @Override
    public SourcePosition position() {
      return effect.position();
    }

    @Override
    public List<Operand> operands() {
      return List.of(new Operand.OfPlain(effect.code()));
    }
  }

  /** A branch; the condition is its only operand. */
  record If(
      Operand.OfPlain condition,
      Body then,
      Body otherwise,
      List<Join> joins,
      SourcePosition position)
      implements Node {
    @Override
    public List<Operand> operands() {
      return List.of(condition);
    }

    @Override
    public List<Body> bodies() {
      return List.of(then, otherwise);
    }

    @Override
    public List<Operand> reads() {
      return Stream.concat(
              Stream.of(condition),
              joins.stream().flatMap(join -> Stream.of(join.then(), join.otherwise())))
          .toList();
    }
  }

  /** A tensor that comes out of a branch. */
  record Join(Value result, Operand then, Operand otherwise) {}

  /**
   * A loop; what its head reads are its operands.
   *
   * @param stop the plain variable that ends it
   */
  record Loop(
      LoopHead head,
      List<Carried> carried,
      Optional<String> stop,
      Body body,
      SourcePosition position)
      implements Node {
    @Override
    public List<Operand> operands() {
      return switch (head) {
        case LoopHead.Range range ->
            List.of(new Operand.OfPlain(range.from()), new Operand.OfPlain(range.to()));
        case LoopHead.Each each -> List.of(new Operand.OfPlain(each.elements()));
        case LoopHead.While loop -> List.of(new Operand.OfPlain(loop.condition()));
      };
    }

    @Override
    public List<Body> bodies() {
      return List.of(body);
    }

    @Override
    public List<Operand> reads() {
      return Stream.concat(
              operands().stream(), carried.stream().flatMap(c -> Stream.of(c.initial(), c.next())))
          .toList();
    }
  }

  /** A tensor that goes around a loop. */
  record Carried(Value inside, Value after, Operand initial, Operand next) {}

  /** What an {@link Apply} calls. */
  sealed interface Callee {
    /** An operation. */
    record OfOperation(OperationModel operation) implements Callee {}

    /** A new array of its operands. */
    record OfArray() implements Callee {}

    /** An element of an array: that and the index are its operands. */
    record OfElement() implements Callee {}

    /** Something with a forward and a backward of its own. */
    sealed interface WithSignature extends Callee {
      /** What it looks like from here. */
      LayerInterface signature();

      /** Whether it saves nothing, and runs again in backward. */
      boolean recomputed();
    }

    /** A sub-layer's forward. */
    record OfLayer(LayerReference layer, LayerInterface signature, boolean recomputed)
        implements WithSignature {}

    /** A helper. */
    record OfFunction(String function, LayerInterface signature, boolean recomputed)
        implements WithSignature {}
  }

  /** What a call is given. */
  sealed interface Operand {
    /** A tensor of the function. */
    record OfValue(Value value) implements Operand {}

    /** A parameter, through {@code half()} or {@code full()}. */
    record OfParameter(ParameterModel parameter, Precision precision) implements Operand {}

    /** Plain Java. */
    record OfPlain(Argument.Plain plain) implements Operand {}

    /** Whether it is a tensor. */
    default boolean tensor() {
      return !(this instanceof OfPlain);
    }
  }
}
