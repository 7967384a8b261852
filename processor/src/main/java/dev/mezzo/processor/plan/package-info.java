/**
 * Decides what the generated code does: pure functions from model to plan, a stage a file.
 * Precision of every value ({@link dev.mezzo.processor.plan.PrecisionPlanner}), casts, activity,
 * saved values, the forward and backward programs, lifetimes, guards. Plans are records; nothing
 * here knows the compiler or Java's layout: that is {@code emit}.
 */
@NullMarked
package dev.mezzo.processor.plan;

import org.jspecify.annotations.NullMarked;
