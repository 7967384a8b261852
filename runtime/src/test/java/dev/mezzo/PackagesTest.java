package dev.mezzo;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the packages of the runtime may import, read from the class files. */
class PackagesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.mezzo");

  @Test
  void packagesHaveNoCycles() {
    slices().assignedFrom(BY_PACKAGE).should().beFreeOfCycles().check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "cuda"})
  void aBackendDoesNotImportAnother(String backend) {
    String own = "dev.mezzo.backend." + backend;
    noClasses()
        .that()
        .resideInAPackage(own + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            java.util.stream.Stream.of("scalar", "vector", "cuda")
                .filter(other -> !other.equals(backend))
                .map(other -> "dev.mezzo.backend." + other + "..")
                .toArray(String[]::new))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void theRuntimeDoesNotImportTheProcessor() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.mezzo.processor..")
        .check(CLASSES);
  }

  @Test
  void onlyTheVectorBackendNeedsTheVectorModule() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.mezzo.backend.vector..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .check(CLASSES);
  }

  private static final SliceAssignment BY_PACKAGE =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
          return "packages";
        }
      };
}
