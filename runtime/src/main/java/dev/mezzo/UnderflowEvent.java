package dev.mezzo;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.StackTrace;

/** Underflow in one layer, or in one weight's gradient, as JDK Flight Recorder shows it. */
@Name("dev.mezzo.Underflow")
@Label("Underflow")
@Category("Mezzo")
@Description("Values of a training step that are zero or subnormal in the 16-bit format")
@StackTrace(false)
final class UnderflowEvent extends Event {

  @Label("Step")
  long step;

  @Label("Loss Scale")
  float scale;

  @Label("Values")
  @Description("activation gradients, or weight gradients")
  String values = "";

  @Label("Layer")
  @Description("class and path in the model of a layer, or a weight's path")
  String layer = "";

  @Label("Source")
  @Description("lines of the model")
  String source = "";

  @Label("Elements")
  long elements;

  @Label("Zeros")
  long zeros;

  @Label("Subnormals")
  long subnormals;

  @Label("Share")
  @Description("of zeros and subnormals")
  @Percentage
  double share;

  /** Commits an event for each layer and each weight, if anybody records them. */
  static void commit(long step, StepStatistics statistics) {
    for (LayerStatistics layer : statistics.layers()) {
      commit(
          step,
          statistics,
          "activation gradients",
          layer.toString(),
          String.join(" > ", layer.lines()),
          layer.activationGradients());
    }
    for (WeightStatistics weight : statistics.weights()) {
      commit(
          step, statistics, "weight gradients", weight.path(), weight.source(), weight.gradient());
    }
  }

  private static void commit(
      long step,
      StepStatistics statistics,
      String values,
      String layer,
      String source,
      ExponentHistogram histogram) {
    UnderflowEvent event = new UnderflowEvent();
    if (!event.isEnabled() || histogram.total() == 0) {
      return;
    }
    Underflow underflow = Underflow.of(histogram, statistics.half());
    event.step = step;
    event.scale = statistics.scale();
    event.values = values;
    event.layer = layer;
    event.source = source;
    event.elements = underflow.elements();
    event.zeros = underflow.zeros();
    event.subnormals = underflow.subnormals();
    event.share = underflow.share();
    event.commit();
  }
}
