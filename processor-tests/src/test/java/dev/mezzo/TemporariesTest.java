package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.optim.Sgd;
import dev.mezzo.programs.CompiledPrograms;
import dev.mezzo.types.Shape;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradients of weights that are used several times: none has memory of its own. The weights are far
 * larger than all else, so that one more tensor of a weight's size shows in the peak.
 */
class TemporariesTest {
  private static final int FEATURES = 256;
  private static final int VOCABULARY = 512;

  private static final String SOURCE =
      """
      package random;

      import static dev.mezzo.Ops.*;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      import java.util.*;

      public interface Uses {
        /** An embedding that is the head, too. */
        @Half
        @LossScaled
        record Head(@MasterFp32 Parameter table) implements Uses {
          public Tensor loss(Tensor ids) {
            Tensor h = embedding(table, ids);
            return crossEntropy(matmul(tanh(h), transpose(table)), ids);
          }
        }

        /** There and back through one weight, by equations. */
        @Half
        @LossScaled
        record Equation(@MasterFp32 Parameter table) implements Uses {
          public Tensor loss(Tensor ids) {
            Tensor h = embedding(table, ids);
            Tensor there = einsum("bf,vf->bv", tanh(h), table);
            Tensor back = einsum("bv,vf->bf", there, table);
            return mean(multiply(back, back));
          }
        }

        /** One of several, which all are the same. */
        @Half
        @LossScaled
        record Several(@MasterFp32 List<Parameter> tables) implements Uses {
          public Tensor loss(Tensor ids) {
            Tensor h = tanh(embedding(tables.get(0), ids));
            Tensor wide = matmul(h, transpose(tables.get(0)));
            for (Parameter table : tables) {
              h = tanh(matmul(wide, table));
            }
            for (Parameter table : tables) {
              wide = add(wide, tanh(matmul(h, transpose(table))));
            }
            return mean(wide);
          }
        }

        /** Read in FP32, where its gradient is kept in half. */
        @Half
        @LossScaled
        record Exact(@MasterFp32 Parameter table, Inner inner) implements Uses {
          public Tensor loss(Tensor ids) {
            return mean(inner.forward(tanh(embedding(table, ids))));
          }

          @Full
          public record Inner(@MasterFp32 Parameter table) {
            public Tensor forward(Tensor h) {
              return matmul(h, transpose(table));
            }
          }
        }
      }
      """;

  private static final Device DEVICE = Device.of(new VectorBackend(1));
  private static final Device BEFORE = Device.current();

  @TempDir static Path directory;

  private static @Nullable ClassLoader classes;

  @BeforeAll
  static void compile() {
    Device.setDefault(DEVICE);
    CompiledPrograms compiled = CompiledPrograms.compile(Map.of("Uses", SOURCE), directory);
    assertEquals(List.of(), compiled.errors());
    classes = compiled.classes();
  }

  @AfterAll
  static void restore() {
    Device.setDefault(BEFORE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Head", "Equation", "Several", "Exact"})
  void noGradientHasMemoryOfItsOwn(String use) throws ReflectiveOperationException {
    for (HalfFormat half : new HalfFormat[] {HalfFormat.NONE, HalfFormat.FP16}) {
      try (Training training = training(use, half)) {
        Tensor ids = Tensor.ofInts(Shape.of(2), 1, 5);
        accumulate(training, ids);
        long held = DEVICE.memory().liveBytes();
        DEVICE.memory().resetPeaks();
        accumulate(training, ids);
        long temporary = DEVICE.memory().peakBytes() - held;
        long gradient = training.memoryUse().gradients();
        assertTrue(
            temporary < gradient / 4, use + " " + half + ": " + temporary + " of " + gradient);
      }
    }
  }

  private static void accumulate(Training training, Tensor ids) {
    FormBench.call(training, "accumulate", ids);
  }

  private static Training training(String use, HalfFormat half)
      throws ReflectiveOperationException {
    Parameter table = Parameter.uniform(Shape.of(VOCABULARY, FEATURES), 0.1f, new Random(3));
    Object model =
        switch (use) {
          case "Several" -> make(use, List.of(table, table));
          case "Exact" -> make(use, table, make("Exact$Inner", table));
          default -> make(use, table);
        };
    Class<?> form = FormBench.formOf(model.getClass());
    TrainingBuilder<?> builder =
        (TrainingBuilder<?>) requireNonNull(FormBench.callStatic(form, "training", model));
    return (Training) builder.half(half).optimizer(Sgd.of(0.1f)).build();
  }

  private static Object make(String name, Object... arguments) throws ReflectiveOperationException {
    Constructor<?> constructor =
        Class.forName("random.Uses$" + name, true, requireNonNull(classes))
            .getDeclaredConstructors()[0];
    return constructor.newInstance(arguments);
  }
}
