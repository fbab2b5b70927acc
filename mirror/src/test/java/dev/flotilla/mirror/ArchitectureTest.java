package dev.flotilla.mirror;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTest {
    private JavaClasses mirror = new ClassFileImporter().importClasses();

    @BeforeAll
    void read() {
        mirror = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.flotilla.mirror");
    }

    @Test
    void packagesDependInOneDirection() {
        slices().matching("dev.flotilla.mirror.(*)..").should().beFreeOfCycles().check(mirror);
    }

    @Test
    void theProtocolIsPure() {
        noClasses()
                .that()
                .resideInAPackage("dev.flotilla.mirror.simple..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..", "java.nio.file..", "java.net.http..", "io.micrometer..")
                .check(mirror);
    }

    @Test
    void theConfigurationKnowsNoServer() {
        noClasses()
                .that()
                .resideInAPackage("dev.flotilla.mirror.configuration..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..", "io.micrometer..")
                .check(mirror);
    }

    @Test
    void theOtherProgramsAreUnknownHere() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.flotilla.agent..", "dev.flotilla.controller..")
                .check(mirror);
    }

    @Test
    void onlyTheUpstreamPackageOpensConnectionsToTheOutside() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.flotilla.mirror.upstream..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.vertx.core.http.HttpClient")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .check(mirror);
    }

    @Test
    void onlyTheHttpPackageNamesRequestsAndResponses() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.flotilla.mirror.http..", "dev.flotilla.mirror.upstream..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("io\\.vertx\\.core\\.http\\.HttpServer.*")
                .check(mirror);
    }

    @Test
    void nothingBlocksOrTouchesFilesInHttp() {
        noClasses()
                .that()
                .resideInAPackage("dev.flotilla.mirror.http..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.nio\\.file\\.Files|java\\.io\\.(File|RandomAccessFile|FileInputStream)")
                .check(mirror);
    }

    /** What is thrown there reaches nobody, and the client waits until it is cut off: {@code Exchange.answer} is the way. */
    @Test
    void nobodyAnswersInAListenerForSuccess() {
        noClasses()
                .that()
                .resideInAPackage("dev.flotilla.mirror.http..")
                .should()
                .callMethod(Future.class, "onSuccess", Handler.class)
                .check(mirror);
    }

    @Test
    void everyPackageIsNullMarked() {
        classes()
                .that()
                .haveSimpleName("package-info")
                .should()
                .beAnnotatedWith(org.jspecify.annotations.NullMarked.class)
                .check(mirror);
    }
}
