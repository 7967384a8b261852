/** The annotations that a layer is written with. */
module dev.mezzo.annotations {
  requires static org.jspecify;

  exports dev.mezzo.annotations;
}
