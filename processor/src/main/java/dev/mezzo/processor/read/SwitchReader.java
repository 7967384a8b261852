package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;
import static java.util.Objects.requireNonNull;

import com.sun.source.tree.BreakTree;
import com.sun.source.tree.CaseLabelTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ConstantCaseLabelTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.YieldTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.TensorReader.Naming;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.ElementKind;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * Reads switches on constants, as branches: one comparison after the other, in the order of the
 * cases. A selector that is null throws, as in the source, unless a case is for it.
 */
final class SwitchReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private @Nullable BlockReader blocks;
  private @Nullable BranchReader branches;

  SwitchReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
  }

  /** The readers of what stands in cases. */
  void within(BlockReader blocks, BranchReader branches) {
    this.blocks = blocks;
    this.branches = branches;
  }

  /**
   * A case, with those above that share its statements.
   *
   * @param path of the last label's case
   * @param others whether it is for what no other case is for
   * @param body statements, or an expression
   */
  private record Group(
      TreePath path, List<CaseLabelTree> labels, boolean others, List<TreePath> body) {}

  /** A statement; empty where it cannot be read, which is reported. */
  Optional<BranchReader.Way> choice(TreePath path, SwitchTree tree) {
    Optional<List<Group>> groups = groups(path, tree.getCases(), tree.getExpression());
    Argument.@Nullable Plain selector = selector(child(path, tree.getExpression()));
    if (groups.isEmpty() || selector == null) {
      return Optional.empty();
    }
    TypeMirror type = context.resolver().type(child(path, tree.getExpression()));
    Comparisons comparisons = new Comparisons(selector, type, groups.get());
    BranchReader.Way others = new BranchReader.Straight(List.of());
    List<Case> staying = new ArrayList<>();
    List<Case> leaving = new ArrayList<>();
    for (Group group : groups.get()) {
      BranchReader.Way way = new BranchReader.Straight(statements(group));
      if (group.others()) {
        others = way;
      } else {
        (way.goesOn() ? staying : leaving).add(new Case(group, way));
      }
    }
    BranchReader.Way rest = chain(staying, others, comparisons);
    if (!others.goesOn() && staying.size() > 1) {
      List<Group> any = staying.stream().map(Case::group).toList();
      Case last = staying.removeLast();
      BranchReader.Way one = chain(staying, last.way(), comparisons);
      rest = new BranchReader.Choice(path, () -> comparisons.with(any), one, others);
    }
    return Optional.of(chain(leaving, rest, comparisons));
  }

  private record Case(Group group, BranchReader.Way way) {}

  /** One comparison after the other; which order is all one, since the constants differ. */
  private static BranchReader.Way chain(
      List<Case> cases, BranchReader.Way rest, Comparisons comparisons) {
    BranchReader.Way chain = rest;
    for (Case each : cases.reversed()) {
      List<Group> group = List.of(each.group());
      chain =
          new BranchReader.Choice(
              each.group().path(), () -> comparisons.with(group), each.way(), chain);
    }
    return chain;
  }

  /** An expression whose value is a tensor. */
  Argument.@Nullable OfTensor tensor(
      TreePath path, SwitchExpressionTree tree, @Nullable Naming naming) {
    Optional<List<Group>> groups = groups(path, tree.getCases(), tree.getExpression());
    Argument.@Nullable Plain selector = selector(child(path, tree.getExpression()));
    if (groups.isEmpty() || selector == null) {
      return null;
    }
    TypeMirror type = context.resolver().type(child(path, tree.getExpression()));
    return tensor(groups.get(), 0, new Comparisons(selector, type, groups.get()), naming);
  }

  /** What the cases from an index on give; the last one is for all that is left. */
  private Argument.@Nullable OfTensor tensor(
      List<Group> groups, int index, Comparisons comparisons, @Nullable Naming naming) {
    Group group = groups.get(index);
    if (index == groups.size() - 1) {
      return result(group);
    }
    List<Argument.OfTensor> ways = new ArrayList<>();
    Value[] joined = new Value[1];
    SourcePosition position = context.at(group.path());
    requireNonNull(branches)
        .read(
            group.path(),
            comparisons.with(List.of(group)),
            way(group.body(), () -> add(ways, result(group))),
            way(
                groups.subList(index + 1, groups.size()).stream()
                    .flatMap(other -> other.body().stream())
                    .toList(),
                () -> add(ways, tensor(groups, index + 1, comparisons, null))),
            () -> {
              if (ways.size() < 2) {
                return List.of();
              }
              joined[0] = scope.newValue(tensors.name("chosen", naming));
              return List.of(new Statement.Join(joined[0], ways.getFirst(), ways.getLast()));
            });
    return joined[0] == null ? null : new Argument.OfValue(joined[0], position);
  }

  private static BranchReader.Reading way(List<TreePath> statements, Runnable reader) {
    return new BranchReader.Reading(statements, false, reader);
  }

  private static void add(List<Argument.OfTensor> ways, Argument.@Nullable OfTensor result) {
    if (result != null) {
      ways.add(result);
    }
  }

  /** The value that a case yields, behind its statements. */
  private Argument.@Nullable OfTensor result(Group group) {
    List<TreePath> body = group.body();
    TreePath last = body.getLast();
    if (last.getLeaf() instanceof ExpressionTree) {
      return tensors.read(last);
    }
    if (!(last.getLeaf() instanceof YieldTree result)) {
      requireNonNull(blocks).read(body);
      return null;
    }
    List<TreePath> before = body.subList(0, body.size() - 1);
    if (before.stream().anyMatch(SwitchReader::yields)) {
      context.complaints().unsupported(group.path(), Constructs.SWITCH_EXIT, scope.function());
      return null;
    }
    requireNonNull(blocks).read(before);
    return tensors.read(child(last, result.getValue()));
  }

  /** {@code case RELU -> 1;} with cases for plain values, printed as they are. */
  @Nullable String plain(TreePath path, SwitchExpressionTree tree, PlainPrinter printer) {
    Optional<List<Group>> groups = groups(path, tree.getCases(), tree.getExpression());
    String selector = printer.print(Flow.unwrapped(child(path, tree.getExpression())));
    if (groups.isEmpty() || selector == null) {
      return null;
    }
    TypeMirror type = context.resolver().type(child(path, tree.getExpression()));
    StringBuilder code = new StringBuilder("switch (" + selector + ") { ");
    for (Group group : groups.get()) {
      TreePath body = group.body().getLast();
      if (group.body().size() > 1 || !(body.getLeaf() instanceof ExpressionTree)) {
        context.complaints().unsupported(group.path(), Constructs.PLAIN_SWITCH, scope.function());
        return null;
      }
      String labels =
          group.labels().stream()
              .map(label -> plainLabel(group, label, type))
              .collect(Collectors.joining(", "));
      String value = printer.print(body);
      if (value == null) {
        return null;
      }
      code.append(labels.equals("default") ? labels : "case " + labels);
      code.append(" -> ").append(value).append("; ");
    }
    return code.append("}").toString();
  }

  private String plainLabel(Group group, CaseLabelTree label, TypeMirror selector) {
    if (!(label instanceof ConstantCaseLabelTree constant)) {
      return "default";
    }
    String code = label(group, constant, selector);
    return isEnum(selector) && !code.equals("null")
        ? code.substring(code.lastIndexOf('.') + 1)
        : code;
  }

  /** Evaluated once: under a name, if it is more than that. */
  private Argument.@Nullable Plain selector(TreePath path) {
    TreePath expression = Flow.unwrapped(path);
    Argument.@Nullable Plain selector = tensors.plain().read(expression);
    if (selector == null || selector.repeatable() || selector.locals().contains(selector.code())) {
      return selector;
    }
    String name = scope.names().derived("selected");
    scope.add(new Statement.PlainLocal(selector.type(), name, selector, context.at(path)));
    return selector.local(name);
  }

  /** The conditions that cases stand for. */
  private final class Comparisons {
    private final Argument.Plain selector;
    private final TypeMirror type;
    private final boolean admitsNull;

    Comparisons(Argument.Plain selector, TypeMirror type, List<Group> all) {
      this.selector = selector;
      this.type = type;
      this.admitsNull =
          all.stream().flatMap(each -> each.labels().stream()).anyMatch(SwitchReader::isNull);
    }

    /** Whether the selector is one of the cases' constants. */
    Argument.Plain with(List<Group> groups) {
      String code =
          groups.stream()
              .flatMap(
                  group ->
                      group.labels().stream()
                          .map(each -> label(group, (ConstantCaseLabelTree) each, type)))
              .map(this::comparison)
              .collect(Collectors.joining(" || "));
      return new Argument.Plain(
          code,
          "boolean",
          selector.reads(),
          selector.locals(),
          selector.readsModel(),
          OptionalDouble.empty(),
          Optional.empty(),
          context.at(groups.getFirst().path()));
    }

    /** {@code mode == 2}, {@code kind.equals(Kind.RELU)}: that throws on null, as a switch does. */
    private String comparison(String label) {
      if (label.equals("null") || type.getKind().isPrimitive() || isBox(type)) {
        return operand(selector) + " == " + label;
      }
      return admitsNull
          ? label + ".equals(" + selector.code() + ")"
          : operand(selector) + ".equals(" + label + ")";
    }
  }

  private static String operand(Argument.Plain selector) {
    return selector.code().matches("[\\w.$]+(\\([\\w.$]*\\))?")
        ? selector.code()
        : "(" + selector.code() + ")";
  }

  private String label(Group group, ConstantCaseLabelTree label, TypeMirror selector) {
    ExpressionTree constant = label.getConstantExpression();
    if (isEnum(selector) && !isNull(label)) {
      String name =
          switch (constant) {
            case IdentifierTree identifier -> identifier.getName().toString();
            case MemberSelectTree select -> select.getIdentifier().toString();
            default -> constant.toString();
          };
      return TypeText.of(selector) + "." + name;
    }
    Argument.@Nullable Plain code =
        tensors.plain().read(child(child(group.path(), label), constant));
    return code == null ? "null" : code.code();
  }

  private static boolean isNull(CaseLabelTree label) {
    return label instanceof ConstantCaseLabelTree constant
        && constant.getConstantExpression() instanceof LiteralTree literal
        && literal.getKind() == Tree.Kind.NULL_LITERAL;
  }

  private static boolean isEnum(TypeMirror type) {
    return type instanceof DeclaredType declared
        && declared.asElement().getKind() == ElementKind.ENUM;
  }

  private static boolean isBox(TypeMirror type) {
    return type instanceof DeclaredType declared
        && !declared.asElement().getSimpleName().contentEquals("String")
        && !isEnum(type);
  }

  /** The cases, the one for all others last; empty where one is not understood. */
  private Optional<List<Group>> groups(
      TreePath path, List<? extends CaseTree> cases, ExpressionTree selector) {
    TypeMirror type = context.resolver().type(child(path, selector));
    List<Group> groups = new ArrayList<>();
    List<CaseLabelTree> labels = new ArrayList<>();
    boolean understood = true;
    for (int i = 0; i < cases.size(); i++) {
      CaseTree tree = cases.get(i);
      TreePath at = child(path, tree);
      labels.addAll(tree.getLabels());
      understood &= isUnderstood(at, tree, i == cases.size() - 1, type);
      List<TreePath> body = body(at, tree);
      if (tree.getStatements() != null && body.isEmpty() && i < cases.size() - 1) {
        continue;
      }
      boolean others = labels.stream().anyMatch(DefaultCaseLabelTree.class::isInstance);
      groups.add(new Group(at, List.copyOf(labels), others, body));
      labels.clear();
    }
    if (!understood || groups.isEmpty()) {
      return Optional.empty();
    }
    Stream<Group> inOrder =
        Stream.concat(
            groups.stream().filter(group -> !group.others()),
            groups.stream().filter(Group::others));
    return Optional.of(inOrder.toList());
  }

  private static List<TreePath> body(TreePath path, CaseTree tree) {
    List<? extends StatementTree> statements = tree.getStatements();
    return statements != null
        ? statements.stream().map(statement -> child(path, statement)).toList()
        : Flow.statements(child(path, requireNonNull(tree.getBody())));
  }

  private boolean isUnderstood(TreePath path, CaseTree tree, boolean last, TypeMirror selector) {
    boolean pattern =
        tree.getGuard() != null
            || tree.getLabels().stream()
                .anyMatch(
                    label ->
                        (isNull(label) && isBox(selector))
                            || !(label instanceof ConstantCaseLabelTree
                                || label instanceof DefaultCaseLabelTree));
    List<? extends StatementTree> statements = tree.getStatements();
    boolean falls =
        !last
            && statements != null
            && !statements.isEmpty()
            && statements.stream().allMatch(Flow::goesOn);
    if (pattern || falls) {
      Constructs construct = pattern ? Constructs.PATTERN : Constructs.FALL_THROUGH;
      context.complaints().unsupported(path, construct, scope.function());
    }
    return !pattern && !falls;
  }

  /** The statements of a case, without the break at their end. */
  private static List<TreePath> statements(Group group) {
    List<TreePath> body = group.body();
    boolean ended = !body.isEmpty() && isBreak(body.getLast().getLeaf());
    return ended ? body.subList(0, body.size() - 1) : body;
  }

  private static boolean isBreak(Tree tree) {
    return tree instanceof BreakTree exit && exit.getLabel() == null;
  }

  /** Whether a yield of this switch stands within. */
  private static boolean yields(TreePath path) {
    boolean[] found = {false};
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitSwitchExpression(
          SwitchExpressionTree tree, @Nullable Void unused) {
        return null;
      }

      @Override
      public @Nullable Void visitYield(YieldTree tree, @Nullable Void unused) {
        found[0] = true;
        return null;
      }
    }.scan(path.getLeaf(), null);
    return found[0];
  }
}
