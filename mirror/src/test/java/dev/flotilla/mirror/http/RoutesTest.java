package dev.flotilla.mirror.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.clients.ClientFile;
import dev.flotilla.clients.Index;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.vocabulary.ProjectName;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {
    @Test
    void everyRouteHasItsPath() {
        assertThat(Routes.client("/")).isEqualTo(new Route.People());
        assertThat(Routes.client("/simple/")).isEqualTo(new Route.RootList(View.PLAIN, Optional.empty()));
        assertThat(Routes.client("/simple/a-b/"))
                .isEqualTo(new Route.Project(View.PLAIN, ProjectName.of("a-b"), Optional.empty()));
        assertThat(Routes.client("/simple/a/?x=1&format=text%2Fhtml"))
                .isEqualTo(new Route.Project(View.PLAIN, ProjectName.of("a"), Optional.of("text/html")));
        assertThat(Routes.client("/pip.conf"))
                .isEqualTo(new Route.Configuration(
                        ClientFile.PIP, new ClientFileQuery(new Index.Plain(), Optional.empty(), Optional.empty())));
        assertThat(Routes.client("/readyz?x")).isEqualTo(new Route.Ready());
        String blake = "/packages/aa/bb/" + "0".repeat(60) + "/a-1.0-py3-none-any.whl";
        assertThat(Routes.client(blake).label()).isEqualTo("file");
        assertThat(Routes.client(blake + ".metadata").label()).isEqualTo("metadata");
        assertThat(Routes.client("/packages/sha256/" + "0".repeat(64) + "/a-1.0%2Bb.tar.gz")
                        .label())
                .isEqualTo("file");
        assertThat(Routes.client("/packages/source/a/a/a-1.0.tar.gz").label()).isEqualTo("old-path");
        assertThat(Routes.client("/integrity/a/1.0/a-1.0.tar.gz/provenance").label())
                .isEqualTo("provenance");
        assertThat(Routes.operations("/livez")).isEqualTo(new Route.Live());
        assertThat(Routes.operations("/served")).isEqualTo(new Route.Served());
        assertThat(Routes.operations("/readyz")).isEqualTo(new Route.Ready());
        assertThat(Routes.operations("/metrics")).isEqualTo(new Route.Metrics());
    }

    @ParameterizedTest
    @CsvSource({
        "/simple/A_b, a-b/",
        "/simple/A_b/, ../a-b/",
        "/simple/a?format=x, a/?format=x",
        "/simple/%41/, ../a/",
        "/simple, simple/",
        "/cooldown/7d/simple/A_b, a-b/",
        "/asof/2026-01-31/simple/A_b/, ../a-b/",
        "/cooldown/3650d/simple, simple/"
    })
    void anotherSpellingLeadsToTheNormalOne(String target, String location) {
        assertThat(Routes.client(target)).isEqualTo(new Route.Elsewhere(location));
    }

    @Test
    void belowAViewIsWhatIsInTheIndexItself() {
        var view = new View.Cooldown(7);
        assertThat(Routes.client("/cooldown/7d/simple/"))
                .isEqualTo(new Route.RootList(new View.Cooldown(7), Optional.empty()));
        assertThat(Routes.client("/cooldown/7d/simple/a/?format=x"))
                .isEqualTo(new Route.Project(view, ProjectName.of("a"), Optional.of("x")));
        assertThat(Routes.client("/asof/2024-02-29/simple/a/"))
                .isEqualTo(new Route.Project(
                        new View.AsOf(LocalDate.of(2024, 2, 29)), ProjectName.of("a"), Optional.empty()));
        for (String path : List.of(
                "/packages/aa/bb/" + "0".repeat(60) + "/a-1.0-py3-none-any.whl",
                "/packages/aa/bb/" + "0".repeat(60) + "/a-1.0-py3-none-any.whl.metadata",
                "/packages/sha256/" + "0".repeat(64) + "/a-1.0%2Bb.tar.gz")) {
            var plain = (Route.File) Routes.client(path);
            assertThat(plain.view()).isEqualTo(View.PLAIN);
            assertThat(Routes.client("/cooldown/7d" + path)).isEqualTo(new Route.File(view, plain.path()));
        }
        assertThat(Routes.operations("/asof/2024-02-29/explain/A_b"))
                .isEqualTo(new Route.Explain(
                        new View.AsOf(LocalDate.of(2024, 2, 29)), ProjectName.of("a-b"), Optional.empty()));
        assertThat(Routes.operations("/explain/a?version=1.0%2Bcpu"))
                .isEqualTo(new Route.Explain(View.PLAIN, ProjectName.of("a"), Optional.of("1.0+cpu")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/cooldown",
                "/cooldown/",
                "/cooldown/7d",
                "/cooldown/7d/",
                "/cooldown/0d/simple/a/",
                "/cooldown/-1d/simple/a/",
                "/cooldown/+1d/simple/a/",
                "/cooldown/01d/simple/a/",
                "/cooldown/3651d/simple/a/",
                "/cooldown/99999999999d/simple/a/",
                "/cooldown/7/simple/a/",
                "/cooldown/7D/simple/a/",
                "/cooldown/7%64/simple/a/",
                "/%63ooldown/7d/simple/a/",
                "/cooldown/\u0667d/simple/a/",
                "/asof/2026-2-3/simple/a/",
                "/asof/2026-02-29/simple/a/",
                "/asof/2026-13-01/simple/a/",
                "/asof/0000-01-01/simple/a/",
                "/asof/12026-01-01/simple/a/",
                "/asof/2026-01-01T00:00/simple/a/",
                "/asof/20260101/simple/a/",
                "/cooldown/7d/cooldown/7d/simple/a/",
                "/cooldown/7d/pip.conf",
                "/cooldown/7d/readyz",
                "/asof/7d/simple/a/"
            })
    void whatIsNoViewIsNoRoute(String target) {
        assertThat(Routes.client(target)).isInstanceOfAny(Route.Unknown.class, Route.Malformed.class);
        assertThat(Routes.operations(target.replace("simple/a/", "explain/a")))
                .isInstanceOfAny(Route.Unknown.class, Route.Malformed.class);
    }

    @Test
    void noTargetEverBecomesMoreThanOneOfTheseRoutes() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(9112);
        String[] parts = {
            "/",
            "simple",
            "packages",
            "/cooldown/7d/",
            "/asof/2026-01-31/",
            "cooldown",
            "7d",
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
            "/packages/source/x/x/",
            "/integrity/x/1.0/",
            "/provenance",
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
                case Route.OldFile old ->
                    assertThat(target.toString())
                            .contains("/packages/source/x/x/")
                            .contains(old.path().filename());
                case Route.Provenance provenance ->
                    assertThat(target.toString())
                            .contains("/integrity/")
                            .contains(provenance.path().filename() + "/provenance");
                case Route.Elsewhere elsewhere ->
                    assertThat(elsewhere.location())
                            .matches("(\\.\\./)?[a-z0-9-]+/(\\?[!-~]*)?")
                            .doesNotStartWith("//");
                case Route.Project project ->
                    assertThat(project.name().normal()).matches("[a-z0-9-]+");
                case Route.RootList ignored ->
                    assertThat(target.toString()).matches("(/cooldown/7d|/asof/2026-01-31)?/simple/.*");
                default -> assertThat(route.label()).isIn("malformed", "unknown", "people", "pip-conf", "readyz");
            }
        }
    }
}
