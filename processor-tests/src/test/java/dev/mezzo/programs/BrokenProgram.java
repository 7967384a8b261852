package dev.mezzo.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Breaks programs: most are no Java any more, or not the language of {@code forward}. */
public final class BrokenProgram {
  private static final Pattern TOKEN =
      Pattern.compile("@?\\w+|\"[^\"]*\"|[<>=!&|+*/%-]+|[^\\s\\w]");

  private static final List<String> ANNOTATIONS =
      List.of(
          "@Half @Full",
          "@Missing",
          "@MasterFp32",
          "@LossScaled",
          "@LossScaled(initial = -1, growth = 0)",
          "@Override",
          "@Op(PrecisionClass.FOLLOW)",
          "@Op",
          "@Gradient(of = \"forward\", wrt = \"x\")",
          "@Dims({\"batch\", \"2*(\"})",
          "@Dims(\"...\")",
          "@SuppressWarnings(\"mezzo\")",
          "@Half(1)",
          "");

  private static final List<String> TYPES =
      List.of(
          "int",
          "Object",
          "String",
          "Parameter",
          "Missing",
          "Tensor[]",
          "List<Tensor>",
          "var",
          "void",
          "T",
          "? extends Layer",
          "Map<String, Linear>",
          "double",
          "Optional<Tensor>");

  private static final List<String> KINDS =
      List.of("class", "enum", "interface", "@interface", "abstract class", "sealed interface");

  private static final List<String> STATEMENTS =
      List.of(
          "try { x = x; } finally { }",
          "Runnable run = () -> { };",
          "synchronized (this) { x = relu(x); }",
          "x = null;",
          "return null;",
          "return;",
          "Tensor[] several = {x, x};",
          "switch (x.shape().rank()) { case 2 -> x = relu(x); default -> { } }",
          "x = switch (1) { case 1 -> x; default -> relu(x); };",
          "do { x = relu(x); } while (x.shape().rank() > 3);",
          "assert x != null;",
          "throw new IllegalStateException();",
          "int[] numbers = new int[2]; numbers[0]++;",
          "label: for (;;) { break label; }",
          "class Local { }",
          "x.close();",
          "Object object = x;",
          "this.forward(x);",
          "var list = List.of(x);",
          "x = (Tensor) (Object) x;",
          "float item = x.item();",
          "x = relu(x = x);",
          "for (;;) { }",
          "while (true) { break; }",
          "final Tensor later; later = x;",
          "Tensor later;",
          "int a = 0, b = 1; a = b = 2;",
          "if (x == null) return x;",
          "x = x instanceof Parameter p ? p : x;",
          "x = relu(relu);",
          "x = relu(x, x);",
          "x = relu();",
          "x = reshape(x, new int[] {3, 4});",
          "x = add(x, 1);",
          "x = scale(x, 1.0);",
          "x = scale(x, (float) Math.sqrt(x.shape().dim(0)));",
          "{ { x = relu(x); } }",
          ";",
          "for (Tensor each : List.of(x)) { x = each; }",
          "for (int i = 0, j = 0; i < 2; i++, j++) { x = relu(x); }",
          "for (var i = 0L; i < 2; i += 1) { x = scale(x, i); }",
          "x = Ops.<Tensor>relu(x);",
          "x = new Linear(4, 4).forward(x);",
          "x = Parameter.zeros(dev.mezzo.types.Shape.of(3, 4));",
          "String text = \"\"\"\n a\n \"\"\";",
          "char c = 'c'; int n = c + 0x1F + 0b1 + 1_0 + 'a'; x = scale(x, n);",
          "boolean yes = x.shape().rank() == 2 ? true : !false; if (yes ^ false) { x = relu(x); }",
          "x = concat(0, x, x);",
          "x = einsum(\"ij,jk\", x);",
          "x = slice(x, 9, 8, 7);",
          "x = matmul(x, x);",
          "x = add(x, matmul(x, transpose(x)));",
          "x = reshape(x, 5, 7);",
          "x = scale(x, 1e30f);",
          "x = scale(x, Float.NaN);",
          "x = dropout(x, 2f);",
          "Pair pair = x.shape().rank() == 2 ? new Pair(x, x) : null; x = pair.h();",
          "x = (true ? new Pair(x, relu(x)) : new Pair(x, x)).c();",
          "x = switch (1) { case 1 -> new Pair(x, x); default -> throw new Error(); }.h();",
          "for (var entry : Map.of(1, x).entrySet()) { x = entry.getValue(); }",
          "for (Linear each : Map.<String, Linear>of().values()) { x = each.forward(x); }",
          "@Recompute Tensor again = relu(x); x = again;",
          "@Recompute var same = x; x = same;",
          "@Recompute int seven = 7;",
          "@Recompute Pair twice = new Pair(x, x); x = twice.h();",
          "@Full @Recompute Tensor both = Ops.tanh(x);",
          "java.util.function.UnaryOperator<Tensor> f = t -> relu(t); x = f.apply(x);",
          "Linear made = true ? null : new Linear(4, 4); x = made.forward(x);",
          "x = java.util.stream.Stream.of(x).reduce(x, Ops::add);",
          "List.of(x).forEach(each -> { });",
          "this.calls += 1;",
          "java.util.Objects.requireNonNull(x).close();",
          "if (x.shape().rank() > 5) { throw new Error(); } else { x = relu(x); }",
          "if (x.shape().rank() > 5) { x = relu(x); } else { throw new Error(); }",
          "do { Tensor inner = relu(x); } while (inner.shape().rank() > 5);",
          "do { if (x.shape().rank() > 1) { continue; } x = relu(x); } while (false);",
          "do { throw new Error(); } while (true);",
          "x = switch (3) { case 1 -> throw new Error(); default -> throw new Error(); };",
          "x = switch (3) { case 1: yield x; default: throw new Error(); };",
          "Object o = 1; x = switch (o) { case Integer i when i > 0 -> x; case Object p -> relu(x); };",
          "Object o = 1; x = o instanceof Integer i && i > 0 ? scale(x, i) : x;",
          "Object o = 1; if (!(o instanceof Integer i)) { return x; } x = scale(x, i);",
          "Object o = 1; while (!(o instanceof String s)) { o = \"s\"; }",
          "Object o = 1; switch (o) { case Pair(Tensor a, var b) -> x = a; default -> { } }",
          "x = x instanceof Tensor t ? t : x;",
          "x = add(x, new Linear(4, 4).weight());",
          "java.util.Optional.of(x).ifPresent(System.out::println);",
          "System.out.println(x); System.out.println(\"x is \" + x);",
          "if (this == null) { x = relu(x); }",
          "java.util.List<String> log = new java.util.ArrayList<>(); log.add(\"a\"); log.clear();",
          "relu(x);",
          "new Object();",
          "throw null;");

