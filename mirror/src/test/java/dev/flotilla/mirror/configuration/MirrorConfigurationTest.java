package dev.flotilla.mirror.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.mirror.upstream.Credentials;
import dev.flotilla.mirror.upstream.Secret;
import dev.flotilla.settings.Loading;
import dev.flotilla.settings.Problem;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MirrorConfigurationTest {
    private static final String LEAST = "region = east, node = east-1, store { path = /var/lib/flotilla/mirror }";

    private static MirrorConfiguration read(String settings) {
        return switch (MirrorConfiguration.parse("flotilla.mirror { " + settings + " }", "m.conf")) {
            case Loading.Loaded<MirrorConfiguration> loaded -> loaded.value();
            case Loading.Refused<MirrorConfiguration> refused -> throw new AssertionError(refused.text());
        };
    }

    private static List<String> problems(String settings) {
        return switch (MirrorConfiguration.parse("flotilla.mirror { " + settings + " }", "m.conf")) {
            case Loading.Loaded<MirrorConfiguration> loaded -> List.of();
            case Loading.Refused<MirrorConfiguration> refused ->
                refused.problems().stream().map(Problem::toString).toList();
        };
    }

    @Test
    void withoutMoreThanItsNameAndStoreAMirrorFollowsThePublicIndex() {
        var configuration = read(LEAST);
        assertThat(configuration.upstreams()).singleElement().satisfies(index -> {
            assertThat(index.name()).isEqualTo("pypi");
            assertThat(index.fileHosts()).hasSize(2);
        });
        assertThat(configuration.listen()).hasToString("0.0.0.0:8080");
        assertThat(configuration.operations().address()).hasToString("127.0.0.1:8081");
        assertThat(configuration.store().budget()).isEqualTo(ByteSize.ofGiB(50));
        assertThat(configuration.pages().lifetimeLimit()).isEqualTo(Duration.ofMinutes(10));
        assertThat(configuration.http().shutdownLimit()).isEqualTo(Duration.ofSeconds(10));
        assertThat(configuration.draining()).isFalse();
    }

    @Test
    void anUpstreamsFilesComeFromItsOwnHostUnlessOthersAreNamed() {
        var own = read(LEAST + ", upstreams = [ { name = a, index = \"http://127.0.0.1:3141/root/pypi/+simple\" } ]");
        assertThat(own.upstreams()).singleElement().satisfies(index -> {
            assertThat(index.index()).isEqualTo(URI.create("http://127.0.0.1:3141/root/pypi/+simple/"));
            assertThat(index.fileHosts()).singleElement().hasToString("127.0.0.1:3141");
        });
        var others = read(
                LEAST
                        + ", upstreams = [ { name = a, index = \"https://i.example/simple/\", file-hosts = [f.example, \"g.example:81\"] } ]");
        assertThat(others.upstreams().getFirst().fileHosts())
                .extracting(Object::toString)
                .contains("f.example:443", "g.example:81");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "store { path = relative } | store: path has to be absolute",
                "upstreams = [] | upstreams is empty",
                "upstreams = [ { name = a, index = \"http://x/\" }, { name = a, index = \"http://y/\" } ] | two upstreams have the name a",
                "upstreams = [ { name = a, index = \"http://u:p@x/\" } ] | no address of an index",
                "upstreams = [ { name = a, index = \"file:///etc/\" } ] | no address of an index",
                "upstreams = [ { name = a, index = \"https://x/\", credentials { type = bearer } } ] | either secret-file or secret-environment",
                "upstreams = [ { name = a, index = \"https://x/\", credentials { type = basic, secret-environment = PATH } } ] | type basic needs a username",
                "upstreams = [ { name = a, index = \"https://x/\", credentials { type = bearer, secret-environment = FLOTILLA_UNSET } } ] | the environment has no variable FLOTILLA_UNSET",
                "upstreams = [ { name = a, index = \"http://x/\", credentials { type = basic, username = u, secret-environment = PATH } } ] | unencrypted",
                "listen { host = \"a b\" } | neither the name of a host nor an address",
                "operations { host = \"0.0.0.0\", port = 8080 } | listen and operations can't both be 0.0.0.0:8080",
                "pages { lifetime-floor = 1h } | can't be above lifetime-limit",
                "http { head-limit = 2 MiB } | can't be above 1 MiB",
                "http { idle-time-out = 5s } | has to be longer than outbound.page-deadline",
                "pages { memory = 10 } | too small",
                "files { chunk = 1 GiB } | chunk",
                "http { acces-log = on } | did you mean access-log"
            })
    void whatDoesNotFitIsRefusedWithAReason(String wrong, String reason) {
        String settings = wrong.startsWith("store") ? "region = east, node = east-1, " + wrong : LEAST + ", " + wrong;
        assertThat(problems(settings)).singleElement().asString().contains(reason);
    }

    @Test
    void aSecretComesFromItsFileAndIsNeverShown(@TempDir Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "s3cret\n");
        var configuration =
                read(LEAST + ", upstreams = [ { name = a, index = \"https://i.example/simple/\", credentials {"
                        + " type = basic, username = reader, secret-file = \"" + secret + "\" } } ]");
        assertThat(configuration.upstreams().getFirst().credentials())
                .contains(Credentials.basic("reader", new Secret("s3cret"), false, false));
        assertThat(configuration.toString()).contains("[redacted]").doesNotContain("s3cret");
        Files.delete(secret);
        assertThat(problems(LEAST + ", upstreams = [ { name = a, index = \"https://i.example/simple/\", credentials {"
                        + " type = basic, username = reader, secret-file = \"" + secret + "\" } } ]"))
                .singleElement()
                .asString()
                .contains("the secret can't be read");
    }

    @Test
    void addressesStandAsInUrls() {
        assertThat(new ListenAddress("::1", 80)).hasToString("[::1]:80");
        assertThat(new ListenAddress("127.0.1.1", 8080)).hasToString("127.0.1.1:8080");
    }
}
