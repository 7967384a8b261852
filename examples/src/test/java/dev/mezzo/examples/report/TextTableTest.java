package dev.mezzo.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class TextTableTest {

  @Test
  void aRowForEachMetricAndAColumnForEachForm() {
    assertEquals(
        """
                                               FP32           mixed       no master      no scaling
        test accuracy                       87.50 %         87.50 %         10.00 %         87.50 %
        final loss                           0.9375          0.9375             NaN          0.9375
        step time                           12.0 ms         12.0 ms         12.0 ms         12.0 ms
        weights                      4.00 + 2.00 MB  4.00 + 2.00 MB  4.00 + 2.00 MB  4.00 + 2.00 MB
        gradients                           2.50 MB         2.50 MB         2.50 MB         2.50 MB
        optimizer state                     3.00 MB         3.00 MB         3.00 MB         3.00 MB
        saved activations                   1.50 MB         1.50 MB         1.50 MB         1.50 MB
        skipped steps                        0 of 4          0 of 4          2 of 2          0 of 4
        loss scale                                1           65536           65536               1
        gradients < 2^-24, unscaled         50.00 %         50.00 %         50.00 %         50.00 %
        gradients < 2^-24, scaled           25.00 %         25.00 %         25.00 %         50.00 %
        gradients = 0                       25.00 %         25.00 %         25.00 %         25.00 %
        updates lost                        25.00 %         25.00 %         25.00 %         25.00 %
        no master stopped: too many skips
        """,
        TextTable.of(SampleReport.of(20)));
  }
}
