package dev.flotilla.controller.command;

import static dev.flotilla.controller.command.FleetOverHttp.region;
import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.vocabulary.ByteSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code simulate} as a verb, and its part of {@code plan}, over HTTP. */
class SimulateCommandTest {
    @TempDir
    Path folder;

    private FleetOverHttp world;

    @BeforeEach
    void start() throws Exception {
        world = new FleetOverHttp(folder);
    }

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void aFleetThatFailsOverIsRightAndNobodyIsAsked() throws Exception {
        String file = world.fleet(region("east", "127.0.95.1", 1), region("west", "127.0.95.2", 1));
        world.route53.close();
        assertThat(world.run("simulate", "-C", file)).as(world.err()).isZero();
        assertThat(world.out())
                .startsWith("a dead region is left within ")
                .contains("whatever is down, clients are led to what serves")
                .contains("mirror.example.org A: east\n  without east: west")
                .contains("(4 cases)");
    }

    @Test
    void whatWouldBeOverloadedMakesItFail() throws Exception {
        String file = world.fleet(region("east", "127.0.95.1", 1), region("west", "127.0.95.2", 1));
        Files.writeString(
                Path.of(file),
                "\nflotilla.fleet.regions.east { load = 10, capacity = 20 }"
                        + "\nflotilla.fleet.regions.west { load = 10, capacity = 15 }\n",
                StandardOpenOption.APPEND);
        assertThat(world.run("simulate", "-C", file, "--json")).isEqualTo(1);
        JsonObject told = new JsonReader(ByteSize.ofMiB(1)).object(world.out().getBytes(StandardCharsets.UTF_8));
        assertThat(told.truth("problems")).isTrue();
        assertThat(((JsonObject) told.sequence("findings").getFirst()).text("text"))
                .isEqualTo("with east down, west gets 20 and can bear 15 (133 %), where clients use the fleet's name");
        assertThat(told.sequence("answers")).hasSize(3);
    }

    @Test
    void aPlanThatChangesDnsSaysWhatWouldHappenWhileSomethingIsDown() throws Exception {
        String file = world.fleet(
                region("east", "127.0.95.1", world.serve("127.0.95.1")),
                region("west", "127.0.95.2", world.serve("127.0.95.2")));
        assertThat(world.run("simulate", "-C", file, "--zone")).isEqualTo(1);
        assertThat(world.out()).contains("! no node is in DNS: mirror.example.org has no answer");

        assertThat(world.run("plan", "-C", file)).isEqualTo(2);
        assertThat(world.out())
                .contains("when something is down:\n  a dead region is left within ")
                .contains("  whatever is down, clients are led to what serves");
        assertThat(world.run("apply", "-C", file, "--yes")).as(world.err()).isZero();
        assertThat(world.run("simulate", "-C", file, "--zone")).as(world.out()).isZero();
        assertThat(world.run("plan", "-C", file)).isZero();
        assertThat(world.out()).doesNotContain("when something is down");
    }
}
