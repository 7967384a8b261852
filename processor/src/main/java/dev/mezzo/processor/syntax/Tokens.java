package dev.mezzo.processor.syntax;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a rule, token by token. */
public final class Tokens {
  /** What {@link #peek} says behind the last token. */
  public static final String END = "its end";

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(\\.\\.\\.?|->|[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*|\\d+(?:\\.\\d+)?(?:e-?\\d+)?|[^\\s])");

  private final String text;
  private final List<String> tokens = new ArrayList<>();
  private int next;

  /** Reads a text. */
  public Tokens(String text) {
    this.text = text;
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.find()) {
      tokens.add(matcher.group(1));
    }
  }

  /** The next token. */
  public String peek() {
    return next < tokens.size() ? tokens.get(next) : END;
  }

  /** Whether the token after the next is that one. */
  public boolean isFollowedBy(String token) {
    return next + 1 < tokens.size() && tokens.get(next + 1).equals(token);
  }

  /** Whether the next token is a name. */
  public boolean isName() {
    return next < tokens.size() && Character.isJavaIdentifierStart(peek().charAt(0));
  }

  /** Whether the next token is a number. */
  public boolean isNumber() {
    return Character.isDigit(peek().charAt(0));
  }

  /** The next token, which is taken. */
  public String take() {
    String token = peek();
    next++;
    return token;
  }

  /** Takes the next token if it is that one. */
  public boolean takeIf(String token) {
    boolean found = peek().equals(token);
    if (found) {
      next++;
    }
    return found;
  }

  /** Takes the next token, which must be that one. */
  public void expect(String token) {
    if (!takeIf(token)) {
      throw unexpected("'" + token + "'");
    }
  }

  /** Checks that there are no more tokens. */
  public void expectEnd() {
    if (next < tokens.size()) {
      throw unexpected("the end");
    }
  }

  /** The error that something else stands where the expected must be. */
  public SyntaxException unexpected(String expected) {
    String found = next < tokens.size() ? "'" + peek() + "'" : END;
    return new SyntaxException("\"" + text + "\" has " + found + " where " + expected + " must be");
  }
}
