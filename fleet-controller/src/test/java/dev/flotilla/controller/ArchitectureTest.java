package dev.flotilla.controller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String CONTROLLER = "dev.flotilla.controller";

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.flotilla");

    @Test
    void packagesHaveNoCycles() {
        slices().matching(CONTROLLER + ".(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void theControllerDoesNotKnowTheMirror() {
        noClasses()
                .that()
                .resideInAPackage(CONTROLLER + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.flotilla.mirror..", "io.vertx..", "io.netty..")
                .check(classes);
    }

    @Test
    void ofTheAgentItKnowsOnlyWhatBothSidesReadAndWrite() {
        noClasses()
                .that()
                .resideInAPackage(CONTROLLER + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.flotilla.agent",
                        "dev.flotilla.agent.configuration..",
                        "dev.flotilla.agent.cycle..",
                        "dev.flotilla.agent.mirror..",
                        "dev.flotilla.agent.state..")
                .check(classes);
    }

    @Test
    void theAgentDoesNotKnowTheController() {
        noClasses()
                .that()
                .resideOutsideOfPackage(CONTROLLER + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(CONTROLLER + "..")
                .check(classes);
    }

    @Test
    void whatAFleetIsKnowsNothingOfWhatIsDoneWithIt() {
        noClasses()
                .that()
                .resideInAPackage(CONTROLLER + ".fleet..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        CONTROLLER + ".dns..",
                        CONTROLLER + ".publish..",
                        CONTROLLER + ".status..",
                        CONTROLLER + ".command..",
                        CONTROLLER + ".local..")
                .check(classes);
    }

    @Test
    void onlyMainKnowsTheLocalFleet() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        CONTROLLER + ".dns..",
                        CONTROLLER + ".publish..",
                        CONTROLLER + ".status..",
                        CONTROLLER + ".command..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(CONTROLLER + ".local..")
                .check(classes);
    }

    @Test
    void planningDnsNeedsNoAws() {
        noClasses()
                .that()
                .haveNameMatching(".*\\.dns\\.(DnsPlanner|DnsPlan|RecordTree|RecordSet|Marker|ChangeBatches|FleetDns)")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon..", "java.net.http..")
                .check(classes);
    }

    @Test
    void onlyMainReadsTheEnvironmentAndEndsTheProgram() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        CONTROLLER + ".fleet..",
                        CONTROLLER + ".dns..",
                        CONTROLLER + ".publish..",
                        CONTROLLER + ".status..",
                        CONTROLLER + ".command..")
                .should()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(classes);
    }
}
