/** The annotation processor. Nothing to compile against: javac finds it by its service. */
module dev.mezzo.processor {
  requires com.palantir.javapoet;
  requires dev.mezzo.annotations;
  requires java.compiler;
  requires jdk.compiler;
  requires static org.jspecify;

  provides javax.annotation.processing.Processor with
      dev.mezzo.processor.MezzoProcessor;
}
