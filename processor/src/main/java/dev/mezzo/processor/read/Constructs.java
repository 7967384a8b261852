package dev.mezzo.processor.read;

import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.Tree;

/** How messages call what the language does not have, and what to write instead. */
enum Constructs {
  LOOP_OVER(
      "a loop over this collection of layers or parameters",
      "not understood",
      "go through the field that holds them, or through it by index; for rows of rows write a layer"
          + " that holds a row"),
  ENTRY("an entry of a map as a whole", "not understood", "take its key or value where it is used"),
  TENSOR_CONDITION(
      "a loop's condition that computes a tensor",
      "not understood",
      "compute it in the loop and break"),
  LABEL("a label in front of what is no loop", "not understood", "write a method, and return"),
  UNASSIGNED(
      "a variable that some ways out leave without a tensor",
      "not understood",
      "declare it with one"),
  PATTERN(
      "a pattern of a record's components",
      "not understood",
      "give the record a name, case Scaled s, and ask it for its components"),
  PATTERN_OF(
      "this pattern",
      "not understood",
      "give what it tests a name before, and test that for its type: mode instanceof Scaled s"),
  FALL_THROUGH(
      "a case that falls through into the next",
      "not understood",
      "end it with break, or give one case both labels"),
  SWITCH_EXIT(
      "a yield in the middle of a case", "not understood", "let it be the case's last statement"),
  PLAIN_SWITCH(
      "a switch for a plain value with statements in its cases",
      "not understood",
      "give each case an expression, or assign to a variable in a switch statement"),
  TRAINING(
      "a method that asks training()",
      "always answered with false",
      "ask in the method on tensors, and pass the answer"),
  REASSIGNMENT(
      "this assignment", "not understood", "assign to local variables, in statements of their own"),
  LAYER(
      "this expression of a layer",
      "not understood",
      "name a field's layer, or choose between results: deep ? a.forward(x) : b.forward(x)"),
  FIELD_CHANGED(
      "a change of a field",
      "not understood",
      "keep numbers in a State, return tensors, or count where the training step is called"),
  SEVERAL_GIVEN(
      "a parameter for several tensors",
      "not understood",
      "take one tensor, stacked or joined, or a record of tensors"),
  TENSORS(
      "this array or collection of tensors",
      "not understood",
      "declare a local variable with new Tensor[n], new ArrayList<>(), or an operation's result"),
  PARAMETERS(
      "an array or collection of parameters as a whole",
      "not understood",
      "take one of them by index or key, or go through it with for"),
  FUNCTION(
      "a function of tensors in a field",
      "not understood",
      "hold a layer, of an annotated interface if it may be any, or switch on a constant"),
  RECORD(
      "this record of tensors",
      "not understood",
      "make it with new, or take it from a parameter, a variable or a call"),
  LIST_METHOD(
      "this change of a list of tensors", "not understood", "use add and set, or another list"),
  LIBRARY_CALL(
      "a call of Java's library on tensors",
      "not understood",
      "use operations, and for arrays and lists of tensors loops with get and set"),
  WRITTEN_RESULT(
      "a change of an operation's result",
      "not understood",
      "make an array of your own, and write there"),
  REASSIGNED_ARRAY(
      "another array for the same variable", "not understood", "declare another variable"),
  TYPE_VARIABLE(
      "a call that is given what has the type of a type parameter",
      "not understood",
      "write it in a method of the class that is given nothing, and call that"),
  NULL(
      "null in place of a tensor",
      "not understood",
      "declare the variable without a value, begin with the first tensor, or write a layer for each"
          + " case"),
  LAMBDA(
      "a lambda or method reference",
      "not understood",
      "write a loop, or a helper method and call it"),
  TRY("a try statement", "not understood", "handle exceptions where the training step is called"),
  LOCAL_CLASS("a local class", "not understood", "declare it outside of the method"),
  NOTHING_RETURNED("a way that returns nothing", "not understood", "return a tensor"),
  NO_RESULT(
      "a tensor that nobody reads",
      "not understood",
      "give it a name and use it, or remove the call"),
  PLAIN_STATEMENT("this statement", "not understood", "remove it, or do it before the call"),
  TENSOR_EXPRESSION(
      "this expression of a tensor",
      "not understood",
      "use local variables, operations, and the forward methods of sub-layers"),
  PLAIN_EXPRESSION(
      "this expression", "not understood", "compute it in a method of the class and call that");

  private final String subject;
  private final String found;
  private final String cure;

  Constructs(String subject, String found, String cure) {
    this.subject = subject;
    this.found = found;
    this.cure = cure;
  }

  String subject() {
    return subject;
  }

  String found() {
    return found;
  }

  String cure() {
    return cure;
  }

  /** The construct that a statement is. */
  static Constructs ofStatement(Tree tree) {
    return switch (tree.getKind()) {
      case TRY, SYNCHRONIZED -> TRY;
      case CLASS, RECORD, ENUM, INTERFACE -> LOCAL_CLASS;
      default -> PLAIN_STATEMENT;
    };
  }

  /** The construct that an expression is, where a tensor or a plain value is wanted. */
  static Constructs ofExpression(Tree tree, boolean tensor) {
    return switch (tree.getKind()) {
      case LAMBDA_EXPRESSION, MEMBER_REFERENCE -> LAMBDA;
      case NULL_LITERAL -> NULL;
      case ARRAY_ACCESS -> tensor ? TENSORS : PLAIN_EXPRESSION;
      case ASSIGNMENT, PREFIX_INCREMENT, PREFIX_DECREMENT, POSTFIX_INCREMENT, POSTFIX_DECREMENT ->
          REASSIGNMENT;
      default ->
          tree instanceof CompoundAssignmentTree
              ? REASSIGNMENT
              : tensor ? TENSOR_EXPRESSION : PLAIN_EXPRESSION;
    };
  }
}
