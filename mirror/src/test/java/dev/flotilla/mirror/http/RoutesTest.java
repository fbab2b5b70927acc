package dev.flotilla.mirror.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.vocabulary.ProjectName;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {
    @Test
    void everyRouteHasItsPath() {
        assertThat(Routes.client("/")).isEqualTo(new Route.People());
        assertThat(Routes.client("/simple/")).isEqualTo(new Route.RootList(Optional.empty()));
        assertThat(Routes.client("/simple/a-b/")).isEqualTo(new Route.Project(ProjectName.of("a-b"), Optional.empty()));
        assertThat(Routes.client("/simple/a/?x=1&format=text%2Fhtml"))
                .isEqualTo(new Route.Project(ProjectName.of("a"), Optional.of("text/html")));
        assertThat(Routes.client("/pip.conf")).isEqualTo(new Route.PipConfiguration());
        assertThat(Routes.client("/readyz?x")).isEqualTo(new Route.Ready());
        String blake = "/packages/aa/bb/" + "0".repeat(60) + "/a-1.0-py3-none-any.whl";
        assertThat(Routes.client(blake).label()).isEqualTo("file");
        assertThat(Routes.client(blake + ".metadata").label()).isEqualTo("metadata");
        assertThat(Routes.client("/packages/sha256/" + "0".repeat(64) + "/a-1.0%2Bb.tar.gz")
                        .label())
                .isEqualTo("file");
        assertThat(Routes.client("/packages/source/a/a/a-1.0.tar.gz").label()).isEqualTo("old-path");
        assertThat(Routes.operations("/livez")).isEqualTo(new Route.Live());
        assertThat(Routes.operations("/readyz")).isEqualTo(new Route.Ready());
        assertThat(Routes.operations("/metrics")).isEqualTo(new Route.Metrics());
    }

    @ParameterizedTest
    @CsvSource({
        "/simple/A_b, a-b/",
        "/simple/A_b/, ../a-b/",
        "/simple/a?format=x, a/?format=x",
        "/simple/%41/, ../a/",
        "/simple, simple/"
    })
    void anotherSpellingLeadsToTheNormalOne(String target, String location) {
        assertThat(Routes.client(target)).isEqualTo(new Route.Elsewhere(location));
    }

    @Test
    void noTargetEverBecomesMoreThanOneOfTheseRoutes() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(9112);
        String[] parts = {
            "/",
            "simple",
            "packages",
            "..",
            ".",
            "%2e",
            "%2F",
            "%5c",
            "%00",
            "\\",
            "a",
            "A",
            "-",
            "?",
            "#",
            "sha256",
            "\u0000",
            "\r\n",
            " ",
            "\u00ff",
            "%",
            "%zz",
            "pip.conf",
            "0".repeat(64),
            "x-1.0.tar.gz",
            ".metadata",
            "//"
        };
        for (int round = 0; round < 50_000; round++) {
            var target = new StringBuilder();
            for (int i = random.nextInt(9); i >= 0; i--) {
                target.append(parts[random.nextInt(parts.length)]);
            }
            Route route = Routes.client(target.toString());
            switch (route) {
                case Route.File file -> assertThat(file.path().path()).doesNotContain("..", "%2F", "\\", "\u0000");
                case Route.Elsewhere elsewhere ->
                    assertThat(elsewhere.location())
                            .matches("(\\.\\./)?[a-z0-9-]+/(\\?[!-~]*)?")
                            .doesNotStartWith("//");
                case Route.Project project ->
                    assertThat(project.name().normal()).matches("[a-z0-9-]+");
                case Route.RootList ignored -> assertThat(target.toString()).startsWith("/simple/");
                default -> assertThat(route.label()).isIn("malformed", "unknown", "people", "pip-conf", "readyz");
            }
        }
    }
}
