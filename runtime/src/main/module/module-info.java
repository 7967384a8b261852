/**
 * Mixed precision training: tensors, operations, layers, optimizers and backends.
 *
 * <p>The vector backend reads {@code jdk.incubator.vector} where the JVM was started with it. Even
 * {@code requires static} would make javac warn in every module that requires this one.
 */
module dev.mezzo {
  requires transitive dev.mezzo.annotations;
  requires transitive org.jspecify; // in generated code
  requires jdk.jfr;

  exports dev.mezzo;
  exports dev.mezzo.backend;
  exports dev.mezzo.io;
  exports dev.mezzo.layers;
  exports dev.mezzo.optim;
  exports dev.mezzo.scaling;
  exports dev.mezzo.testing;
  exports dev.mezzo.types;
}
