package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Writes;
import dev.mezzo.types.DType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backend whose kernels a listener is told of. By reflection: it is there for the few steps that
 * are looked at, and must not need a line for each kernel. Kernels of other threads pass unseen.
 */
final class WatchedBackend implements InvocationHandler {

  private final Object kernels;
  private final KernelListener listener;
  private final Thread watched;

  private WatchedBackend(Object kernels, KernelListener listener, Thread watched) {
    this.kernels = kernels;
    this.listener = listener;
    this.watched = watched;
  }

  /** {@code backend}, whose kernels on the current thread {@code listener} is told of. */
  static Backend of(Backend backend, KernelListener listener) {
    return watch(Backend.class, backend, listener, Thread.currentThread());
  }

  private static <K> K watch(
      Class<K> family, Object kernels, KernelListener listener, Thread thread) {
    Class<?>[] types = {family};
    WatchedBackend handler = new WatchedBackend(kernels, listener, thread);
    return family.cast(Proxy.newProxyInstance(family.getClassLoader(), types, handler));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getName().equals("finishes") && !listener.finishes()) {
      return false;
    }
    List<Operand> results = new ArrayList<>();
    boolean looks = arguments != null && watched == Thread.currentThread();
    if (arguments != null && looks) {
      collectResults(method, arguments, results);
    }
    if (arguments != null && !results.isEmpty()) {
      List<Operand> operands = new ArrayList<>();
      for (Object argument : arguments) {
        collect(argument, operands);
      }
      operands.removeAll(results);
      if (arguments[0] instanceof FusedProgram program) {
        listener.expression(expression(program, results, method, arguments));
      }
      listener.before(operands);
    }
    Object returned = call(method, arguments);
    if (!results.isEmpty()) {
      listener.after(results);
    }
    return returned != null && isFamily(method)
        ? watch(method.getReturnType(), returned, listener, watched)
        : returned;
  }

  private KernelListener.Expression expression(
      FusedProgram program, List<Operand> results, Method run, Object[] arguments) {
    return new KernelListener.Expression() {
      @Override
      public FusedProgram program() {
        return program;
      }

      @Override
      public long size() {
        return results.getFirst().size();
      }

      // The results are those before the plan of the shapes.
      @Override
      public void compute(int value, Operand into) {
        Object[] alone = arguments.clone();
        alone[0] = program.only(List.of(value));
        alone[2] = List.of(into);
        try {
          call(run, alone);
        } catch (Throwable e) {
          throw new IllegalStateException("a part of an expression cannot be computed", e);
        }
      }
    };
  }

  private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(kernels, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Whether it gives more kernels. */
  private static boolean isFamily(Method method) {
    Class<?> type = method.getReturnType();
    return type.isInterface() && type.getPackage() == Backend.class.getPackage();
  }

  private static void collectResults(Method method, Object[] arguments, List<Operand> results) {
    Parameter[] parameters = method.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i].isAnnotationPresent(Writes.class)) {
        collect(arguments[i], results);
      }
    }
  }

  /** The float operands in an argument: itself, in a list, or in the records that it is made of. */
  private static void collect(@Nullable Object argument, List<Operand> found) {
    if (argument instanceof Operand operand) {
      if (operand.dtype() != DType.INT32 && operand.size() > 0) {
        found.add(operand);
      }
    } else if (argument instanceof List<?> several) {
      several.forEach(each -> collect(each, found));
    } else if (argument instanceof Record) {
      for (RecordComponent component : argument.getClass().getRecordComponents()) {
        if (component.getType() == Operand.class || component.getType().isRecord()) {
          try {
            collect(component.getAccessor().invoke(argument), found);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a kernel's argument cannot be read: " + component, e);
          }
        }
      }
    }
  }
}
