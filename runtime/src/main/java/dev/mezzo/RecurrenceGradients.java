package dev.mezzo;

import dev.mezzo.Recurrences.Settings;
import dev.mezzo.annotations.Gradient;
import dev.mezzo.backend.Recurrence.Cell;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of recurrences, back through time in one pass, in FP32. The recurrent weight's is one
 * product over all steps.
 */
public final class RecurrenceGradients {

  private RecurrenceGradients() {}

  /** Those of the gates before their functions, and of the recurrent weight. */
  @Gradient(
      of = "lstm(gates, weight)",
      wrt = {"gates", "weight"})
  public static @Nullable Tensor[] lstmGradient(
      Tape tape, Tensor dy, Tensor y, Tensor weight, boolean wantDGates, GradientSum dWeight) {
    return WantedGradients.of(
        Recurrences.gradient(
            tape,
            dy,
            y,
            weight,
            new Settings(Cell.LSTM, null, null),
            new Recurrences.Sums(dWeight, null)),
        wantDGates);
  }

  /** As the other; 0 behind the end of a sequence. */
  @Gradient(
      of = "lstm(gates, weight, lengths)",
      wrt = {"gates", "weight"})
  public static @Nullable Tensor[] lstmGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor lengths,
      boolean wantDGates,
      GradientSum dWeight) {
    return WantedGradients.of(
        Recurrences.gradient(
            tape,
            dy,
            y,
            weight,
            new Settings(Cell.LSTM, null, lengths),
            new Recurrences.Sums(dWeight, null)),
        wantDGates);
  }

  /** Those of the gates before their functions, of the recurrent weight, and of the bias. */
  @Gradient(
      of = "gru(gates, weight, bias)",
      wrt = {"gates", "weight", "bias"})
  public static @Nullable Tensor[] gruGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor bias,
      boolean wantDGates,
      GradientSum dWeight,
      GradientSum dBias) {
    return WantedGradients.of(
        Recurrences.gradient(
            tape,
            dy,
            y,
            weight,
            new Settings(Cell.GRU, bias, null),
            new Recurrences.Sums(dWeight, dBias)),
        wantDGates);
  }

  /** As the other; 0 behind the end of a sequence. */
  @Gradient(
      of = "gru(gates, weight, bias, lengths)",
      wrt = {"gates", "weight", "bias"})
  public static @Nullable Tensor[] gruGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor bias,
      Tensor lengths,
      boolean wantDGates,
      GradientSum dWeight,
      GradientSum dBias) {
    return WantedGradients.of(
        Recurrences.gradient(
            tape,
            dy,
            y,
            weight,
            new Settings(Cell.GRU, bias, lengths),
            new Recurrences.Sums(dWeight, dBias)),
        wantDGates);
  }

  /** Those of the gates before their function, and of the recurrent weight. */
  @Gradient(
      of = "rnn(gates, weight, relu)",
      wrt = {"gates", "weight"})
  public static @Nullable Tensor[] rnnGradient(
      Tensor dy, Tensor y, Tensor weight, boolean relu, boolean wantDGates, GradientSum dWeight) {
    Settings settings = new Settings(relu ? Cell.RELU : Cell.TANH, null, null);
    return WantedGradients.of(
        Recurrences.gradient(
            Tape.inference(), dy, y, weight, settings, new Recurrences.Sums(dWeight, null)),
        wantDGates);
  }

  /** As the other; 0 behind the end of a sequence. */
  @Gradient(
      of = "rnn(gates, weight, lengths, relu)",
      wrt = {"gates", "weight"})
  public static @Nullable Tensor[] rnnGradient(
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor lengths,
      boolean relu,
      boolean wantDGates,
      GradientSum dWeight) {
    Settings settings = new Settings(relu ? Cell.RELU : Cell.TANH, null, lengths);
    return WantedGradients.of(
        Recurrences.gradient(
            Tape.inference(), dy, y, weight, settings, new Recurrences.Sums(dWeight, null)),
        wantDGates);
  }

  /** As of {@code lstm}, and that of the state. */
  @Gradient(
      of = "lstmFrom(gates, weight, state)",
      wrt = {"gates", "weight", "state"})
  public static @Nullable Tensor[] lstmFromGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor state,
      boolean wantDGates,
      boolean wantDState,
      GradientSum dWeight) {
    Settings settings = new Settings(Cell.LSTM, null, null, state);
    return WantedGradients.of(
        Recurrences.gradient(tape, dy, y, weight, settings, new Recurrences.Sums(dWeight, null)),
        wantDGates,
        true,
        wantDState);
  }

  /** As of {@code lstm}, and that of the state. */
  @Gradient(
      of = "lstmFrom(gates, weight, state, lengths)",
      wrt = {"gates", "weight", "state"})
  public static @Nullable Tensor[] lstmFromGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor state,
      Tensor lengths,
      boolean wantDGates,
      boolean wantDState,
      GradientSum dWeight) {
    Settings settings = new Settings(Cell.LSTM, null, lengths, state);
    return WantedGradients.of(
        Recurrences.gradient(tape, dy, y, weight, settings, new Recurrences.Sums(dWeight, null)),
        wantDGates,
        true,
        wantDState);
  }

  /** As of {@code gru}, and that of the state. */
  @Gradient(
      of = "gruFrom(gates, weight, bias, state)",
      wrt = {"gates", "weight", "bias", "state"})
  public static @Nullable Tensor[] gruFromGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor bias,
      Tensor state,
      boolean wantDGates,
      boolean wantDState,
      GradientSum dWeight,
      GradientSum dBias) {
    Settings settings = new Settings(Cell.GRU, bias, null, state);
    return WantedGradients.of(
        Recurrences.gradient(tape, dy, y, weight, settings, new Recurrences.Sums(dWeight, dBias)),
        wantDGates,
        true,
        true,
        wantDState);
  }

  /** As of {@code gru}, and that of the state. */
  @Gradient(
      of = "gruFrom(gates, weight, bias, state, lengths)",
      wrt = {"gates", "weight", "bias", "state"})
  public static @Nullable Tensor[] gruFromGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor bias,
      Tensor state,
      Tensor lengths,
      boolean wantDGates,
      boolean wantDState,
      GradientSum dWeight,
      GradientSum dBias) {
    Settings settings = new Settings(Cell.GRU, bias, lengths, state);
    return WantedGradients.of(
        Recurrences.gradient(tape, dy, y, weight, settings, new Recurrences.Sums(dWeight, dBias)),
        wantDGates,
        true,
        true,
        wantDState);
  }

  /** As of {@code rnn}, and that of the state. */
  @Gradient(
      of = "rnnFrom(gates, weight, state, relu)",
      wrt = {"gates", "weight", "state"})
  public static @Nullable Tensor[] rnnFromGradient(
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor state,
      boolean relu,
      boolean wantDGates,
      boolean wantDState,
      GradientSum dWeight) {
    Settings settings = new Settings(relu ? Cell.RELU : Cell.TANH, null, null, state);
    return WantedGradients.of(
        Recurrences.gradient(
            Tape.inference(), dy, y, weight, settings, new Recurrences.Sums(dWeight, null)),
        wantDGates,
        true,
        wantDState);
  }

  /** As of {@code rnn}, and that of the state. */
  @Gradient(
      of = "rnnFrom(gates, weight, state, lengths, relu)",
      wrt = {"gates", "weight", "state"})
  public static @Nullable Tensor[] rnnFromGradient(
      Tensor dy,
      Tensor y,
      Tensor weight,
      Tensor state,
      Tensor lengths,
      boolean relu,
      boolean wantDGates,
      boolean wantDState,
      GradientSum dWeight) {
    Settings settings = new Settings(relu ? Cell.RELU : Cell.TANH, null, lengths, state);
    return WantedGradients.of(
        Recurrences.gradient(
            Tape.inference(), dy, y, weight, settings, new Recurrences.Sums(dWeight, null)),
        wantDGates,
        true,
        wantDState);
  }
}
