package dev.mezzo.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Commands in order, with the bytes of their kernels' arguments. */
final class CommandList {

  /** At most so many commands: those that follow are another list, so that the GPU begins early. */
  static final int MOST = 512;

  private static final long BYTES = 1 << 20;

  private final MemorySegment bytes;
  private final List<Command> commands = new ArrayList<>();
  private long end;
  private int kind;

  CommandList() {
    this(Arena.ofAuto().allocate(BYTES, Arguments.ALIGNMENT));
  }

  private CommandList(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /** Whether there may be no room for another command. */
  boolean isFull() {
    return commands.size() == MOST || bytes.byteSize() - end < 2 * Arguments.MOST_BYTES;
  }

  /** Where the next kernel's arguments begin. */
  long end() {
    return end;
  }

  /** Of all arguments. */
  MemorySegment bytes() {
    return bytes;
  }

  List<Command> commands() {
    return commands;
  }

  void add(Command command) {
    commands.add(command);
    kind = 31 * kind + command.kind();
    if (command instanceof Command.Kernel kernel) {
      end = kernel.end();
    }
  }

  void clear() {
    commands.clear();
    end = 0;
    kind = 0;
  }

  /** The same for lists that are alike. */
  int kind() {
    return kind;
  }

  /** Whether another list does the same, but for kernels' arguments. */
  boolean isLike(CommandList other) {
    if (commands.size() != other.commands.size()) {
      return false;
    }
    for (int i = 0; i < commands.size(); i++) {
      if (!commands.get(i).isLike(other.commands.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** A copy that stays as it is. */
  CommandList copy() {
    CommandList copy =
        new CommandList(Arena.ofAuto().allocate(Math.max(1, end), Arguments.ALIGNMENT));
    copy.bytes.copyFrom(bytes.asSlice(0, end));
    commands.forEach(copy::add);
    return copy;
  }

  /** Takes a kernel's arguments from a list that is alike. Returns whether they were others. */
  boolean takeArguments(CommandList other, Command.Kernel kernel) {
    long[] offsets = kernel.offsets();
    if (offsets.length == 0) {
      return false;
    }
    MemorySegment own = bytes.asSlice(offsets[0], kernel.end() - offsets[0]);
    MemorySegment given = other.bytes.asSlice(offsets[0], kernel.end() - offsets[0]);
    if (own.mismatch(given) < 0) {
      return false;
    }
    own.copyFrom(given);
    return true;
  }
}
