package dev.mezzo.processor.check;

import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.model.LossScaling;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** The members of {@code @LossScaled} make a loss scale. */
final class LossScaleMemberRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.lossScaling().stream().flatMap(scaling -> check(layer, scaling));
  }

  private static Stream<Problem> check(LayerDeclaration layer, LossScaling scaling) {
    return members(scaling)
        .filter(member -> !member.right())
        .map(
            member ->
                Catalogue.LOSS_SCALE_MEMBER.at(
                    layer
                        .annotations()
                        .getOrDefault(
                            "LossScaled." + member.name(),
                            layer.annotations().getOrDefault("LossScaled", layer.position())),
                    member.name(),
                    member.value(),
                    member.expected()));
  }

  private static Stream<Member> members(LossScaling scaling) {
    return switch (scaling.scaling()) {
      case NONE -> Stream.empty();
      case STATIC -> {
        float scale = scaling.initial();
        yield Stream.of(
            new Member("initial", scale, scale > 0 && Float.isFinite(scale), "positive"));
      }
      case DYNAMIC -> dynamic(scaling);
    };
  }

  private static Stream<Member> dynamic(LossScaling scaling) {
    float floor = scaling.floor();
    float ceiling = scaling.ceiling();
    float initial = scaling.initial();
    float growth = scaling.growth();
    float backoff = scaling.backoff();
    return Stream.of(
        new Member("growth", growth, growth >= 1 && Float.isFinite(growth), "at least 1"),
        new Member("backoff", backoff, backoff > 0 && backoff < 1, "between 0 and 1"),
        new Member("interval", scaling.interval(), scaling.interval() >= 1, "at least 1"),
        new Member("hysteresis", scaling.hysteresis(), scaling.hysteresis() >= 1, "at least 1"),
        new Member("floor", floor, floor > 0, "above 0"),
        new Member(
            "ceiling",
            ceiling,
            ceiling >= floor && Float.isFinite(ceiling),
            "finite and at least the floor, " + floor),
        new Member(
            "initial",
            initial,
            initial >= floor && initial <= ceiling,
            "between the floor, " + floor + ", and the ceiling, " + ceiling));
  }

  /** A member of the annotation, and whether its value is right. */
  private record Member(String name, Number value, boolean right, String expected) {}
}
