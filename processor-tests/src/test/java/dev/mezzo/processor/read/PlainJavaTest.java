package dev.mezzo.processor.read;

import static com.google.testing.compile.CompilationSubject.assertThat;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import dev.mezzo.processor.MezzoProcessor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain expressions mean in the generated class what they mean in the layer: it compiles. */
class PlainJavaTest {
  private static final String SOURCE =
      """
      package demo;

      import static dev.mezzo.Ops.relu;
      import static dev.mezzo.Ops.scale;
      import static java.lang.Math.*;
      import static java.util.Map.Entry;

      import dev.mezzo.Tensor;
      import dev.mezzo.annotations.Half;
      import dev.mezzo.types.*;
      import java.util.*;
      import java.util.concurrent.TimeUnit;
      import module java.net.http;

      interface Defaults {
        int SIZE = 4;
      }

      class Outer {
        static float twice(float x) { return 2 * x; }
        static float pick(int x) { return 1; }
        static float pick(long x) { return 2; }
        static float pick(Object x) { return 3; }
        static float pick(float... x) { return 4; }
        static <T extends Number> T first(List<T> all) { return all.get(0); }

        @Half
        static class Net implements Defaults {
          enum Mode { SLOW, FAST }
          record Config(Map<String, Integer> sizes, List<float[]> rates) {
            static final Config NONE = new Config(Map.of(), List.of());
          }

          final Config config = Config.NONE;
          final Mode mode = Mode.FAST;
          final int[][] table = {{1, 2}, {3}};
          final List<Integer> ints = List.of(1);

          Tensor forward(Tensor x, long seed, Config other) {
            CODE
            return scale(relu(x), f);
          }

          int width() { return 1; }
          static float rate(int... n) { return n.length; }
        }
      }
      """;

  private static final String GENERIC =
      """
      package demo;

      import static dev.mezzo.Ops.scale;

      import dev.mezzo.Tensor;
      import dev.mezzo.annotations.Half;
      import java.util.*;

      @Half
      record Net<E extends Enum<E>, N extends Number & Comparable<N>>(
          E e, Class<E> type, Map<E, List<E>> map, N n, List<? super N> numbers) {
        Tensor forward(Tensor x) {
          CODE
          return scale(x, f);
        }
      }
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "E one = Enum.valueOf(type, \"A\"); float f = one.ordinal();",
        "var several = map.get(e); float f = 0; for (E each : several) { f += each.ordinal(); }",
        "Map<E, List<E>> all = map; float f = all.size();",
        "N same = n; float f = same.floatValue() + n.intValue();",
        "List<? super N> all = numbers; var first = all.get(0); float f = first.hashCode();"
      })
  void compilesInTheFormOfAGenericLayer(String code) {
    Compilation compilation =
        Compiler.javac()
            .withProcessors(new MezzoProcessor())
            .compile(JavaFileObjects.forSourceString("demo.Net", GENERIC.replace("CODE", code)));
    assertThat(compilation).succeededWithoutWarnings();
    assertThat(compilation).generatedSourceFile("demo.MixedNet");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "float f = SIZE * 2;",
        "float f = (int) 2.7f + (char) 65;",
        "float f = Defaults.SIZE + Net.SIZE + demo.Defaults.SIZE;",
        "float f = twice(max(1f, (float) PI));",
        "float f = Outer.twice(abs(-width()));",
        "float f = pick(SIZE) + pick(seed) + pick(\"s\") + pick(1f) + pick() + pick((short) 1);",
        "float f = rate() + rate(1) + rate(1, 2) + rate(table[0]);",
        "float f = config.sizes().get(\"a\");",
        "var rates = other.rates(); float f = rates.get(0)[1];",
        "var n = ints.get(0); float f = n + this.table[1][0] * table.length;",
        "float f = first(ints);",
        "float f = first(ints).floatValue();",
        "float f = Objects.requireNonNull(other).sizes().size();",
        "float f = List.of(config, other).get(0).rates().get(0)[0];",
        "var n = Optional.of(other).get().sizes(); float f = n.size();",
        "float f = Arrays.asList(1, 2).get(0).floatValue() + Collections.max(ints).intValue();",
        "var key = Map.entry(\"k\", 1).getKey(); float f = key.length();",
        "var empty = List.of(); float f = empty.size();",
        "float f = Objects.requireNonNullElse(mode, Mode.SLOW).ordinal();",
        "float f = mode == Mode.FAST && !(seed > 3) ? 1 : -1;",
        "float f = mode == Net.Mode.SLOW ? mode.ordinal() : mode.name().length();",
        "float f = (float) TimeUnit.DAYS.toMillis(1) + new int[] {1, 2}[0] + new int[3][2].length;",
        "int[] dims = {1, 2}; int[] more = new int[] {3}; float f = dims[0] + more.length;",
        "Shape s = x.shape(); float f = s.dim(0) / (float) x.shape().dim(s.rank() - 1);",
        "Object o = config; float f = o instanceof Config ? 1f : 0x1p-3f;",
        "String text = \"a\\\"\\n\" + 'c' + seed + null; float f = text.length() << 1 >>> 2 ^ 3 & 1;",
        "long l = -(-1L) + ~1; double d = 1e3; float f = (float) (l % 3 + d);",
        "Entry<String, Integer> e = Map.entry(\"k\", 1); float f = e.getValue();",
        "Class<?> type = Net.class; float f = type.getName().length();",
        "Class<?> http = HttpClient.class; float f = http.hashCode();",
        "Optional<Config> none = Optional.empty(); float f = none.map(Config::sizes).isPresent() ? 1 : 0;"
      })
  void compilesInTheGeneratedClass(String code) {
    Compilation compilation =
        Compiler.javac()
            .withProcessors(new MezzoProcessor())
            .compile(JavaFileObjects.forSourceString("demo.Outer", SOURCE.replace("CODE", code)));
    if (code.contains("::")) {
      assertThat(compilation).hadErrorCount(1);
      assertThat(compilation).hadErrorContaining("[Mezzo:UnsupportedConstruct]");
    } else {
      assertThat(compilation).succeededWithoutWarnings();
      assertThat(compilation).generatedSourceFile("demo.MixedOuter_Net");
    }
  }
}