  private final Random random;
  private String text;

  private BrokenProgram(Random random, String text) {
    this.random = random;
    this.text = text;
  }

  /** The source of a program, broken in up to three places. */
  public static String of(Program program, long seed) {
    BrokenProgram breaking = new BrokenProgram(new Random(seed), program.source());
    for (int i = breaking.random.nextInt(3); i >= 0; i--) {
      breaking.change();
    }
    return breaking.text;
  }

  private void change() {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> insert("\\n      ", STATEMENTS);
      case 4 -> replace("@(Half|Full|MasterFp32)", ANNOTATIONS);
      case 5 -> replace("\\b(Tensor|Parameter|int|Linear|Layer)\\b", TYPES);
      case 6 -> replace("\\brecord\\b", KINDS);
      case 7 -> insert("\\n  (?=@Half|@Full)", ANNOTATIONS);
      default -> token();
    }
  }

  private void insert(String where, List<String> what) {
    int at = pick(where, true);
    text = text.substring(0, at) + pick(what) + " " + text.substring(at);
  }

  private void replace(String where, List<String> what) {
    int at = pick(where, false);
    text =
        text.substring(0, at)
            + Pattern.compile(where)
                .matcher(text.substring(at))
                .replaceFirst(Matcher.quoteReplacement(pick(what)));
  }

  /** A place, behind it or before it. */
  private int pick(String pattern, boolean behind) {
    int from = Math.max(0, text.indexOf("class"));
    List<Integer> places = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      if (matcher.start() > from) {
        places.add(behind ? matcher.end() : matcher.start());
      }
    }
    return places.isEmpty() ? text.length() : pick(places);
  }

  /** Takes a token out, doubles it, or puts another one of the file in its place. */
  private void token() {
    List<int[]> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.find()) {
      tokens.add(new int[] {matcher.start(), matcher.end()});
    }
    int[] token = pick(tokens.subList(tokens.size() / 8, tokens.size()));
    int[] other = pick(tokens);
    String before = text.substring(0, token[0]);
    String after = text.substring(token[1]);
    String here = text.substring(token[0], token[1]);
    text =
        switch (random.nextInt(4)) {
          case 0 -> before + after;
          case 1 -> before + here + " " + here + after;
          default -> before + text.substring(other[0], other[1]) + after;
        };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
