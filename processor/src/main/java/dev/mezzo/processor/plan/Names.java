package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.HashSet;
import java.util.Set;

/**
 * Gives names to what the plan adds to a function: casts, gradients, the tape. The user's own names
 * are kept, so the new ones avoid them, and the fields of the generated class.
 */
public final class Names {
  private final Set<String> taken = new HashSet<>();
  private final Set<String> users = new HashSet<>();
  private int nextId;

  Names(LayerModel layer, FunctionModel function) {
    taken.add("do"); // the gradient of a value "o"
    taken.add("half");
    taken.add("model");
    layer.parameters().forEach(parameter -> taken.add(parameter.name()));
    layer.subLayers().forEach(subLayer -> taken.add(subLayer.name()));
    for (Formal formal : function.formals()) {
      switch (formal) {
        case Formal.OfTensor(Value value) -> take(value);
        case Formal.OfPlain(var type, String name) -> take(name);
      }
    }
    function.body().all().forEach(this::take);
  }

  private void take(Statement statement) {
    switch (statement) {
      case Statement.Apply apply -> {
        take(apply.result());
        apply.call().arguments().forEach(this::take);
      }
      case Statement.Write write -> take(write.index());
      case Statement.PlainLocal local -> {
        take(local.name());
        take(local.value());
      }
      case Statement.PlainAssign assign -> take(assign.code());
      case Statement.Effect effect -> take(effect.code());
      case Statement.If branch -> {
        take(branch.condition());
        branch.joins().forEach(join -> take(join.result()));
      }
      case Statement.Loop loop -> {
        take(loop.head());
        for (Statement.Carried carried : loop.carried()) {
          take(carried.inside());
          take(carried.after());
        }
      }
      case Statement.Return returned -> {}
    }
  }

  private void take(LoopHead head) {
    switch (head) {
      case LoopHead.Range range -> {
        take(range.index());
        take(range.from());
        take(range.to());
      }
      case LoopHead.Each each -> {
        take(each.element());
        take(each.elements());
      }
      case LoopHead.While loop -> take(loop.condition());
    }
  }

  private void take(String name) {
    taken.add(name);
    users.add(name);
  }

  private void take(Value value) {
    take(value.name());
    nextId = Math.max(nextId, value.id() + 1);
  }

  private void take(Argument argument) {
    if (argument instanceof Argument.Plain plain) {
      plain.locals().forEach(this::take);
    }
  }

  /** A new value; its name is {@code wanted}, with a number after it where that is taken. */
  Value value(String wanted) {
    return new Value(nextId++, name(wanted));
  }

  /** The same for an array. */
  Value array(String wanted) {
    return new Value(nextId++, name(wanted), true);
  }

  /** A value with the name of the user's own local variable. */
  Value alias(String local) {
    return new Value(nextId++, local);
  }

  /** A name that nothing else in the function has. */
  String name(String wanted) {
    String name = wanted;
    for (int number = 2; !taken.add(name); number++) {
      name = wanted + (Character.isDigit(wanted.charAt(wanted.length() - 1)) ? "_" : "") + number;
    }
    return name;
  }

  /** The names of the user's variables. */
  Set<String> users() {
    return Set.copyOf(users);
  }

  /** {@code dx} for {@code x}, {@code dLogits} for {@code logits}. */
  public static String gradientOf(String name) {
    return "d" + (name.length() == 1 ? name : capitalised(name));
  }

  /** {@code wantDx} for {@code dx}. */
  public static String wantOf(String gradient) {
    return "want" + capitalised(gradient);
  }

  static String capitalised(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
