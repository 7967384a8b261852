package dev.mezzo;

import dev.mezzo.optim.Optimizer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Weights with a rule of their own.
 *
 * @param of which they are
 * @param optimizer how they follow their gradients; null for not at all
 */
record WeightGroup(Predicate<? super WeightPlace> of, @Nullable Optimizer optimizer) {}
