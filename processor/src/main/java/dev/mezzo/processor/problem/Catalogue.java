package dev.mezzo.processor.problem;

import static dev.mezzo.processor.problem.Severity.ERROR;
import static dev.mezzo.processor.problem.Severity.WARNING;

import dev.mezzo.processor.model.SourcePosition;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Every message of the processor. Each says the subject, what was found, what was expected, and the
 * cure; has quotes around the user's names and {@code @} before annotations; and has a page in
 * docs/problems.
 */
public enum Catalogue {
  NO_FORWARD(
      ERROR,
      "class '%s' is annotated with @%s, but has no method 'forward' that returns a Tensor; write"
          + " one or remove @%s"),
  HALF_AND_FULL(ERROR, "%s '%s' is annotated with both @Half and @Full; remove one of them"),
  UNSUPPORTED_CONSTRUCT(ERROR, "%s in '%s' is %s; %s"),
  NOT_AN_OPERATION(
      ERROR,
      "call of '%s' on a tensor is no operation, but must be of a method annotated with @Op; %s"),
  NOT_DIFFERENTIABLE(
      ERROR,
      "'%s' is not differentiable: it %s; use operations there, or annotate '%s' with @Op and write"
          + " its @Gradient methods"),
  MALFORMED_OPERATION(ERROR, "@Op method '%s' %s; write it as '%s'"),
  MALFORMED_GRADIENT(ERROR, "@Gradient method '%s' %s; write it as '%s'"),
  MASTER_ON_NON_PARAMETER(
      ERROR,
      "@MasterFp32 field '%s' has type %s, but must be Parameter; change the type or remove"
          + " @MasterFp32"),
  HALF_PARAMETER_WITHOUT_MASTER(
      WARNING,
      "parameter '%s' of @Half class '%s' has no FP32 master copy, so updates below 2^-24 vanish"
          + " and updates smaller than 1/2048 of the weight are lost; annotate it with"
          + " @MasterFp32"),
  UNUSED_PARAMETER(
      WARNING,
      "parameter '%s' is never read by '%s', so it has no gradient and never learns; use it or"
          + " remove it"),
  REASSIGNED_PARAMETER(
      ERROR,
      "%s '%s' of class '%s' %s, but the mixed form keeps the object that it was created with; %s"),
  MISUSED_STATE(ERROR, "state '%s' %s; %s"),
  INACCESSIBLE_FIELD(
      ERROR,
      "%s '%s' is private, so the generated class '%s' cannot reach it; make it package-private"),
  SUB_LAYER_WITHOUT_PRECISION(
      ERROR,
      "sub-layer '%s' has type %s, which is annotated with neither @Half nor @Full; annotate the"
          + " class with one of them"),
  MISSING_MIXED_FORM(ERROR, "%s, whose mixed form '%s' was not found; %s"),
  UNKNOWN_MIXED_FORM(
      ERROR,
      "%s, whose mixed form '%s' has format %s, but must have format %s;"
          + " compile it again with this version of Mezzo"),
  AMBIGUOUS_BORDER(
      ERROR,
      "class '%s' implements '%s', which is given %s, and '%s', which is given %s, so its own"
          + " border is not clear; implement one of them, or annotate them alike"),
  LAYER_CYCLE(
      ERROR, "sub-layer '%s' of class '%s' contains the class itself (%s); remove the sub-layer"),
  LOSS_SCALED_WITHOUT_LOSS(
      ERROR,
      "@LossScaled class '%s' has no method 'loss' that returns a Tensor; write one or remove"
          + " @LossScaled"),
  LOSS_NOT_SCALAR(
      ERROR,
      "'loss' of class '%s' returns %s, but must return a scalar tensor; end with an operation such"
          + " as mean, sum or crossEntropy"),
  LOSS_SCALE_MEMBER(ERROR, "@LossScaled member '%s' is %s, but must be %s; change it or leave it"),
  HALF_WITHOUT_LOSS_SCALED(
      WARNING,
      "@Half class '%s' has a method 'loss', but no @LossScaled, so gradients below 2^-24 vanish"
          + " in backward; annotate it with @LossScaled"),
  LITERAL_OUT_OF_RANGE(
      ERROR,
      "value %s is given to '%s', which computes in 16 bits, where it becomes %s; use a value"
          + " between 2^-24 and 65504, or keep the layer in FP32 with @Full"),
  LITERAL_NOT_REPRESENTABLE(
      WARNING,
      "value %s is given to '%s', which computes in 16 bits, where the nearest number is %s; write"
          + " that one, or keep the layer in FP32 with @Full"),
  EPSILON_VANISHES(
      WARNING,
      "value %s is given to '%s', which computes in 16 bits, where it is 0; use a value of at least"
          + " 2^-24, or keep the layer in FP32 with @Full"),
  UNSTABLE_FORM(
      WARNING,
      "'%s' goes through 16 bits between its parts, where small numbers and small differences are"
          + " lost; write '%s'"),
  MAY_OVERFLOW(
      WARNING,
      "result of '%s' is read in 16 bits, which end at 65504, but %s; bound it, or keep the layer"
          + " in FP32 with @Full"),
  DIVISOR_MAY_UNDERFLOW(
      WARNING,
      "'%s' divides by %s, which is in 16 bits and may come so close to 0 that the quotient is"
          + " infinite there; add an epsilon of at least 2e-5, or keep the layer in FP32 with"
          + " @Full"),
  CLIPPING_BEFORE_UNSCALING(
      WARNING,
      "gradient '%s' clips '%s', which is multiplied by the loss scale; clip what is unscaled, with"
          + " 'clipNorm' of the training's builder"),
  MALFORMED_DIMS(
      ERROR,
      "@Dims of '%s' %s; write numbers, names and arithmetic on them, as in @Dims({\"batch\","
          + " \"2*hidden\"})"),
  MALFORMED_EQUATION(
      ERROR,
      "equation \"%s\" of '%s' %s; write a letter for each dimension of both operands and of the"
          + " result, as in \"bij,bjk->bik\""),
  SHAPE_MISMATCH(ERROR, "%s; %s"),
  NAME_TAKEN(
      ERROR, "class '%s' needs the name '%s' for its mixed form, but that class exists; rename it"),
  NOT_RESOLVED(
      WARNING,
      "mixed form of '%s' is not generated, because '%s' could not be resolved; correct it if javac"
          + " reports it, too, else this is a bug in Mezzo"),
  OTHER_COMPILER(
      ERROR,
      "Mezzo reads method bodies, which %s does not offer to annotation processors; compile with"
          + " javac of JDK 25 or later"),
  MALFORMED_OPTION(ERROR, "processor option '-A%s' %s; %s"),
  CANNOT_WRITE(ERROR, "'%s' could not be written: %s; check the directories that javac writes to"),
  BUG(
      ERROR,
      "layer '%s' could not be compiled: %s; this is a bug in Mezzo, please report it with the"
          + " layer's source (-Amezzo.trace=true prints where)");

  private final Severity severity;
  private final String template;

  Catalogue(Severity severity, String template) {
    this.severity = severity;
    this.template = template;
  }

  /** As printed, and the name of its page: {@code NoForward}. */
  public String id() {
    return Arrays.stream(name().split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  /** What it does to the compilation. */
  public Severity severity() {
    return severity;
  }

  /** How many arguments the message has. */
  public int arguments() {
    return template.split("%s", -1).length - 1;
  }

  /** What is printed. */
  public String message(Object... found) {
    if (found.length != arguments()) {
      throw new IllegalArgumentException(
          id() + " has " + arguments() + " arguments, not " + found.length);
    }
    return "[Mezzo:" + id() + "] " + String.format(Locale.ROOT, template, found);
  }

  /** The problem at a place. */
  public Problem at(SourcePosition position, Object... found) {
    return new Problem(this, message(found), position, List.of());
  }
}
