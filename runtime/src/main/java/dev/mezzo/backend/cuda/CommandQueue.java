package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.ffi.CudaException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What the stream is to be given. Commands are collected until someone needs the stream: then a
 * list that came before, with other arguments perhaps, is one graph, whose kernels are given the
 * arguments that changed. A training's step repeats itself, so that after a warm-up it is a few
 * starts of graphs, whatever its addresses, seeds and inputs are.
 *
 * <p>A list is captured when it comes the third time; the graphs used last are kept, at most
 * {@value #GRAPHS}. If a capture fails, a line says why, and commands are given one by one from
 * then on; {@code -Dmezzo.cuda.graphs=false} has it so from the start.
 */
final class CommandQueue implements AutoCloseable {

  static final int GRAPHS = 32;

  private static final System.Logger LOG = System.getLogger("dev.mezzo");
  private static final int LEAST = 8;
  private static final int WARM_UP = 2;
  private static final int REMEMBERED = 1024;

  private final long stream;
  private final CommandIssue issue;
  private final CommandList list = new CommandList();
  private final Map<Integer, Integer> seen = new LinkedHashMap<>();
  private final SequencedMap<Integer, CommandGraph> graphs = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Runnable putOff;
  private boolean capturing = !"false".equals(System.getProperty("mezzo.cuda.graphs"));

  CommandQueue(long stream) {
    this.stream = stream;
    this.issue = new CommandIssue(stream);
  }

  /** Adds commands later, just before the next one, or when the stream is needed. */
  void putOff(Runnable commands) {
    settle();
    putOff = commands;
  }

  /** The list that the next command is added to. */
  CommandList list() {
    settle();
    return list;
  }

  void add(Command command) {
    settle();
    list.add(command);
    if (list.isFull()) {
      flush();
    }
  }

  /** Gives the stream what was collected. */
  void flush() {
    settle();
    if (list.commands().isEmpty()) {
      return;
    }
    try {
      if (!runGraph()) {
        issueAll();
      }
    } finally {
      list.clear();
    }
  }

  @Override
  public void close() {
    graphs.values().forEach(CommandGraph::close);
    graphs.clear();
  }

  private void settle() {
    Runnable commands = putOff;
    putOff = null;
    if (commands != null) {
      commands.run();
    }
  }

  private boolean runGraph() {
    if (!capturing || list.commands().size() < LEAST) {
      return false;
    }
    CommandGraph graph = graphs.get(list.kind());
    if (graph == null) {
      if (!isWarm()) {
        return false;
      }
      graph = captured();
    }
    if (graph == null || !graph.isLike(list)) {
      return false;
    }
    graph.run(list, stream);
    return true;
  }

  private boolean isWarm() {
    if (seen.size() > REMEMBERED) {
      seen.clear();
    }
    return seen.merge(list.kind(), 1, Integer::sum) > WARM_UP;
  }

  private @Nullable CommandGraph captured() {
    try {
      CommandGraph graph = CommandGraph.capture(list, stream, issue);
      graphs.put(list.kind(), graph);
      if (graphs.size() > GRAPHS) {
        Map.Entry<Integer, CommandGraph> eldest = graphs.pollFirstEntry();
        if (eldest != null) {
          eldest.getValue().close();
        }
      }
      return graph;
    } catch (DeviceException e) {
      if (e instanceof CudaException error && error.isSticky()) {
        throw e;
      }
      capturing = false;
      LOG.log(
          System.Logger.Level.WARNING,
          "CUDA graphs are off, each kernel is started by itself: " + e.getMessage());
      return null;
    }
  }

  private void issueAll() {
    for (Command command : list.commands()) {
      try {
        issue.issue(list, command);
      } catch (CudaException e) {
        throw command instanceof Command.Kernel kernel
            ? e.during("kernel '" + kernel.name() + "', " + kernel.grid())
            : e;
      }
    }
  }
}
