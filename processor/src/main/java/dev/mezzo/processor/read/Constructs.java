package dev.mezzo.processor.read;

import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.Tree;

/** How messages call what the language does not have, and what to write instead. */
enum Constructs {
  LOOP(
      "a loop",
      "not yet understood",
      "write its passes one after another, in helper methods if they are many"),
  BRANCH(
      "a branch",
      "not yet understood",
      "write a layer for each case and choose between them outside, where the model is built"),
  SWITCH(
      "a switch",
      "not yet understood",
      "write a layer for each case and choose between them outside, where the model is built"),
  CONDITIONAL_TENSOR(
      "a choice between tensors",
      "not yet understood",
      "write a layer for each case and choose between them outside, where the model is built"),
  REASSIGNMENT("an assignment", "not yet understood", "give each result a new local variable"),
  UNINITIALIZED("a local variable without value", "not understood", "declare it where it gets one"),
  TENSORS(
      "an array or collection of tensors", "not yet understood", "give each tensor its own name"),
  NULL("null in place of a tensor", "not understood", "write a layer for each case"),
  LAMBDA("a lambda or method reference", "not understood", "write a helper method and call it"),
  TRY("a try statement", "not understood", "handle exceptions where the training step is called"),
  THROW("a throw statement", "not understood", "check in the constructor, or before the call"),
  ASSERT("an assertion", "not understood", "check in the constructor, or before the call"),
  LOCAL_CLASS("a local class", "not understood", "declare it outside of the method"),
  NO_RESULT("a call without result", "not understood", "remove it, or do it before the call"),
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
      case FOR_LOOP, ENHANCED_FOR_LOOP, WHILE_LOOP, DO_WHILE_LOOP, LABELED_STATEMENT -> LOOP;
      case IF -> BRANCH;
      case SWITCH -> SWITCH;
      case TRY, SYNCHRONIZED -> TRY;
      case THROW -> THROW;
      case ASSERT -> ASSERT;
      case CLASS, RECORD, ENUM, INTERFACE -> LOCAL_CLASS;
      default -> PLAIN_STATEMENT;
    };
  }

  /** The construct that an expression is, where a tensor or a plain value is wanted. */
  static Constructs ofExpression(Tree tree, boolean tensor) {
    return switch (tree.getKind()) {
      case CONDITIONAL_EXPRESSION -> CONDITIONAL_TENSOR;
      case SWITCH_EXPRESSION -> SWITCH;
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
