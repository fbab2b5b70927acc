package dev.flotilla.controller.command;

import static dev.flotilla.controller.command.FleetOverHttp.region;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.route53.model.RRType;

/** {@code destroy} over HTTP; with machines: {@code ProvisionIT}. */
class DestroyCommandTest {
    @TempDir
    Path folder;

    private FleetOverHttp world;
    private String file = "";

    @BeforeEach
    void start() throws Exception {
        world = new FleetOverHttp(folder);
        file = world.fleet(
                region("east", "127.0.93.1", world.serve("127.0.93.1")),
                region("west", "127.0.93.2", world.serve("127.0.93.2")));
    }

    @AfterEach
    void end() {
        world.close();
    }

    private int destroy(String... more) {
        return world.run(
                Stream.concat(Stream.of("destroy", "-C", file), Stream.of(more)).toArray(String[]::new));
    }

    private List<Path> objects() throws IOException {
        try (var files = Files.walk(folder.resolve("bucket/acme"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private boolean hasOnlyZonesOwnRecords() {
        return world
                .client
                .listResourceRecordSets(request -> request.hostedZoneId(world.zone))
                .resourceRecordSets()
                .stream()
                .allMatch(records -> records.type() == RRType.NS || records.type() == RRType.SOA);
    }

    @Test
    void itShowsAllAsksForTheNameAndLeavesNothingOfTheFleet() throws IOException {
        assertThat(world.run("apply", "-C", file, "--yes")).as(world.err()).isZero();
        int before = objects().size();
        assertThat(destroy("--check")).isEqualTo(2);
        assertThat(world.out())
                .contains("dns:\n  - ", "bucket acme at ", "  - metadata/: ", "  - lock/: 1 object")
                .contains("left as it is:\n  the machines: fleet.conf doesn't say how to come to them")
                .contains("the keys in " + folder.resolve("acme/trust"));
        assertThat(destroy()).isEqualTo(1);
        assertThat(world.err()).contains("nobody can be asked here. Say --fleet-name acme");
        world.answer = Optional.of("yes");
        assertThat(destroy()).isEqualTo(1);
        assertThat(world.err()).contains("nothing is destroyed: 'yes' isn't the name of this fleet, which is acme");
        assertThat(destroy("--yes")).isEqualTo(2);
        assertThat(destroy("--fleet-name", "rival")).isEqualTo(1);
        assertThat(objects()).hasSize(before);
        assertThat(world.addresses()).isEqualTo(2);

        world.answer = Optional.of("acme");
        assertThat(destroy()).as(world.out() + world.err()).isZero();
        assertThat(world.out()).contains("DNS knows the fleet's names no more", "The fleet acme is destroyed.");
        assertThat(objects()).isEmpty();
        assertThat(hasOnlyZonesOwnRecords()).isTrue();
        assertThat(world.client.listHealthChecks().healthChecks()).isEmpty();
        assertThat(folder.resolve("acme/destroyed-acme/audit/head.json")).exists();
        assertThat(destroy("--fleet-name", "acme")).isZero();
        assertThat(world.out()).endsWith("Nothing is left of the fleet acme.\n");

        assertThat(world.run("apply", "-C", file, "--yes"))
                .as("the same keys make it anew: " + world.err())
                .isZero();
        assertThat(world.addresses()).isEqualTo(2);
    }

    @Test
    void forScriptsThereIsALineOfJsonForEachThingAndTheBucketCanBeKept() throws IOException {
        assertThat(world.run("apply", "-C", file, "--yes")).isZero();
        assertThat(destroy("--fleet-name", "acme", "--keep-bucket", "--json")).isZero();
        assertThat(world.out().lines()).allMatch(line -> line.startsWith("{\"event\": \""));
        assertThat(world.out())
                .contains("{\"event\": \"remove\",\"area\": \"dns\",\"text\": \"- ")
                .contains("{\"event\": \"left\",\"text\": \"the fleet's objects in bucket acme")
                .endsWith("{\"event\": \"end\",\"result\": \"done\",\"problems\": []}\n");
        assertThat(objects()).isNotEmpty();
        assertThat(world.run("audit", "-C", file)).isZero();
        assertThat(world.out()).contains("destroy: done");
    }
}
