package dev.mezzo.processor.read;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.annotations.Op;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.OperationResult;
import dev.mezzo.processor.model.Statement;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.annotation.Annotation;
import java.lang.annotation.ElementType;
import java.lang.annotation.Target;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Whatever the language has, some source of {@code resources/good} has it, too, and so a golden:
 * each kind of statement, call and argument of the model, each of Java's constructs that methods on
 * tensors may have, each annotation wherever it may stand.
 */
class GoldenConstructsTest {
  private static final Path GOOD = Path.of("src", "test", "resources", "good");

  private static final List<Class<?>> MODEL =
      List.of(
          Statement.class,
          Call.class,
          Argument.class,
          Formal.class,
          LoopHead.class,
          LoopHead.Elements.class,
          Holder.class,
          OperationResult.class,
          GradientModel.Read.class);

  /** What the readers of methods have a case for. */
  private static final Set<Tree.Kind> JAVA =
      EnumSet.of(
          Tree.Kind.IF,
          Tree.Kind.CONDITIONAL_EXPRESSION,
          Tree.Kind.SWITCH,
          Tree.Kind.SWITCH_EXPRESSION,
          Tree.Kind.YIELD,
          Tree.Kind.FOR_LOOP,
          Tree.Kind.ENHANCED_FOR_LOOP,
          Tree.Kind.WHILE_LOOP,
          Tree.Kind.DO_WHILE_LOOP,
          Tree.Kind.ASSERT,
          Tree.Kind.THROW,
          Tree.Kind.BINDING_PATTERN,
          Tree.Kind.PATTERN_CASE_LABEL,
          Tree.Kind.BREAK,
          Tree.Kind.CONTINUE,
          Tree.Kind.LABELED_STATEMENT,
          Tree.Kind.RETURN,
          Tree.Kind.EMPTY_STATEMENT,
          Tree.Kind.ASSIGNMENT,
          Tree.Kind.PLUS_ASSIGNMENT,
          Tree.Kind.POSTFIX_INCREMENT,
          Tree.Kind.POSTFIX_DECREMENT,
          Tree.Kind.ARRAY_ACCESS,
          Tree.Kind.NEW_ARRAY,
          Tree.Kind.NEW_CLASS,
          Tree.Kind.MEMBER_SELECT,
          Tree.Kind.METHOD_INVOCATION,
          Tree.Kind.PARENTHESIZED,
          Tree.Kind.TYPE_CAST,
          Tree.Kind.INSTANCE_OF,
          Tree.Kind.UNARY_MINUS,
          Tree.Kind.LOGICAL_COMPLEMENT);

  private static final List<Class<? extends Annotation>> ANNOTATIONS =
      List.of(
          Half.class,
          Full.class,
          MasterFp32.class,
          LossScaled.class,
          Recompute.class,
          Dims.class,
          Op.class,
          Gradient.class);

  private static final Set<String> IN_MODEL = new TreeSet<>();
  private static final Set<Tree.Kind> IN_JAVA = EnumSet.noneOf(Tree.Kind.class);
  private static final Set<String> PLACES = new TreeSet<>();

  @BeforeAll
  static void read() throws IOException {
    List<JavaFileObject> sources;
    try (Stream<Path> files = Files.list(GOOD)) {
      sources =
          files
              .sorted()
              .map(file -> JavaFileObjects.forSourceString("demo." + name(file), text(file)))
              .toList();
    }
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ReadingProcessor processor = new ReadingProcessor();
    var _ = Compiler.javac().withProcessors(processor).compile(sources);
    processor.readings().values().stream()
        .flatMap(reading -> reading.model().stream())
        .forEach(model -> note(model, seen));
    var task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(new StringWriter(), null, null, List.of("-proc:none"), null, sources);
    for (CompilationUnitTree unit : task.parse()) {
      new Scanner().scan(unit, null);
    }
  }

  @Test
  void eachKindOfTheModelHasAGolden() {
    Set<String> missing = new TreeSet<>();
    MODEL.forEach(type -> missing.addAll(kinds(type)));
    missing.removeAll(IN_MODEL);
    assertEquals(Set.of(), missing);
  }

  @Test
  void eachConstructOfJavaHasAGolden() {
    Set<Tree.Kind> missing = EnumSet.copyOf(JAVA);
    missing.removeAll(IN_JAVA);
    assertEquals(Set.of(), missing);
  }

  @Test
  void eachPlaceOfAnAnnotationHasAGolden() {
    Set<String> missing = new TreeSet<>();
    for (Class<? extends Annotation> annotation : ANNOTATIONS) {
      for (ElementType place : annotation.getAnnotation(Target.class).value()) {
        missing.add(annotation.getSimpleName() + " on " + place);
      }
    }
    missing.removeAll(PLACES);
    assertEquals(Set.of(), missing);
  }

  private static Set<String> kinds(Class<?> type) {
    Set<String> kinds = new TreeSet<>();
    if (type.isEnum()) {
      Stream.of(type.getEnumConstants()).forEach(each -> kinds.add(name(type) + "." + each));
    } else if (type.isSealed()) {
      Stream.of(type.getPermittedSubclasses()).forEach(each -> kinds.addAll(kinds(each)));
    } else {
      kinds.add(name(type));
    }
    return kinds;
  }

  private static String name(Class<?> type) {
    return type.getName().replaceFirst(".*\\.", "");
  }

  private static void note(Object object, Set<Object> seen) {
    switch (object) {
      case Optional<?> optional -> optional.ifPresent(each -> note(each, seen));
      case Collection<?> all -> all.forEach(each -> note(each, seen));
      case Map<?, ?> map -> map.values().forEach(each -> note(each, seen));
      case Enum<?> constant ->
          IN_MODEL.add(name(constant.getDeclaringClass()) + "." + constant.name());
      case Record record when seen.add(record) -> {
        IN_MODEL.add(name(record.getClass()));
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          note(value(record, component), seen);
        }
      }
      default -> {}
    }
  }

  private static Object value(Record record, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException failure) {
      throw new LinkageError(component.toString(), failure);
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /** Collects what stands in methods, and where annotations stand. */
  private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
    @Override
    public @Nullable Void scan(@Nullable Tree tree, @Nullable Void unused) {
      if (tree != null && getCurrentPath() != null && isInMethod(getCurrentPath())) {
        IN_JAVA.add(tree.getKind());
      }
      return super.scan(tree, null);
    }

    @Override
    public @Nullable Void visitModifiers(ModifiersTree tree, @Nullable Void unused) {
      for (AnnotationTree annotation : tree.getAnnotations()) {
        String name = annotation.getAnnotationType().toString().replaceFirst(".*\\.", "");
        PLACES.add(name + " on " + place(getCurrentPath().getParentPath()));
      }
      return super.visitModifiers(tree, null);
    }

    private static boolean isInMethod(TreePath path) {
      return path.getLeaf() instanceof MethodTree
          || (path.getParentPath() != null && isInMethod(path.getParentPath()));
    }

    private static ElementType place(TreePath path) {
      Tree around = path.getParentPath().getLeaf();
      return switch (path.getLeaf()) {
        case ClassTree _ -> ElementType.TYPE;
        case MethodTree _ -> ElementType.METHOD;
        case VariableTree _ when around instanceof MethodTree -> ElementType.PARAMETER;
        case VariableTree _ when around instanceof ClassTree owner ->
            owner.getKind() == Tree.Kind.RECORD ? ElementType.RECORD_COMPONENT : ElementType.FIELD;
        default -> ElementType.LOCAL_VARIABLE;
      };
    }
  }
}
