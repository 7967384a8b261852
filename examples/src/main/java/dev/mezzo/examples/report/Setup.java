package dev.mezzo.examples.report;

/**
 * What the runs of a report have in common.
 *
 * @param mezzo version
 * @param java the JVM's version and maker
 * @param device the backend, its width and threads
 * @param data where the images are from
 * @param trainImages number of training images
 * @param testImages number of test images
 * @param model layers' sizes
 * @param optimizer in words
 * @param batch images of a step
 * @param epochs passes over the training images
 * @param seed of weights and order
 * @param sampleEvery every so many steps gradients and updates were looked at; 0 for never
 */
public record Setup(
    String mezzo,
    String java,
    String device,
    String data,
    int trainImages,
    int testImages,
    String model,
    String optimizer,
    int batch,
    int epochs,
    long seed,
    int sampleEvery) {}
