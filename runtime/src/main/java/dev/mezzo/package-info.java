/** What a user imports: tensors, operations, parameters, training. */
@NullMarked
package dev.mezzo;

import org.jspecify.annotations.NullMarked;
