package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;
import static java.util.Objects.requireNonNull;

import com.sun.source.tree.BindingPatternTree;
import com.sun.source.tree.CaseLabelTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ConstantCaseLabelTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.PatternCaseLabelTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.tree.YieldTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.Name;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads the cases of switches on constants, and the conditions that they stand for. */
final class SwitchCases {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;

  SwitchCases(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
  }

  /**
   * A case, with those above that share its statements.
   *
   * @param path of the last label's case
   * @param others whether it is for what no other case is for
   * @param body statements, or an expression
   */
  record Group(TreePath path, List<CaseLabelTree> labels, boolean others, List<TreePath> body) {
    /** The pattern of a type that the case is for. */
    Optional<TreePath> pattern() {
      return labels.size() == 1
              && labels.getFirst() instanceof PatternCaseLabelTree label
              && label.getPattern() instanceof BindingPatternTree pattern
          ? Optional.of(child(child(path, label), pattern))
          : Optional.empty();
    }

    Optional<TreePath> guard() {
      return Optional.ofNullable(((CaseTree) path.getLeaf()).getGuard())
          .map(tree -> child(path, tree));
    }
  }

  /** A switch whose selector is read. */
  record Read(List<Group> groups, Comparisons comparisons) {}

  /** The cases, the one for all others last; empty where something is not understood. */
  Optional<Read> read(TreePath path, List<? extends CaseTree> cases, ExpressionTree selector) {
    Optional<List<Group>> groups = groups(path, cases, selector);
    Argument.@Nullable Plain selected = selector(child(path, selector));
    if (groups.isEmpty() || selected == null) {
      return Optional.empty();
    }
    TypeMirror type = context.resolver().type(child(path, selector));
    Map<Group, Argument.Plain> patterns = patterns(groups.get(), selected);
    return Optional.of(
        new Read(groups.get(), new Comparisons(selected, type, groups.get(), patterns)));
  }

  /**
   * The conditions of cases for types, each without those before that may be for the same object.
   */
  private Map<Group, Argument.Plain> patterns(List<Group> groups, Argument.Plain selector) {
    Map<Group, Argument.Plain> conditions = new HashMap<>();
    List<Group> before = new ArrayList<>();
    for (Group group : groups) {
      Optional<TreePath> pattern = group.pattern();
      if (pattern.isEmpty()) {
        continue;
      }
      boolean read = isRead(pattern.get(), group);
      Argument.@Nullable Plain test = null;
      if (read) {
        String variable = tensors.patterns().variable(selector, pattern.get());
        test =
            tensors.plain().made(variable + " != null", "boolean", List.of(variable), group.path());
      } else {
        test = tensors.patterns().test(selector, pattern.get());
      }
      if (group.guard().isPresent()) {
        Argument.@Nullable Plain guard = tensors.plain().read(group.guard().get());
        test = guard == null ? test : tensors.plain().both(test, guard);
      }
      for (Group earlier : before) {
        Argument.Plain other = conditions.get(earlier);
        if (other != null && mayShare(earlier, pattern.get())) {
          test = tensors.plain().both(test, tensors.plain().not(other));
        }
      }
      conditions.put(group, test);
      before.add(group);
    }
    return conditions;
  }

