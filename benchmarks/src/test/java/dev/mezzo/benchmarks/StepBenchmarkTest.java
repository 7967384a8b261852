package dev.mezzo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.HalfFormat;
import dev.mezzo.benchmarks.StepBenchmark.Limits;
import dev.mezzo.benchmarks.workloads.ImageWorkload;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.scaling.LossScale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class StepBenchmarkTest {

  /** What torch_train.py prints, for workload W1. */
  private static final Set<String> PEERS_KEYS =
      Set.of(
          "peer",
          "workload",
          "precision",
          "mode",
          "threads",
          "optimizer",
          "batch",
          "timed_steps",
          "first_step_s",
          "step_s",
          "step_s_min",
          "samples_per_s",
          "gflop_per_step",
          "gflop_per_s",
          "param_bytes",
          "opt_state_bytes",
          "steps",
          "final_loss",
          "final_scale",
          "test_accuracy",
          "saved_activation_bytes",
          "saved_weight_copy_bytes",
          "grad_bytes");

  private static final long PARAMETERS = 784 * 1024 + 1024 + 1024 * 1024 + 1024 + 10 * 1024 + 10;

  private final DataLocation bundled = new DataLocation.Bundled();
  private final LabeledImages test = FashionMnist.test(bundled).first(100);

  @Test
  void keysOfThePeersAndBytesOfAMixedTraining() {
    Map<String, Object> result = measure(TrainingForm.MIXED);
    assertTrue(result.keySet().containsAll(PEERS_KEYS), result.keySet().toString());
    assertEquals("fp16", result.get("precision"));
    assertEquals(2, result.get("timed_steps"));
    assertEquals(4, result.get("steps"));
    assertEquals(2.45, result.get("gflop_per_step"));
    assertEquals(4 * PARAMETERS, result.get("param_bytes"));
    assertEquals(2 * PARAMETERS, result.get("saved_weight_copy_bytes"));
    assertEquals(2 * PARAMETERS, result.get("grad_bytes"));
    assertEquals(4 * PARAMETERS, result.get("opt_state_bytes"));
    assertEquals(65536f, result.get("final_scale"));
  }

  @Test
  void halfTheActivationsOfFp32() {
    long mixed = (Long) saved(TrainingForm.MIXED);
    long full = (Long) saved(TrainingForm.FP32);
    assertTrue(mixed <= 0.51 * full, mixed + " of " + full);
  }

  @Test
  void precisionsAreNamedAsPeersDo() {
    assertEquals("fp32", measure(TrainingForm.FP32).get("precision"));
    TrainingForm bf16 = new TrainingForm("BF16", "BF16", HalfFormat.BF16, true, LossScale.none());
    assertEquals("bf16", measure(bf16).get("precision"));
  }

  private Object saved(TrainingForm form) {
    Object bytes = measure(form).get("saved_activation_bytes");
    return bytes == null ? -1L : bytes;
  }

  private Map<String, Object> measure(TrainingForm form) {
    Limits limits = new Limits(1, 2, 0, 600, 4);
    ImageWorkload workload = ImageWorkload.mlp(FashionMnist.train(bundled).first(1024), test);
    return new StepBenchmark(workload, form, limits).measure(() -> {});
  }
}
