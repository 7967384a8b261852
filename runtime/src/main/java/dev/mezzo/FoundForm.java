package dev.mezzo;

import dev.mezzo.annotations.MixedForm;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/** The mixed form of a layer whose class is known only when the training is built. */
final class FoundForm {

  private FoundForm() {}

  /**
   * Makes the form that the processor has written beside the model's class.
   *
   * @throws IllegalStateException if there is none, or not one of that type
   */
  static <M> M create(Object model, Mixing mixing, Class<M> type) {
    Class<?> form = find(model.getClass(), mixing.path());
    if (!type.isAssignableFrom(form)) {
      throw failure(
          mixing.path(),
          model.getClass(),
          "whose mixed form is no " + type.getSimpleName() + "; compile it again");
    }
    try {
      Constructor<?> constructor = form.getDeclaredConstructor(model.getClass(), Mixing.class);
      constructor.setAccessible(true);
      return type.cast(constructor.newInstance(model, mixing));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(form.getName() + " could not be created", e.getCause());
    } catch (RuntimeException e) {
      throw failure(
          mixing.path(),
          model.getClass(),
          "whose package is not open; add 'opens %s to dev.mezzo' to the descriptor of %s"
              .formatted(form.getPackageName(), form.getModule().getName()));
    } catch (ReflectiveOperationException e) {
      throw failure(
          mixing.path(),
          model.getClass(),
          "whose mixed form has another constructor; compile it again with this version of Mezzo");
    }
  }

  private static Class<?> find(Class<?> model, String path) {
    if (model.isHidden() || model.isAnonymousClass() || model.isLocalClass()) {
      throw failure(
          path, model, "a lambda or local class, which has no mixed form; write a class for it");
    }
    String simple = model.getName().substring(model.getPackageName().length());
    String name = "Mixed" + simple.replaceFirst("^\\.", "").replace('$', '_');
    String qualified =
        model.getPackageName().isEmpty() ? name : model.getPackageName() + "." + name;
    try {
      return Class.forName(qualified, true, model.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw failure(
          path,
          model,
          "whose mixed form '%s' was not found; annotate the class with @Half or @Full and compile it with Mezzo's processor"
              .formatted(name));
    }
  }

  /**
   * Checks what a form says of itself.
   *
   * @throws IllegalStateException if another version of Mezzo has written it, or for another class
   *     than the model's
   */
  static <M> M checked(M form, Object model, String path) {
    @Nullable MixedForm says = form.getClass().getAnnotation(MixedForm.class);
    if (says != null && says.format() != MixedForm.FORMAT) {
      throw failure(
          path,
          model.getClass(),
          "whose mixed form has format %d, but must have format %d; compile it again with this version of Mezzo"
              .formatted(says.format(), MixedForm.FORMAT));
    }
    if (says != null && says.of() != model.getClass()) {
      throw failure(
          path,
          model.getClass(),
          "but its field says %s, whose mixed form knows nothing of it; give the field the type of an annotated interface"
              .formatted(says.of().getSimpleName()));
    }
    return form;
  }

  private static IllegalStateException failure(String path, Class<?> model, String found) {
    return new IllegalStateException(
        "sub-layer '%s' is a %s, %s".formatted(path, model.getName(), found));
  }
}
