package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A local fleet whose mirrors serve by HTTPS, too. */
class LocalHttpsIT {
    private static final String PROJECT = "flotilla-sample-tides";

    @TempDir
    private Path folder;

    @Test
    void pipInstallsByHttpsFromEachRegionWithTheAuthorityThatIsShownAndNotWithout() {
        try (var fleet = Fleet.start(folder, "--sample", "--https")) {
            Path authority = fleet.state().resolve("certificates").resolve("authority.pem");
            // What the machine trusts goes over --cert in pip.
            var environment = PythonEnvironment.create(
                    folder, List.of("env", "-u", "REQUESTS_CA_BUNDLE", "-u", "CURL_CA_BUNDLE", "-u", "SSL_CERT_FILE"));
            for (String region : new String[] {"east", "west"}) {
                URI index = URI.create(fleet.ready()
                                .at("/regions/" + region + "/encrypted")
                                .asText())
                        .resolve("simple/");
                assertThat(fleet.output()).contains("index-url = " + index).contains("cert = " + authority);
                assertThat(environment
                                .install(index, "--force-reinstall", "--cert", authority.toString(), PROJECT)
                                .succeeded()
                                .output())
                        .contains("Successfully installed")
                        .contains(index.getAuthority());
                assertThat(environment
                                .install(index, "--force-reinstall", "--retries", "0", PROJECT)
                                .output())
                        .contains("CERTIFICATE_VERIFY_FAILED")
                        .doesNotContain("Successfully installed");
            }
        }
    }
}
