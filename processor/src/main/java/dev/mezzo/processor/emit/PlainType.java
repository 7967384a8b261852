package dev.mezzo.processor.emit;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeVariableName;

/** The type of a plain parameter, from its text, which may be that of any Java type. */
final class PlainType {
  private PlainType() {}

  /**
   * A name of its own keeps the text as it is: {@code java.util.List<String>} is written as it
   * came.
   */
  static TypeName of(String type) {
    if (type.endsWith("[]")) {
      return ArrayTypeName.of(of(type.substring(0, type.length() - 2)));
    }
    return switch (type) {
      case "boolean" -> TypeName.BOOLEAN;
      case "byte" -> TypeName.BYTE;
      case "short" -> TypeName.SHORT;
      case "char" -> TypeName.CHAR;
      case "int" -> TypeName.INT;
      case "long" -> TypeName.LONG;
      case "float" -> TypeName.FLOAT;
      case "double" -> TypeName.DOUBLE;
      default -> TypeVariableName.get(type);
    };
  }
}
