package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CudaGraphs;

/** A list of commands that was captured: the GPU starts all of it by one call of the host. */
final class CommandGraph implements AutoCloseable {

  private final CommandList list;
  private final long executable;
  private final long[] nodes;
  private final CommandIssue issue;

  private CommandGraph(CommandList list, long executable, long[] nodes, CommandIssue issue) {
    this.list = list;
    this.executable = executable;
    this.nodes = nodes;
    this.issue = issue;
  }

  /** Captures a list, and does not run it. */
  static CommandGraph capture(CommandList given, long stream, CommandIssue issue) {
    CommandList list = given.copy();
    long[] nodes = new long[list.commands().size()];
    CudaGraphs.beginCapture(stream);
    long graph;
    try {
      for (int i = 0; i < nodes.length; i++) {
        issue.issue(list, list.commands().get(i));
        nodes[i] =
            list.commands().get(i) instanceof Command.Kernel ? CudaGraphs.lastNode(stream) : 0;
      }
    } finally {
      graph = CudaGraphs.endCapture(stream);
    }
    long executable = CudaGraphs.instantiate(graph);
    CudaGraphs.destroy(graph);
    return new CommandGraph(list, executable, nodes, issue);
  }

  /** Whether it does what a list says, but for kernels' arguments. */
  boolean isLike(CommandList other) {
    return list.isLike(other);
  }

  /** Runs it with the arguments of a list that is alike. */
  void run(CommandList given, long stream) {
    for (int i = 0; i < nodes.length; i++) {
      if (list.commands().get(i) instanceof Command.Kernel kernel
          && list.takeArguments(given, kernel)) {
        issue.update(executable, nodes[i], list, kernel);
      }
    }
    CudaGraphs.launch(executable, stream);
  }

  @Override
  public void close() {
    CudaGraphs.destroyExecutable(executable);
  }
}
