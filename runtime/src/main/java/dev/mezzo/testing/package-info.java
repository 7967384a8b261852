/** For the tests of a project that uses Mezzo. Depends on no test framework. */
@NullMarked
package dev.mezzo.testing;

import org.jspecify.annotations.NullMarked;
