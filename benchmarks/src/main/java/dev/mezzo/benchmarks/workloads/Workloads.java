package dev.mezzo.benchmarks.workloads;

import dev.mezzo.examples.Gpt2;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;

/** The workloads by the names that the peers' scripts give them. */
public enum Workloads {
  /** {@link ImageWorkload#mlp}. */
  W1("MLP 784-1024-1024-10 on Fashion-MNIST, batch 256, SGD 0.05 with momentum 0.9") {
    @Override
    public Workload on(DataLocation data) {
      return ImageWorkload.mlp(FashionMnist.train(data), FashionMnist.test(data));
    }
  },
  /** {@link ImageWorkload#cnn}. */
  W2(
      "CNN: [conv 3x3, batch norm, ReLU] 1-32-64, max pool, 64-128-128, max pool, linear 6272-256-10,"
          + " on Fashion-MNIST, batch 128, SGD 0.02 with momentum 0.9") {
    @Override
    public Workload on(DataLocation data) {
      return ImageWorkload.cnn(FashionMnist.train(data), FashionMnist.test(data));
    }
  },
  /** {@link TextWorkload#gpt}. */
  W3("GPT of 6 blocks, 384 features, context 256 on random bytes, batch 8, AdamW 3e-4") {
    @Override
    public Workload on(DataLocation data) {
      return TextWorkload.gpt();
    }
  },
  /** {@link TextWorkload#lstm}. */
  W4("LSTM 512 x 2, 64 steps of random bytes, batch 32, Adam 1e-3") {
    @Override
    public Workload on(DataLocation data) {
      return TextWorkload.lstm();
    }
  },
  /** {@link ResNetWorkload}. */
  W5(
      "ResNet-18 (CIFAR form) on one random batch of 64 images 32x32x3, SGD 0.02 with momentum"
          + " 0.9") {
    @Override
    public Workload on(DataLocation data) {
      return new ResNetWorkload();
    }
  },
  /** {@link SpeechWorkload}. */
  W6("Speech: two convolutions, bidirectional GRU 256 x 3, CTC, on one random batch of 8") {
    @Override
    public Workload on(DataLocation data) {
      return new SpeechWorkload();
    }
  },
  /** {@link Gpt2Workload}, 1,024 tokens a step. */
  GPT2_1("GPT-2 of 124 million weights, context 1024, on random tokens, batch 1, AdamW 3e-4") {
    @Override
    public Workload on(DataLocation data) {
      return new Gpt2Workload(gpt2(), 1);
    }
  },
  /** {@link Gpt2Workload}, 16,384 tokens a step. */
  GPT2_16("the same, batch 16") {
    @Override
    public Workload on(DataLocation data) {
      return new Gpt2Workload(gpt2(), 16);
    }
  },
  /** {@link Gpt2Workload}, 65,536 tokens a step. */
  GPT2_64("the same, batch 64") {
    @Override
    public Workload on(DataLocation data) {
      return new Gpt2Workload(gpt2(), 64);
    }
  };

  private final String description;

  Workloads(String description) {
    this.description = description;
  }

  /** A line for a reader. */
  public String description() {
    return description;
  }

  /**
   * The workload.
   *
   * @param data where Fashion-MNIST is, for those that train on it
   */
  public abstract Workload on(DataLocation data);

  /** The usual size, unless benchmarks/gpu-try.sh, which has no GPU, asks for a tiny one. */
  private static Gpt2.Size gpt2() {
    return Boolean.getBoolean("mezzo.benchmarks.tiny")
        ? new Gpt2.Size(97, 16, 32, 2, 2)
        : Gpt2.Size.SMALL;
  }
}
