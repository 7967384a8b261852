package dev.mezzo.processor.read.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Types;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among methods of one name by the types of the arguments, in the three phases of the
 * language: by subtyping, then with boxing, then with a variable number of arguments. Type
 * parameters count as their bounds.
 */
final class Overloads {
  private final Types types;

  Overloads(Types types) {
    this.types = types;
  }

  private enum Phase {
    SUBTYPING,
    BOXING,
    VARIABLE_ARITY
  }

  /**
   * The method that is called.
   *
   * @param arguments their types; null for one that fits whatever is wanted
   */
  Optional<ExecutableElement> choose(
      List<ExecutableElement> candidates, List<@Nullable TypeMirror> arguments) {
    for (Phase phase : Phase.values()) {
      List<ExecutableElement> applicable =
          candidates.stream().filter(method -> isApplicable(method, arguments, phase)).toList();
      if (!applicable.isEmpty()) {
        return Optional.of(mostSpecific(applicable, arguments.size(), phase));
      }
    }
    return Optional.empty();
  }

  private boolean isApplicable(
      ExecutableElement method, List<@Nullable TypeMirror> arguments, Phase phase) {
    int parameters = method.getParameters().size();
    boolean variable = phase == Phase.VARIABLE_ARITY;
    if (variable
        ? !method.isVarArgs() || arguments.size() < parameters - 1
        : arguments.size() != parameters) {
      return false;
    }
    List<TypeMirror> formals = formals(method, arguments.size(), variable);
    for (int i = 0; i < formals.size(); i++) {
      TypeMirror argument = arguments.get(i);
      if (argument != null && !fits(argument, formals.get(i), phase)) {
        return false;
      }
    }
    return true;
  }

  private boolean fits(TypeMirror argument, TypeMirror formal, Phase phase) {
    return phase == Phase.SUBTYPING
        ? types.isSubtype(types.erasure(argument), formal)
        : types.isAssignable(types.erasure(argument), formal);
  }

  private ExecutableElement mostSpecific(
      List<ExecutableElement> applicable, int arguments, Phase phase) {
    return applicable.stream()
        .filter(
            method ->
                applicable.stream()
                    .allMatch(other -> isAsSpecific(method, other, arguments, phase)))
        .findFirst()
        .orElse(applicable.getFirst());
  }

  private boolean isAsSpecific(
      ExecutableElement method, ExecutableElement other, int arguments, Phase phase) {
    boolean variable = phase == Phase.VARIABLE_ARITY;
    List<TypeMirror> own = formals(method, arguments, variable);
    List<TypeMirror> others = formals(other, arguments, variable);
    for (int i = 0; i < arguments; i++) {
      if (!types.isSubtype(own.get(i), others.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The erased parameter types, the last one of a variable-arity method as often as needed. */
  private List<TypeMirror> formals(ExecutableElement method, int count, boolean variable) {
    List<TypeMirror> formals = new ArrayList<>();
    int fixed = method.getParameters().size() - (variable ? 1 : 0);
    for (int i = 0; i < count; i++) {
      TypeMirror type = method.getParameters().get(Math.min(i, fixed)).asType();
      formals.add(types.erasure(i < fixed ? type : ((ArrayType) type).getComponentType()));
    }
    return formals;
  }
}
