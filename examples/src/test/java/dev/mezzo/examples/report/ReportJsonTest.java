package dev.mezzo.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportJsonTest {

  private final JsonNode document = parse(ReportJson.of(SampleReport.of(20)));
  private final JsonNode mixed = document.path("forms").path(1);

  @Test
  void keysOfAForm() {
    assertEquals(
        List.of(
            "name",
            "description",
            "half",
            "master_weights",
            "steps",
            "skipped_steps",
            "stopped",
            "test_accuracy",
            "final_loss",
            "step_seconds",
            "final_scale",
            "weight_bytes",
            "shadow_bytes",
            "gradient_bytes",
            "optimizer_state_bytes",
            "saved_activation_bytes",
            "gradients",
            "epoch_accuracies",
            "losses",
            "scales"),
        keys(mixed));
  }

  @Test
  void keysOfTheSetup() {
    assertEquals(
        List.of(
            "mezzo",
            "java",
            "device",
            "data",
            "train_images",
            "test_images",
            "model",
            "optimizer",
            "batch",
            "epochs",
            "seed",
            "sample_every"),
        keys(document.path("setup")));
  }

  @Test
  void numbers() {
    assertEquals("mixed", mixed.path("name").asText());
    assertEquals(0.875, mixed.path("test_accuracy").asDouble());
    assertEquals(0.012, mixed.path("step_seconds").asDouble());
    assertEquals(65536, mixed.path("final_scale").asInt());
    assertEquals(4, mixed.path("losses").size());
    assertEquals(2_000_000, mixed.path("shadow_bytes").asLong());
  }

  @Test
  void gradientExponents() {
    JsonNode gradients = mixed.path("gradients");
    assertEquals(0.5, gradients.path("below_fp16_before_scaling").asDouble());
    assertEquals(0.25, gradients.path("below_fp16_after_scaling").asDouble());
    assertEquals(0.25, gradients.path("updates_lost_share").asDouble());
    JsonNode exponents = gradients.path("exponents");
    assertEquals(-60, exponents.path("least").asInt());
    JsonNode counts = exponents.path("counts");
    assertEquals(-2 + 60 + 1, counts.size());
    assertEquals(1, counts.path(0).asInt());
    assertEquals(1, counts.path(30).asInt());
    assertEquals(1, counts.path(58).asInt());
    assertEquals(1, exponents.path("zeros").asInt());
  }

  @Test
  void whatIsNotFiniteIsNull() {
    JsonNode stopped = document.path("forms").path(2);
    assertTrue(stopped.path("final_loss").isNull());
    assertTrue(stopped.path("losses").path(1).isNull());
    assertEquals("too many skips", stopped.path("stopped").asText());
    assertTrue(mixed.path("stopped").isNull());
  }

  private static List<String> keys(JsonNode node) {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private static JsonNode parse(String json) {
    try {
      return JsonMapper.builder().build().readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }
}
