/**
 * Small models whose mixed forms the processor writes, as a user's: what devices are compared by.
 */
@NullMarked
package dev.mezzo.models;

import org.jspecify.annotations.NullMarked;
