package dev.mezzo.processor.model;

import java.util.List;
import java.util.stream.Stream;

/** Statements in order. */
public record Block(List<Statement> statements) {

  /** All statements, those within branches and loops right behind the branch or loop itself. */
  public Stream<Statement> all() {
    return statements.stream()
        .flatMap(
            statement ->
                switch (statement) {
                  case Statement.If branch ->
                      Stream.of(Stream.of(statement), branch.then().all(), branch.otherwise().all())
                          .flatMap(within -> within);
                  case Statement.Loop loop ->
                      Stream.concat(Stream.of(statement), loop.body().all());
                  default -> Stream.of(statement);
                });
  }
}
