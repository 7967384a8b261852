package dev.mezzo.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PlanTextTest {
  private static final String PLAN =
      """
      {
        "format": 1,
        "precision": "half",
        "parameters": [
          {"name": "weight", "line": 3, "kept": "FP32 master, half shadow"}
        ],
        "functions": [
          {"name": "forward", "line": 5, "casts": 0, "saved": "2·|x|", "values": [
            {"name": "x", "line": 5, "operation": "input", "operands": [], "precision": "half", "saved": true, "readBy": ["linear weight"]},
            {"name": "y", "line": 6, "operation": "linear", "operands": ["x half", "weight half"], "precision": "half", "saved": false}
          ]}
        ]
      }
      """;

  private static List<String> changes(String from, String to) {
    return PlanText.of(PLAN).changes(PlanText.of(PLAN.replace(from, to)));
  }

  @Test
  void linesDoNotMatter() {
    assertEquals(List.of(), changes("\"line\": 6", "\"line\": 60"));
  }

  @Test
  void aMemberOfAValue() {
    assertEquals(
        List.of("forward: y (line 6): operands [\"x half\", \"weight half\"] \u2192 [\"x half\"]"),
        changes("[\"x half\", \"weight half\"]", "[\"x half\"]"));
  }

  @Test
  void aMemberThatIsGone() {
    assertEquals(
        List.of("forward: x (line 5): readBy [\"linear weight\"] \u2192 none"),
        changes(", \"readBy\": [\"linear weight\"]", ""));
  }

  @Test
  void theLayerItsParametersAndFunctions() {
    assertEquals(
        List.of("layer: precision \"half\" \u2192 \"full\""),
        changes("\"precision\": \"half\",\n", "\"precision\": \"full\",\n"));
    assertEquals(
        List.of(
            "parameter weight (line 3): kept \"FP32 master, half shadow\" \u2192 \"half only\""),
        changes("FP32 master, half shadow", "half only"));
    assertEquals(
        List.of("forward (line 5): casts 0 \u2192 2"), changes("\"casts\": 0", "\"casts\": 2"));
  }

  @Test
  void aValueUnderAnotherName() {
    assertEquals(
        List.of(
            "- forward: y: operation \"linear\", operands [\"x half\", \"weight half\"], precision \"half\", saved false",
            "+ forward: z: operation \"linear\", operands [\"x half\", \"weight half\"], precision \"half\", saved false"),
        changes("\"name\": \"y\"", "\"name\": \"z\""));
  }
}
