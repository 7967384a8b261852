package dev.mezzo;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wraps a family of kernels so that one thread at a time uses it, under the lock of its backend.
 */
final class SerialKernels {

  private SerialKernels() {}

  static <K> K of(Class<K> family, K kernels, ReentrantLock lock) {
    return family.cast(
        Proxy.newProxyInstance(
            family.getClassLoader(),
            new Class<?>[] {family},
            (proxy, method, arguments) -> {
              lock.lock();
              try {
                return method.invoke(kernels, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              } finally {
                lock.unlock();
              }
            }));
  }
}
