package dev.mezzo.backend.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.mezzo.backend.cuda.ffi.CudaGraphs;
import dev.mezzo.backend.cuda.ffi.CudaModules;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Gives commands to a stream, one at a time. */
final class CommandIssue {

  private final long stream;
  private final MemorySegment addresses = Arena.ofAuto().allocate(ADDRESS, Arguments.MOST);
  private final int[] blocks = new int[3];
  private final int[] threads = {1, 1, 1};

  CommandIssue(long stream) {
    this.stream = stream;
  }

  void issue(CommandList list, Command command) {
    switch (command) {
      case Command.Kernel kernel -> {
        describe(list, kernel);
        CudaModules.launch(
            kernel.function(), blocks, threads, kernel.grid().sharedBytes(), stream, addresses);
      }
      case Command.Product product -> product.products().issue(product, stream);
    }
  }

  /** Gives a kernel of a graph its arguments in the list. */
  void update(long executable, long node, CommandList list, Command.Kernel kernel) {
    describe(list, kernel);
    CudaGraphs.setKernel(
        executable,
        node,
        kernel.function(),
        blocks,
        threads,
        kernel.grid().sharedBytes(),
        addresses);
  }

  private void describe(CommandList list, Command.Kernel kernel) {
    Grid grid = kernel.grid();
    blocks[0] = grid.x();
    blocks[1] = grid.y();
    blocks[2] = grid.z();
    threads[0] = grid.threads();
    threads[1] = grid.threadsY();
    long[] offsets = kernel.offsets();
    for (int i = 0; i < offsets.length; i++) {
      addresses.setAtIndex(ADDRESS, i, list.bytes().asSlice(offsets[i]));
    }
  }
}
