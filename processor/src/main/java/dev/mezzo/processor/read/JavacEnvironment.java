package dev.mezzo.processor.read;

import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import javax.annotation.processing.ProcessingEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Finds javac's own environment behind the wrappers that build tools put around it: its trees
 * refuses those.
 */
final class JavacEnvironment {
  /** Fields in which wrappers keep what they wrap: of Gradle, IntelliJ IDEA, and others. */
  private static final List<String> DELEGATES =
      List.of("delegate", "val$delegateTo", "processingEnv");

  private static final int MAX_WRAPPERS = 8;

  private JavacEnvironment() {}

  /** The innermost environment, if it is javac's. */
  static Optional<ProcessingEnvironment> unwrap(ProcessingEnvironment environment) {
    ProcessingEnvironment current = environment;
    for (int depth = 0; depth < MAX_WRAPPERS; depth++) {
      if (isJavac(current)) {
        return Optional.of(current);
      }
      Optional<ProcessingEnvironment> inner = wrapped(current);
      if (inner.isEmpty()) {
        return Optional.empty();
      }
      current = inner.get();
    }
    return Optional.empty();
  }

  private static boolean isJavac(ProcessingEnvironment environment) {
    return environment
        .getClass()
        .getName()
        .equals("com.sun.tools.javac.processing.JavacProcessingEnvironment");
  }

  private static Optional<ProcessingEnvironment> wrapped(ProcessingEnvironment wrapper) {
    Object holder =
        Proxy.isProxyClass(wrapper.getClass()) ? Proxy.getInvocationHandler(wrapper) : wrapper;
    for (Class<?> type = holder.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (DELEGATES.contains(field.getName())
            && read(field, holder) instanceof ProcessingEnvironment inner) {
          return Optional.of(inner);
        }
      }
    }
    return Optional.empty();
  }

  private static @Nullable Object read(Field field, Object holder) {
    try {
      return field.trySetAccessible() ? field.get(holder) : null;
    } catch (IllegalAccessException inaccessible) {
      return null;
    }
  }
}
