package dev.mezzo.processor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

/** What the packages of the processor may import, read from the class files. */
class PackagesTest {
  private static final String[] COMPILER = {
    "com.sun.source..", "com.sun.tools..", "javax.lang.model..", "javax.annotation.processing.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.mezzo.processor");

  @Test
  void packagesHaveNoCycles() {
    slices().assignedFrom(BY_PACKAGE).should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void modelKnowsNeitherCompilerNorJavaPoet() {
    freeOfCompiler("dev.mezzo.processor.model..").check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.mezzo.processor.model..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.palantir.javapoet..")
        .check(CLASSES);
  }

  @Test
  void stagesBetweenReaderAndEmitterDoNotKnowTheCompiler() {
    for (String stage : new String[] {"problem", "check", "plan"}) {
      freeOfCompiler("dev.mezzo.processor." + stage + "..").check(CLASSES);
    }
  }

  @Test
  void aClassThatUsesTheCompilerIsFound() {
    ArchRule rule = freeOfCompiler("dev.mezzo.processor");
    assertThrows(AssertionError.class, () -> rule.check(CLASSES));
  }

  private static ArchRule freeOfCompiler(String packages) {
    return noClasses()
        .that()
        .resideInAPackage(packages)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(COMPILER);
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
