package dev.mezzo.processor.model;

/**
 * A field or record component of type {@code State}, or with several of them.
 *
 * @param access how generated code reads it from the model
 */
public record StateModel(String name, String access, Holder holder) {}