  private static boolean isRead(TreePath pattern, Group group) {
    Name name = ((BindingPatternTree) pattern.getLeaf()).getVariable().getName();
    boolean[] read = {false};
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
        read[0] |= tree.getName().equals(name);
        return null;
      }
    }.scan(group.path().getLeaf(), null);
    return read[0];
  }

  /** Whether an object may be of an earlier case, and of a pattern's type. */
  private boolean mayShare(Group earlier, TreePath pattern) {
    TypeMirror first = type(earlier.pattern().orElseThrow());
    TypeMirror second = type(pattern);
    return TypeText.of(first).equals(TypeText.of(second))
        || !isFinal(second)
        || (earlier.guard().isPresent() && !isFinal(first));
  }

  private TypeMirror type(TreePath pattern) {
    VariableTree variable = ((BindingPatternTree) pattern.getLeaf()).getVariable();
    return context.resolver().element(child(pattern, variable)).asType();
  }

  private static boolean isFinal(TypeMirror type) {
    return type instanceof DeclaredType declared
        && declared.asElement().getModifiers().contains(Modifier.FINAL);
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
  final class Comparisons {
    private final Argument.Plain selector;
    private final TypeMirror type;
    private final boolean admitsNull;
    private final Map<Group, Argument.Plain> patterns;

    Comparisons(
        Argument.Plain selector,
        TypeMirror type,
        List<Group> all,
        Map<Group, Argument.Plain> patterns) {
      this.patterns = patterns;
      this.selector = selector;
      this.type = type;
      this.admitsNull =
          all.stream().flatMap(each -> each.labels().stream()).anyMatch(SwitchCases::isNull);
    }

    /** Whether the selector is one of the cases' constants. */
    Argument.Plain with(List<Group> groups) {
      List<Argument.Plain> conditions =
          groups.stream().map(patterns::get).filter(Objects::nonNull).toList();
      if (!conditions.isEmpty()) {
        return conditions.stream().reduce(tensors.plain()::either).orElseThrow();
      }
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
          selector.steady(),
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

  /** The labels of a case as a switch has them; null where they could not be read. */
  @Nullable String labels(Group group, TypeMirror selector, PlainPrinter printer) {
    Optional<TreePath> pattern = group.pattern();
    if (pattern.isEmpty()) {
      return group.labels().stream()
          .map(label -> plain(group, label, selector))
          .collect(Collectors.joining(", "));
    }
    TreePath declaration =
        child(pattern.get(), ((BindingPatternTree) pattern.get().getLeaf()).getVariable());
    Element variable = context.resolver().element(declaration);
    String own = variable.getSimpleName().toString();
    String name = own.isEmpty() ? "_" : scope.names().own(own);
    scope.bind(variable, new FunctionScope.OfPlain(name));
    String guard = group.guard().isEmpty() ? "" : printer.print(group.guard().get());
    return PlainPrinter.join(
        TypeText.of(variable.asType()), " " + name, group.guard().isEmpty() ? "" : " when ", guard);
  }

  /** A label as a switch has it: constants of an enum without their class. */
  String plain(Group group, CaseLabelTree label, TypeMirror selector) {
    if (!(label instanceof ConstantCaseLabelTree constant)) {
      return "default";
    }
    String code = label(group, constant, selector);
    return isEnum(selector) && !code.equals("null")
        ? code.substring(code.lastIndexOf('.') + 1)
        : code;
  }

  /** Code as the operand of an operator. */
  static String operand(Argument.Plain selector) {
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
  Optional<List<Group>> groups(
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
      boolean others =
          labels.stream().anyMatch(DefaultCaseLabelTree.class::isInstance)
              || (i == cases.size() - 1
                  && groups.stream().allMatch(SwitchCases::isPattern)
                  && !groups.isEmpty());
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

  /** A switch with patterns has a case for each object: the last is for all that is left. */
  private static boolean isPattern(Group group) {
    return group.pattern().isPresent();
  }

  private static List<TreePath> body(TreePath path, CaseTree tree) {
    List<? extends StatementTree> statements = tree.getStatements();
    return statements != null
        ? statements.stream().map(statement -> child(path, statement)).toList()
        : Flow.statements(child(path, requireNonNull(tree.getBody())));
  }

  private boolean isUnderstood(TreePath path, CaseTree tree, boolean last, TypeMirror selector) {
    boolean pattern =
        tree.getLabels().stream()
            .anyMatch(
                label ->
                    (isNull(label) && isBox(selector))
                        || (label instanceof PatternCaseLabelTree of
                            && !(of.getPattern() instanceof BindingPatternTree)));
    List<? extends StatementTree> statements = tree.getStatements();
    boolean falls =
        !last
            && statements != null
            && !statements.isEmpty()
            && statements.stream()
                .allMatch(each -> Flow.goesOn(each) && !(each instanceof YieldTree));
    if (pattern || falls) {
      Constructs construct = pattern ? Constructs.PATTERN : Constructs.FALL_THROUGH;
      context.complaints().unsupported(path, construct, scope.function());
    }
    return !pattern && !falls;
  }
}
