package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
class DigIT {
    @Test
    void digShowsWhatTheNameAnswers(@TempDir Path folder) {
        try (var fleet = Fleet.start(folder, "--sample")) {
            var dns = fleet.ready().get("dns");
            for (String transport : List.of("+notcp", "+tcp")) {
                Command dig = Command.run(List.of(
                                "dig",
                                "@" + dns.get("host").asText(),
                                "-p",
                                dns.get("port").asText(),
                                dns.get("name").asText(),
                                "A",
                                transport,
                                "+tries=1"))
                        .succeeded();
                assertThat(dig.output())
                        .contains("status: NOERROR")
                        .containsPattern("flags: qr aa")
                        .contains(fleet.address("east"));
            }
        }
    }
}
