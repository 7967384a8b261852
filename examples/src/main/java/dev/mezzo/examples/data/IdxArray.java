package dev.mezzo.examples.data;

import java.util.List;

/** What an IDX file holds: an array of unsigned bytes or of floats, row-major. */
sealed interface IdxArray {

  /** The file that it was read from. */
  String file();

  /** Outermost first. */
  List<Integer> dims();

  /** Where element {@code index} begins in the unpacked file. */
  long offset(int index);

  /** Bytes of the header: magic number and dimensions. */
  default int headerBytes() {
    return 4 + 4 * dims().size();
  }

  /** Elements of type 0x08. */
  record Bytes(String file, List<Integer> dims, byte[] values) implements IdxArray {
    @Override
    public long offset(int index) {
      return headerBytes() + (long) index;
    }
  }

  /** Elements of type 0x0D; all are finite. */
  record Floats(String file, List<Integer> dims, float[] values) implements IdxArray {
    @Override
    public long offset(int index) {
      return headerBytes() + 4L * index;
    }
  }
}
