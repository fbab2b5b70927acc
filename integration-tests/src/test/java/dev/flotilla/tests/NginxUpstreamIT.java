package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that any web server lists is an index: PEP 503 asks for no more. */
@Tag("real")
class NginxUpstreamIT {
    private static final Wheel APPLICATION = Wheel.of("flotilla-nginx-app", "1.0", 0, "flotilla-nginx-library");
    private static final Wheel LIBRARY = Wheel.of("flotilla-nginx-library", "0.3", 70_000);

    @Test
    void pipInstallsFromAPlainFolderServedByNginx(@TempDir Path folder) throws Exception {
        try (var nginx = Nginx.serving(folder, List.of(APPLICATION, LIBRARY));
                var fleet = Fleet.start(folder, "--upstream", nginx.index().toString())) {
            var environment = PythonEnvironment.create(folder);
            environment.install(fleet.index("east"), APPLICATION.project()).succeeded();
            assertThat(environment.python("import flotilla_nginx_library as l; print(l.VERSION)"))
                    .isEqualTo("0.3");
        }
    }
}
