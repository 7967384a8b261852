/**
 * Fashion-MNIST: where its files are, the IDX format, shuffled batches of tensors. What is wrong
 * with a file is a {@link dev.mezzo.examples.data.DataException} that names file, byte and cure. No
 * model and no command line here.
 */
@NullMarked
package dev.mezzo.examples.data;

import org.jspecify.annotations.NullMarked;
