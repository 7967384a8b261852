package dev.mezzo.processor.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An annotated class as it is declared: what can be said of it also where its methods cannot be
 * read.
 *
 * @param half whether it is annotated with {@code @Half}
 * @param full whether it is annotated with {@code @Full}
 * @param master whether it is annotated with {@code @MasterFp32}: all its parameters
 * @param lossScaling the members of {@code @LossScaled}, if it is annotated so
 * @param forward where the forward method stands, if there is one
 * @param loss where the loss method stands, if there is one
 * @param fields in declaration order; no static ones
 * @param annotations where each annotation of Mezzo stands, by its simple name, and each member of
 *     it that is written out, as in {@code LossScaled.initial}
 * @param position the class's name
 */
public record LayerDeclaration(
    ClassName type,
    boolean half,
    boolean full,
    boolean master,
    Optional<LossScaling> lossScaling,
    Optional<SourcePosition> forward,
    Optional<SourcePosition> loss,
    List<FieldDeclaration> fields,
    Map<String, SourcePosition> annotations,
    SourcePosition position) {}
