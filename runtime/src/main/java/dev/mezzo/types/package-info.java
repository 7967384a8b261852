/**
 * Values that describe a tensor without holding it: {@link DType}, {@link Shape}, {@link Layout}.
 * Shared by the API and the backends; imports neither.
 */
@NullMarked
package dev.mezzo.types;

import org.jspecify.annotations.NullMarked;
