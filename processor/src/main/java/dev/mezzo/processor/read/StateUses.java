package dev.mezzo.processor.read;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;

/** What a method on tensors may not do with a state, and what to do instead. */
enum StateUses {
  TENSOR(
      "is read as a tensor, but takes part in no arithmetic",
      "give it to an operation that takes a State, or make it a Parameter"),
  NUMBERS(
      "is looked at, but may be another when backward goes the same way",
      "look before the call, and pass the answer"),
  MADE(
      "is made at every call, and no part of the model",
      "make it in the constructor, and hold it in a final field"),
  STATIC("is static, so all models would share it", "hold it in a final field of each layer");

  private final String found;
  private final String cure;

  StateUses(String found, String cure) {
    this.found = found;
    this.cure = cure;
  }

  /** Of the state that a method is called on, or that it makes. */
  void report(LayerContext context, TreePath path, MethodInvocationTree call) {
    boolean receives = this != MADE && call.getMethodSelect() instanceof MemberSelectTree;
    ExpressionTree state =
        receives ? ((MemberSelectTree) call.getMethodSelect()).getExpression() : call;
    report(context, path, state);
  }

  void report(LayerContext context, TreePath path, ExpressionTree state) {
    context.complaints().add(path, Catalogue.MISUSED_STATE, state, found, cure);
  }
}
