package dev.mezzo.processor.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.Training;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ScopeTest {

  @Test
  void knowsTheMethodsThatATrainingInherits() {
    Set<String> inherited = new TreeSet<>();
    for (Method method : Training.class.getDeclaredMethods()) {
      boolean visible =
          Modifier.isPublic(method.getModifiers()) || Modifier.isProtected(method.getModifiers());
      if (visible && !method.isSynthetic()) {
        inherited.add(method.getName());
      }
    }
    assertEquals(inherited, new TreeSet<>(Scope.OF_TRAINING));
  }
}
