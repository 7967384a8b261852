package dev.mezzo.benchmarks;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Times the kernels of a backend that runs each call to its end, by name and shape. A call costs
 * some microseconds more than without.
 */
public final class KernelTimes {

  private final Map<String, Time> times = new TreeMap<>();

  /** Counts nothing until {@link #backend}'s kernels run. */
  public KernelTimes() {}

  /** {@code backend}, whose kernels are timed. */
  public Backend backend(Backend backend) {
    return timed(Backend.class, backend);
  }

  /** Forgets what ran so far. */
  public void clear() {
    times.clear();
  }

  /**
   * A line for each kernel and shape, the longest first: milliseconds and calls a step, and the
   * share of all kernels' time.
   *
   * @param steps how many steps ran
   */
  public String table(int steps) {
    long all = times.values().stream().mapToLong(time -> time.nanos).sum();
    List<Map.Entry<String, Time>> sorted = new ArrayList<>(times.entrySet());
    sorted.sort(Comparator.comparingLong(entry -> -entry.getValue().nanos));
    StringBuilder table = new StringBuilder("ms a step   calls   share  kernel\n");
    for (Map.Entry<String, Time> entry : sorted) {
      Time time = entry.getValue();
      table.append(
          String.format(
              Locale.ROOT,
              "%9.3f %7.1f %6.1f%%  %s%n",
              time.nanos / 1e6 / steps,
              (double) time.calls / steps,
              100.0 * time.nanos / all,
              entry.getKey()));
    }
    return table.toString();
  }

  private <K> K timed(Class<K> family, Object kernels) {
    InvocationHandler handler = (proxy, method, arguments) -> call(kernels, method, arguments);
    return family.cast(
        Proxy.newProxyInstance(family.getClassLoader(), new Class<?>[] {family}, handler));
  }

  private @Nullable Object call(Object kernels, Method method, Object @Nullable [] arguments)
      throws Throwable {
    long start = System.nanoTime();
    Object returned;
    try {
      returned = method.invoke(kernels, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    long nanos = System.nanoTime() - start;
    if (arguments != null && method.getReturnType() == void.class) {
      Time time = times.computeIfAbsent(name(method, arguments), name -> new Time());
      time.nanos += nanos;
      time.calls++;
    }
    Class<?> type = method.getReturnType();
    boolean family = type.isInterface() && type.getPackage() == Backend.class.getPackage();
    return family && returned != null ? timed(type, returned) : returned;
  }

  /** The method, and all arguments but the operands themselves. */
  private static String name(Method method, Object[] arguments) {
    StringJoiner name = new StringJoiner(" ");
    name.add(method.getName());
    for (Object argument : arguments) {
      switch (argument) {
        case Operand operand -> name.add(operand.dtype() + "[" + operand.size() + "]");
        case Matrix matrix -> name.add(matrix.transposed() ? "T" : "N");
        case FusedProgram program -> name.add(program.formula());
        case Enum<?> function -> name.add(function.toString());
        case Record shape when dimensions(shape) -> name.add(shape.toString());
        case Integer number -> name.add(number.toString());
        case null, default -> {}
      }
    }
    return name.toString();
  }

  private static boolean dimensions(Record record) {
    String name = record.getClass().getSimpleName();
    return name.endsWith("Shape") || name.equals("Recurrence") || name.equals("Reduction");
  }

  private static final class Time {
    private long nanos;
    private long calls;
  }
}
