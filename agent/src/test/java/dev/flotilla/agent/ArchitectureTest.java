package dev.flotilla.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses AGENT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.flotilla.agent");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.flotilla.agent.(*)..").should().beFreeOfCycles().check(AGENT);
    }

    @Test
    void theAgentKnowsNeitherMirrorNorControllerNorTheirFrameworks() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.flotilla.mirror..",
                        "dev.flotilla.controller..",
                        "io.vertx..",
                        "com.fasterxml.jackson.databind..")
                .check(AGENT);
    }

    @Test
    void theBucketsLibraryStaysInItsPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.flotilla.agent.bucket..", "dev.flotilla.agent")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.awssdk..")
                .check(AGENT);
    }

    @Test
    void trustIsPure() {
        noClasses()
                .that()
                .resideInAPackage("dev.flotilla.agent.trust..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.flotilla.agent.bucket..", "dev.flotilla.agent.state..", "java.net..")
                .check(AGENT);
    }
}
