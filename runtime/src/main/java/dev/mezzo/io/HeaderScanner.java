package dev.mezzo.io;

/**
 * The JSON of a safetensors header: objects, arrays of whole numbers, strings. Nothing else stands
 * there, and whatever else stands there is an error.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>
 */
final class HeaderScanner {

  private final String text;
  private int at;

  HeaderScanner(String text) {
    this.text = text;
  }

  /** Reads an object: {@code member} reads the value of each name. */
  void object(Member member) {
    list(
        '{',
        '}',
        () -> {
          String name = string();
          expect(':');
          member.read(name);
        });
  }

  /** Reads an array: {@code element} reads each. */
  void array(Runnable element) {
    list('[', ']', element);
  }

  private void list(char first, char last, Runnable part) {
    expect(first);
    if (next() == last) {
      at++;
      return;
    }
    do {
      part.run();
    } while (accept(','));
    expect(last);
  }

  /** Reads a number that is whole and not negative. */
  long number() {
    next();
    int begin = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    String digits = text.substring(begin, at);
    if (digits.isEmpty() || (digits.length() > 1 && digits.startsWith("0"))) {
      at = begin;
      throw wrong("a whole number");
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      at = begin;
      throw wrong("a number of at most 63 bits");
    }
  }

  String string() {
    expect('"');
    StringBuilder read = new StringBuilder();
    while (true) {
      char c = take();
      if (c == '"') {
        return read.toString();
      }
      if (c < ' ') {
        at--;
        throw wrong("no control character in a string");
      }
      read.append(c == '\\' ? escaped() : c);
    }
  }

  /** Nothing may follow but space. */
  void end() {
    if (next() != 0 || at < text.length()) {
      throw wrong("the end");
    }
  }

  private char escaped() {
    char c = take();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(take(), 16);
          if (digit < 0) {
            at--;
            throw wrong("a hexadecimal digit");
          }
          code = 16 * code + digit;
        }
        yield (char) code;
      }
      default -> {
        at--;
        throw wrong("an escape of JSON");
      }
    };
  }

  private boolean accept(char c) {
    boolean there = next() == c;
    at += there ? 1 : 0;
    return there;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw wrong("'" + c + "'");
    }
  }

  /** The character behind any space; 0 at the end. */
  private char next() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private char take() {
    if (at == text.length()) {
      throw wrong("the end of a string");
    }
    return text.charAt(at++);
  }

  IllegalArgumentException wrong(String expected) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "its end";
    return new IllegalArgumentException(
        "%s at character %d of its header, where %s must be".formatted(found, at, expected));
  }

  /** Reads the value of a member. */
  @FunctionalInterface
  interface Member {
    void read(String name);
  }
}
