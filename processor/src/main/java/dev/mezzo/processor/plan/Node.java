package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A statement of a function whose casts are explicit: every operand is in the precision that its
 * reader wants.
 */
sealed interface Node {

  SourcePosition position();

  /** The tensor that it makes. */
  Optional<Value> made();

  /** What it reads, in order. */
  List<Operand> operands();

  /** Of each operand, whether the result has a gradient with regard to it. */
  List<Boolean> differentiable();

  /** Whether the callee has parameters of its own, whose gradients its backward computes. */
  boolean hasParameters();

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

    @Override
    public boolean hasParameters() {
      return false;
    }
  }

  /** A plain local variable. */
  record Local(Statement.PlainLocal local) implements Node {
    @Override
    public SourcePosition position() {
      return local.position();
    }

    @Override
    public Optional<Value> made() {
      return Optional.empty();
    }

    @Override
    public List<Operand> operands() {
      return List.of(new Operand.OfPlain(local.value()));
    }

    @Override
    public List<Boolean> differentiable() {
      return List.of(false);
    }

    @Override
    public boolean hasParameters() {
      return false;
    }
  }

  /** What an {@link Apply} calls. */
  sealed interface Callee {
    /** An operation. */
    record OfOperation(OperationModel operation) implements Callee {}

    /** Something with a forward and a backward of its own. */
    sealed interface WithSignature extends Callee {
      /** What it looks like from here. */
      LayerInterface signature();
    }

    /** A sub-layer's forward. */
    record OfLayer(LayerReference layer, LayerInterface signature) implements WithSignature {}

    /** A helper. */
    record OfFunction(String function, LayerInterface signature) implements WithSignature {}
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
