package dev.mezzo.examples.cli;

import dev.mezzo.HalfFormat;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.scaling.LossScale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which form of the generated class trains. */
public final class FormOptions {

  @Option(
      names = "--half",
      paramLabel = "fp16|bf16|none",
      description = "the 16-bit format; none is FP32 throughout; default ${DEFAULT-VALUE}",
      defaultValue = "fp16")
  HalfFormat half;

  @Option(
      names = "--no-master",
      description = "keep the weights in 16 bits alone, without an FP32 master copy")
  boolean noMaster;

  @Option(
      names = "--loss-scale",
      paramLabel = "dynamic|none|NUMBER",
      description =
          "factor of the loss; by default dynamic with fp16; none with bf16, whose range is FP32's, and with none",
      converter = LossScaleConverter.class)
  @Nullable LossScale lossScale;

  /** For picocli. */
  public FormOptions() {}

  /** The form. */
  public TrainingForm form() {
    LossScale usual = half == HalfFormat.FP16 ? LossScale.dynamic() : LossScale.none();
    LossScale chosen = lossScale == null ? usual : lossScale;
    String format = half == HalfFormat.NONE ? "FP32" : half.name();
    String masters =
        half == HalfFormat.NONE ? "" : noMaster ? ", no master weights" : ", FP32 master weights";
    String scaling =
        chosen.growth() > 1
            ? ", dynamic loss scaling"
            : chosen.scale() == 1 ? ", no loss scaling" : ", loss scale " + chosen.scale();
    return new TrainingForm(format, format + masters + scaling, half, !noMaster, chosen);
  }

  /** {@code dynamic}, {@code none} or a number. */
  static final class LossScaleConverter implements ITypeConverter<LossScale> {
    @Override
    public LossScale convert(String text) {
      try {
        return switch (text) {
          case "dynamic" -> LossScale.dynamic();
          case "none" -> LossScale.none();
          default -> LossScale.fixed(Float.parseFloat(text));
        };
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "must be dynamic, none or a positive number, but is '" + text + "'");
      }
    }
  }
}
