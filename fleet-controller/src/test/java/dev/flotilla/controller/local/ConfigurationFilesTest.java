package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.settings.Loading;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFilesTest {
    private static final URI BUCKET = URI.create("http://127.0.0.1:9000");
    private static final URI ROUTE53 = URI.create("http://127.0.0.1:9053");

    @TempDir
    private Path folder;

    @Test
    void theControllerReadsWhatIsWrittenAlsoInAFolderWithAnOddName() throws Exception {
        try (var state = StateFolder.take(folder.resolve("a \"state\" ${HOME} \\ folder"))) {
            var files = new ConfigurationFiles(state, BUCKET);
            Files.writeString(
                    state.fleetConfiguration(),
                    files.fleet(
                            ROUTE53,
                            new ConfigurationFiles.MirrorPorts(8080, 8081, OptionalInt.empty()),
                            "sample",
                            URI.create("http://127.0.0.1:4711/simple/")));
            var loading = FleetConfiguration.load(state.fleetConfiguration());
            assertThat(loading).isInstanceOf(Loading.Loaded.class);
            FleetConfiguration fleet = ((Loading.Loaded<FleetConfiguration>) loading).value();
            assertThat(fleet.regions())
                    .extracting(region -> region.name().value())
                    .containsExactly("east", "west");
            assertThat(fleet.trust().folder()).isEqualTo(state.trust());
            assertThat(fleet.bucket().endpoint()).contains(BUCKET);
            Node west = fleet.nodes().getLast();
            assertThat(west.readiness()).isEqualTo(URI.create("http://127.0.2.1:8080/readyz"));
            assertThat(west.operationsPort()).isEqualTo(8081);
            assertThat(west.mirrorConfiguration())
                    .contains("127.0.2.1")
                    .contains("http://127.0.0.1:4711/simple/")
                    .contains("regions/west/store");
        }
    }
}
