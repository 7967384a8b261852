package dev.mezzo.backend.cuda.ffi;

import dev.mezzo.backend.DeviceException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A shared library, which is looked for when it is first needed, and again at each need until it is
 * found.
 *
 * <p>Where: the folders of the system property {@code mezzo.cuda.path}, then of the environment
 * variable {@code MEZZO_CUDA_PATH} (each a list with the system's separator; a folder may be one of
 * libraries, CUDA's own with {@code lib64}, or Python's {@code site-packages} with {@code
 * nvidia/…/lib}), {@code CUDA_HOME}, then where the system looks, then {@code /usr/local/cuda}.
 */
public final class NativeLib {

  /** Names folders to look in first. */
  public static final String PROPERTY = "mezzo.cuda.path";

  /** Names folders to look in, after those of the property. */
  public static final String VARIABLE = "MEZZO_CUDA_PATH";

  private final String title;
  private final List<String> files;
  private final String cure;
  private String before = "";
  private volatile @Nullable Found found;

  /**
   * @param title what it is, as in {@code the CUDA driver}
   * @param cure what to do where it is not found
   * @param files file names, the preferred first
   */
  NativeLib(String title, String cure, String... files) {
    this.title = title;
    this.cure = cure;
    this.files = List.of(files);
  }

  /**
   * The same library, which does not find another one that lies beside it: opened first.
   *
   * @param prefix of the other's file name
   */
  NativeLib after(String prefix) {
    before = prefix;
    return this;
  }

  /** Whether the library is there, and where, or why not. Never throws. */
  public Status status() {
    Found there = found;
    if (there != null) {
      return new Status(true, there.path(), "");
    }
    if (!DynamicLinker.available()) {
      String system = System.getProperty("os.name");
      return new Status(false, title + " is used on Linux alone, not on " + system, "use Linux");
    }
    List<String> failures = new ArrayList<>();
    Optional<Found> opened = search(failures);
    if (opened.isPresent()) {
      found = opened.get();
      return new Status(true, opened.get().path(), "");
    }
    return new Status(
        false, "%s was not found: %s".formatted(title, String.join("; ", failures)), cure);
  }

  /** A version such as 92400, as in {@code 9.24.0}. */
  static String version(long number) {
    return "%d.%d.%d".formatted(number / 10000, number % 10000 / 100, number % 100);
  }

  /**
   * The first of {@code names} that the library has.
   *
   * @throws DeviceException if the library, or every name, is missing
   */
  MemorySegment symbol(String... names) {
    Found there = found;
    if (there == null) {
      Status status = status();
      there = found;
      if (there == null) {
        throw new DeviceException(status.problem());
      }
    }
    for (String name : names) {
      MemorySegment address = DynamicLinker.symbol(there.handle(), name);
      if (address.address() != 0) {
        return address;
      }
    }
    throw new DeviceException(
        "%s, %s, has no function %s: it is too old; %s"
            .formatted(title, there.path(), names[0], cure));
  }

  private Optional<Found> search(List<String> failures) {
    Set<Path> folders = new LinkedHashSet<>();
    folders.addAll(listed(System.getProperty(PROPERTY)));
    folders.addAll(listed(System.getenv(VARIABLE)));
    folders.addAll(listed(System.getenv("CUDA_HOME")));
    Optional<Found> first = inFolders(folders, failures);
    if (first.isPresent()) {
      return first;
    }
    for (String file : files) {
      MemorySegment handle = DynamicLinker.open(file);
      if (handle.address() != 0) {
        return Optional.of(new Found(handle, file + " (found by the system)"));
      }
      failures.add(DynamicLinker.error());
    }
    return inFolders(listed("/usr/local/cuda"), failures);
  }

  private Optional<Found> inFolders(Iterable<Path> folders, List<String> failures) {
    for (Path folder : folders) {
      for (String file : files) {
        Path path = folder.resolve(file);
        if (!Files.exists(path)) {
          continue;
        }
        openBefore(folder);
        MemorySegment handle = DynamicLinker.open(path.toString());
        if (handle.address() != 0) {
          return Optional.of(new Found(handle, path.toString()));
        }
        failures.add(DynamicLinker.error());
      }
    }
    folders.forEach(folder -> failures.add("not in " + folder));
    return Optional.empty();
  }

  private void openBefore(Path folder) {
    String[] names = before.isEmpty() ? null : folder.toFile().list();
    if (names != null) {
      java.util.Arrays.stream(names)
          .filter(name -> name.startsWith(before))
          .forEach(name -> DynamicLinker.open(folder.resolve(name).toString()));
    }
  }

  /** The folders of a list, and the usual ones of libraries below each. */
  private static List<Path> listed(@Nullable String list) {
    List<Path> folders = new ArrayList<>();
    if (list == null || list.isBlank()) {
      return folders;
    }
    for (String entry : list.split(java.io.File.pathSeparator, -1)) {
      if (entry.isBlank()) {
        continue;
      }
      Path folder = Path.of(entry);
      folders.add(folder);
      List<Path> below = new ArrayList<>(List.of(folder.resolve("lib64"), folder.resolve("lib")));
      below.addAll(pythonFolders(folder.resolve("nvidia")));
      below.stream().filter(Files::isDirectory).forEach(folders::add);
    }
    return folders;
  }

  private static List<Path> pythonFolders(Path nvidia) {
    String[] packages = nvidia.toFile().list();
    return packages == null
        ? List.of()
        : java.util.Arrays.stream(packages)
            .sorted()
            .map(name -> nvidia.resolve(name).resolve("lib"))
            .toList();
  }

  /**
   * Whether a library is there.
   *
   * @param description where it is, or why not
   * @param cure what to do where it is not; empty where it is, or where nothing helps
   */
  public record Status(boolean available, String description, String cure) {

    /** What is wrong, with the cure. */
    public String problem() {
      return cure.isEmpty() ? description : description + ". " + cure;
    }
  }

  private record Found(MemorySegment handle, String path) {}
}
