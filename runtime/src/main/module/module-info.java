/** Mixed precision training: tensors, operations, layers, optimizers and backends. */
module dev.mezzo {
  requires transitive dev.mezzo.annotations;
  requires static jdk.incubator.vector; // absent at run time: the scalar backend
  requires static transitive org.jspecify;

  exports dev.mezzo.backend;
  exports dev.mezzo.optim;
  exports dev.mezzo.scaling;
  exports dev.mezzo.types;
  exports dev.mezzo;
}
