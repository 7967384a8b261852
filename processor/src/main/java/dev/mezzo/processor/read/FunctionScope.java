package dev.mezzo.processor.read;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.Element;
import org.jspecify.annotations.Nullable;

/** What a function has named and computed so far. */
final class FunctionScope {
  private final String function;
  private final Names names;
  private final Map<Element, Binding> bindings = new LinkedHashMap<>();
  private List<Statement> statements = new ArrayList<>();
  private Optional<Returned> returned = Optional.empty();
  private int values;

  FunctionScope(String function, Names names) {
    this.function = function;
    this.names = names;
  }

  /** The user's name of the method, for messages. */
  String function() {
    return function;
  }

  Names names() {
    return names;
  }

  /** The statements so far, of the innermost block. */
  List<Statement> statements() {
    return statements;
  }

  /** The statements that the reader adds, as a block of their own. */
  Block block(Runnable reader) {
    List<Statement> outer = statements;
    statements = new ArrayList<>();
    reader.run();
    Block block = new Block(List.copyOf(statements));
    statements = outer;
    return block;
  }

  /** What the function returns, so far as it is read. */
  Optional<Returned> returned() {
    return returned;
  }

  void returns(Optional<Returned> result) {
    returned = result;
  }

  /** What all names stand for now. */
  Map<Element, Binding> bindings() {
    return new LinkedHashMap<>(bindings);
  }

  /** Names stand again for what they did. */
  void restore(Map<Element, Binding> before) {
    bindings.clear();
    bindings.putAll(before);
  }

  void add(Statement statement) {
    statements.add(statement);
  }

  Value newValue(String name) {
    return new Value(values++, name);
  }

  Value newArray(String name) {
    return new Value(values++, name, true);
  }

  void bind(Element local, Binding binding) {
    bindings.put(local, binding);
  }

  /** What a local variable or parameter stands for; null if the element is neither. */
  @Nullable Binding binding(Element element) {
    return bindings.get(element);
  }

  /**
   * A result, and where it is returned.
   *
   * @param parts of a record its components, else the tensor
   */
  record Returned(List<Argument.OfTensor> parts, boolean record, SourcePosition position) {}

  /** What a local name stands for. */
  sealed interface Binding {

    /** The tensor that a name stands for, if it does. */
    static Optional<Argument.OfTensor> tensor(Binding binding, SourcePosition position) {
      return switch (binding) {
        case OfValue value -> Optional.of(value.at(position));
        case OfParameter parameter -> Optional.of(parameter.at(position));
        case OfPlain _, OfLayer _, OfEntry _, OfArray _, OfRecord _, Unassigned _, Broken _ ->
            Optional.empty();
      };
    }

    /** The same tensor under this name. */
    static Binding of(Argument.OfTensor tensor) {
      return switch (tensor) {
        case Argument.OfValue(Value value, var _) -> new OfValue(value);
        case Argument.OfParameter(ParameterModel parameter, var _) -> new OfParameter(parameter);
      };
    }
  }

  record OfValue(Value value) implements Binding {
    Argument.OfTensor at(SourcePosition position) {
      return new Argument.OfValue(value, position);
    }
  }

  record OfParameter(ParameterModel parameter) implements Binding {
    Argument.OfTensor at(SourcePosition position) {
      return new Argument.OfParameter(parameter, position);
    }
  }

  record OfPlain(String name) implements Binding {}

  /**
   * An array or list of tensors.
   *
   * @param own whether the function has made it, and may write into it
   */
  record OfArray(Value value, boolean own) implements Binding {}

  /** A record of tensors: its components by name. */
  record OfRecord(List<String> names, List<Argument.OfTensor> parts) implements Binding {}

  /** A local variable for a tensor that has not got one. */
  record Unassigned() implements Binding {}

  /**
   * A sub-layer, or a field of several; also of parameters.
   *
   * @param element the index or key of one of several
   */
  record OfLayer(LayerField field, Optional<Argument.Plain> element) implements Binding {}

  /**
   * An entry of a map of layers or parameters.
   *
   * @param key the local variable that has its key
   */
  record OfEntry(LayerField field, Argument.Plain key) implements Binding {}

  /** Its declaration could not be read; reported there. */
  record Broken() implements Binding {}
}
