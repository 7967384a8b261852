/**
 * What a user writes on layers and operations: {@link Half}, {@link Full}, {@link MasterFp32},
 * {@link LossScaled} on layers, {@link Op} and {@link Gradient} on operations. Annotations only, no
 * dependency; the processor reads them from source and from class files.
 */
@NullMarked
package dev.mezzo.annotations;

import org.jspecify.annotations.NullMarked;
