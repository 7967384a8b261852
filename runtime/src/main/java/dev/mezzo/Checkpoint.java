package dev.mezzo;

import dev.mezzo.io.CheckpointException;
import dev.mezzo.io.SafetensorsFile;
import dev.mezzo.io.SafetensorsWriter;
import dev.mezzo.io.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The tensors of a training in a file: weights and states by their places in the model, what the
 * optimizer keeps by its name and the weight's, {@code optimizer/mean/net.first.weight}. Nothing is
 * changed before all that is to be changed was checked and read.
 *
 * @param owner what it is the training of, for errors
 * @param optimizer what the optimizer is called
 * @param model weights and states
 * @param kept what the optimizer keeps
 */
record Checkpoint(String owner, String optimizer, List<SavedTensor> model, List<SavedTensor> kept) {

  private static final String OPTIMIZER = "mezzo.optimizer";
  private static final String KEPT = "optimizer/";
  private static final int SHOWN = 5;

  /** Of an open training. */
  static Checkpoint of(Training training, TrainingSettings settings, WeightRegistry registry) {
    List<SavedTensor> model = new ArrayList<>();
    List<SavedTensor> kept = new ArrayList<>();
    for (TrainedParameter parameter : registry.parameters()) {
      model.add(new SavedTensor(parameter.path(), parameter.master()));
      List<String> names = parameter.stateNames();
      for (int i = 0; i < names.size(); i++) {
        String name = KEPT + names.get(i) + "/" + parameter.path();
        kept.add(new SavedTensor(name, parameter.state().get(i)));
      }
    }
    registry.states().forEach((state, path) -> model.add(new SavedTensor(path, state.values())));
    return new Checkpoint(
        training.getClass().getSimpleName(),
        settings.optimizer().getClass().getSimpleName(),
        model,
        kept);
  }

  /** Weights and states alone. */
  void saveModel(Path file) {
    SafetensorsWriter writer = new SafetensorsWriter();
    model.forEach(tensor -> tensor.writeTo(writer));
    writer.write(file);
  }

  /** Everything. */
  void save(Path file, Progress progress) {
    SafetensorsWriter writer = new SafetensorsWriter();
    progress.writeTo(writer);
    writer.metadata(OPTIMIZER, optimizer);
    model.forEach(tensor -> tensor.writeTo(writer));
    kept.forEach(tensor -> tensor.writeTo(writer));
    writer.write(file);
  }

  /**
   * Replaces everything.
   *
   * @throws CheckpointException if the file does not hold exactly this
   */
  void load(SafetensorsFile file) {
    String saved = file.metadata().get(OPTIMIZER);
    if (!optimizer.equals(saved)) {
      throw new CheckpointException(
          file.path(),
          "was saved with %s, but the training has %s; use the same, or begin anew with loadWeights"
              .formatted(saved, optimizer));
    }
    check(file, model, name -> !name.startsWith(KEPT)); // what the optimizer keeps has their shapes
    List<SavedTensor> all = new ArrayList<>(model);
    all.addAll(kept);
    check(file, all, name -> true);
    assign(file, all);
  }

  /**
   * Replaces weights and states.
   *
   * @throws CheckpointException if one is missing or does not fit, or there are others
   */
  void loadModel(SafetensorsFile file) {
    check(file, model, name -> !name.startsWith(KEPT));
    assign(file, model);
  }

  /** Replaces the weights and states that are there and fit; returns the names of the others. */
  Set<String> loadMatching(SafetensorsFile file) {
    List<SavedTensor> found = new ArrayList<>();
    Set<String> others = new LinkedHashSet<>();
    for (SavedTensor tensor : model) {
      if (file.tensor(tensor.name()).filter(stored -> fits(stored, tensor)).isPresent()) {
        found.add(tensor);
      } else {
        others.add(tensor.name());
      }
    }
    assign(file, found);
    return others;
  }

  private void check(SafetensorsFile file, List<SavedTensor> wanted, Predicate<String> looked) {
    Set<String> unknown = new LinkedHashSet<>(file.tensors().keySet());
    unknown.removeIf(looked.negate());
    List<String> missing = new ArrayList<>();
    List<String> other = new ArrayList<>();
    for (SavedTensor tensor : wanted) {
      unknown.remove(tensor.name());
      StoredTensor stored = file.tensors().get(tensor.name());
      if (stored == null) {
        missing.add(tensor.name());
      } else if (!fits(stored, tensor)) {
        other.add(
            "%s, which is %s and must be F32 %s"
                .formatted(tensor.name(), stored.describe(), tensor.tensor().shape()));
      }
    }
    List<String> problems = new ArrayList<>();
    add(problems, "lacks ", missing);
    add(problems, "has unknown ", List.copyOf(unknown));
    add(problems, "does not fit in ", other);
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          file.path(),
          "is of another model than %s: it %s; build the training as it was when it was saved, or take what fits with loadMatchingWeights"
              .formatted(owner, String.join("; it ", problems)));
    }
  }

  private static void add(List<String> problems, String what, List<String> names) {
    if (!names.isEmpty()) {
      String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
      int more = names.size() - SHOWN;
      problems.add(what + shown + (more > 0 ? " and " + more + " more" : ""));
    }
  }

  private static boolean fits(StoredTensor stored, SavedTensor tensor) {
    return stored.shape().equals(tensor.tensor().shape())
        && stored.type().dtype().filter(dtype -> dtype.isFloat()).isPresent();
  }

  /** Reads all, then changes all: a file that cannot be read to its end has changed nothing. */
  private static void assign(SafetensorsFile file, List<SavedTensor> tensors) {
    try (Arena arena = Arena.ofConfined()) {
      Map<SavedTensor, MemorySegment> read = new LinkedHashMap<>();
      for (SavedTensor tensor : tensors) {
        read.put(tensor, file.read(stored(file, tensor), arena));
      }
      read.forEach(
          (tensor, values) ->
              tensor.assign(values, stored(file, tensor).type().dtype().orElseThrow()));
    }
  }

  private static StoredTensor stored(SafetensorsFile file, SavedTensor tensor) {
    return file.tensor(tensor.name()).orElseThrow();
  }
}
