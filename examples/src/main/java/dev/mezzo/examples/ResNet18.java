package dev.mezzo.examples;

import static dev.mezzo.Ops.globalAveragePool;
import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.BatchNorm;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.PlainConv2d;
import dev.mezzo.layers.ProjectedResidualBlock;
import dev.mezzo.layers.ResidualBlock;
import dev.mezzo.types.Convolution;
import java.util.random.RandomGenerator;

/**
 * ResNet-18 in the form for small images: a 3×3 convolution and no pooling at the entry. Images
 * (batch, height, width, channels) to logits (batch, 10).
 *
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al., Deep Residual Learning</a>
 */
@Half
public record ResNet18(
    PlainConv2d entry,
    BatchNorm entryNorm,
    ResidualBlock block1,
    ResidualBlock block2,
    ProjectedResidualBlock block3,
    ResidualBlock block4,
    ProjectedResidualBlock block5,
    ResidualBlock block6,
    ProjectedResidualBlock block7,
    ResidualBlock block8,
    Linear out) {

  /** 64-128-256-512 channels, initialised as PyTorch does by default, from {@code random}. */
  public static ResNet18 create(int channels, RandomGenerator random) {
    return new ResNet18(
        new PlainConv2d(channels, 64, 3, Convolution.of().withPadding(1), random),
        new BatchNorm(64),
        ResidualBlock.create(64, random),
        ResidualBlock.create(64, random),
        ProjectedResidualBlock.create(64, 128, 2, random),
        ResidualBlock.create(128, random),
        ProjectedResidualBlock.create(128, 256, 2, random),
        ResidualBlock.create(256, random),
        ProjectedResidualBlock.create(256, 512, 2, random),
        ResidualBlock.create(512, random),
        new Linear(512, 10, random));
  }

  /** Logits. */
  public Tensor forward(Tensor x) {
    Tensor h = relu(entryNorm.forward(entry.forward(x)));
    Tensor large = block2.forward(block1.forward(h));
    Tensor medium = block4.forward(block3.forward(large));
    Tensor small = block6.forward(block5.forward(medium));
    Tensor least = block8.forward(block7.forward(small));
    return out.forward(globalAveragePool(least));
  }
}
