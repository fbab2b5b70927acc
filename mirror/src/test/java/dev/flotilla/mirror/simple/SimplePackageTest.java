package dev.flotilla.mirror.simple;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimplePackageTest {
    private static final List<String> PACKAGES = List.of(
            "java.lang",
            "java.util",
            "java.time",
            "java.nio.charset",
            "com.fasterxml.jackson.core",
            "org.jsoup.nodes",
            "org.jspecify.annotations",
            "dev.flotilla.vocabulary",
            "dev.flotilla.mirror.simple");

    private static final Set<String> CLASSES = Set.of(
            "java.net.URI",
            "java.net.URISyntaxException",
            "java.net.URLDecoder",
            "java.io.ByteArrayInputStream",
            "java.io.ByteArrayOutputStream",
            "java.io.CharConversionException",
            "java.io.FilterInputStream",
            "java.io.IOException",
            "java.io.InputStream",
            "java.io.InputStreamReader",
            "java.io.OutputStream",
            "java.io.OutputStreamWriter",
            "java.io.Reader",
            "java.io.StringWriter",
            "java.io.UncheckedIOException",
            "java.io.Writer");

    @Test
    void theProtocolKnowsNoFilesNoNetworkAndNoWebServer() {
        var production = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.flotilla.mirror.simple");
        classes()
                .that()
                .resideInAPackage("dev.flotilla.mirror.simple..")
                .should()
                .onlyDependOnClassesThat(describe("are of the protocol itself", SimplePackageTest::isAllowed))
                .check(production);
    }

    private static boolean isAllowed(JavaClass used) {
        JavaClass element = used.getBaseComponentType();
        return element.isPrimitive()
                || CLASSES.contains(element.getName())
                || PACKAGES.stream()
                        .anyMatch(allowed -> element.getPackageName().equals(allowed)
                                || element.getPackageName().startsWith(allowed + "."));
    }
}
