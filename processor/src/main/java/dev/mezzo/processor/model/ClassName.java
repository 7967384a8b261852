package dev.mezzo.processor.model;

/**
 * A class's name.
 *
 * @param packageName empty for the unnamed package
 * @param name dots between nested classes, as in {@code Map.Entry}
 */
public record ClassName(String packageName, String name) {

  /**
   * The name of the generated class: {@code Mlp} has {@code MixedMlp}, {@code Models.Mlp} has
   * {@code MixedModels_Mlp}.
   */
  public ClassName mixed() {
    return new ClassName(packageName, "Mixed" + name.replace('.', '_'));
  }

  /** As written after {@code import}. */
  public String qualified() {
    return packageName.isEmpty() ? name : packageName + "." + name;
  }

  @Override
  public String toString() {
    return qualified();
  }
}
