package dev.mezzo.examples.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** Mezzo's version, from the jar's manifest, and Java's. */
public final class Version implements IVersionProvider {

  /** A provider. */
  public Version() {}

  /** As in {@code 0.1.0}; {@code development} where the classes are in no jar. */
  public static String mezzo() {
    return Objects.requireNonNullElse(
        Version.class.getPackage().getImplementationVersion(), "development");
  }

  /** As in {@code 25.0.1 (Eclipse Adoptium)}. */
  public static String java() {
    return Runtime.version() + " (" + System.getProperty("java.vendor") + ")";
  }

  @Override
  public String[] getVersion() {
    return new String[] {"mezzo " + mezzo(), "java " + java()};
  }
}
