package dev.mezzo.processor;

import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import javax.annotation.processing.Processor;

/**
 * The processor with a mistake in one method: all methods of that name in a class throw. Its
 * classes are loaded, and changed, by a loader of their own.
 */
final class FaultyProcessor {
  private static final String PACKAGE = "dev.mezzo.processor.";

  private FaultyProcessor() {}

  /**
   * The processor that fails.
   *
   * @param type the class, without the processor's package
   * @param method all of that name throw
   * @param failure the class of what they throw, with the message {@code forced}
   */
  static Processor at(String type, String method, Class<? extends Throwable> failure)
      throws ReflectiveOperationException {
    ClassLoader loader = new FaultyLoader(PACKAGE + type, method, failure);
    return (Processor)
        loader.loadClass(MezzoProcessor.class.getName()).getConstructor().newInstance();
  }

  /** Defines the processor's classes itself. */
  private static final class FaultyLoader extends ClassLoader {
    private final String type;
    private final String method;
    private final ClassDesc failure;

    FaultyLoader(String type, String method, Class<? extends Throwable> failure) {
      super(FaultyProcessor.class.getClassLoader());
      this.type = type;
      this.method = method;
      this.failure = failure.describeConstable().orElseThrow();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known != null || !name.startsWith(PACKAGE) ? parents(name, known) : define(name);
      }
    }

    private Class<?> parents(String name, Class<?> known) throws ClassNotFoundException {
      return known != null ? known : super.loadClass(name, false);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (file == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = file.readAllBytes();
        byte[] code = name.equals(type) ? broken(bytes) : bytes;
        return defineClass(name, code, 0, code.length);
      } catch (IOException failed) {
        throw new ClassNotFoundException(name, failed);
      }
    }

    private byte[] broken(byte[] bytes) {
      ClassFile classes = ClassFile.of();
      ClassModel model = classes.parse(bytes);
      if (model.methods().stream().noneMatch(m -> m.methodName().equalsString(method))) {
        throw new IllegalArgumentException(type + " has no method " + method);
      }
      return classes.transformClass(
          model,
          ClassTransform.transformingMethods(
              m -> m.methodName().equalsString(method),
              (builder, element) -> {
                if (element instanceof CodeModel) {
                  builder.withCode(
                      code ->
                          code.new_(failure)
                              .dup()
                              .loadConstant("forced")
                              .invokespecial(
                                  failure, INIT_NAME, MethodTypeDesc.of(CD_void, CD_String))
                              .athrow());
                } else {
                  builder.with(element);
                }
              }));
    }
  }
}
