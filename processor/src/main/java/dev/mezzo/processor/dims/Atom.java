package dev.mezzo.processor.dims;

/** What a dimension is made of, besides integers. */
public sealed interface Atom {

  /**
   * A name that stands for one number.
   *
   * @param open whether it may still turn out to be any other dimension; else it stands for every
   *     number, and is equal to itself alone
   */
  record Symbol(String name, boolean open) implements Atom {
    @Override
    public String toString() {
      return open && name.startsWith("?") ? "?" : name;
    }
  }

  /** The quotient, rounded down, of two dimensions that do not divide. */
  record Quotient(Dim dividend, Dim divisor) implements Atom {
    @Override
    public String toString() {
      return dividend.grouped() + "/" + divisor.grouped();
    }
  }

  /** A dimension of a tensor that plain code asks for: {@code x.shape().dim(-1)}. */
  record Axis(String tensor, int index) implements Atom {
    @Override
    public String toString() {
      return tensor + ".dim(" + index + ")";
    }
  }

  /** A plain local variable, or plain parameter, of a function. */
  record Local(String name) implements Atom {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Nothing is known. */
  record Unknown() implements Atom {
    @Override
    public String toString() {
      return "?";
    }
  }
}
