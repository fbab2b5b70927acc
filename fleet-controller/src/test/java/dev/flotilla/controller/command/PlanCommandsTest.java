package dev.flotilla.controller.command;

import static dev.flotilla.controller.command.FleetOverHttp.region;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ChangeBatch;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecord;

/** {@code plan} and {@code apply} over HTTP. */
class PlanCommandsTest {
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

    private int run(String... arguments) {
        return world.run(arguments);
    }

    @Test
    void whoMayNotReadTheBucketIsToldSoAndWhoHeIsAndTakesItForNobodys() throws Exception {
        String file = world.fleet(region("east", "127.0.93.1", world.serve("127.0.93.1")));
        world.credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("stranger", "guessed"));
        assertThat(run("plan", "-C", file)).isEqualTo(1);
        assertThat(world.out()).doesNotContain("+ configuration");
        assertThat(world.err())
                .contains(
                        "no plan can be made: whose the bucket acme ",
                        "(status 403, asked with the access key stranger)")
                .contains("Use other credentials", "flotilla iam controller");
        assertThat(run("doctor", "-C", file)).isEqualTo(1);
        assertThat(world.out()).contains("fail  bucket: whose the bucket acme ").doesNotContain("it is nobody's");
    }

    @Test
    void planShowsApplyDoesAndAfterwardsThereIsNothingToDo() throws Exception {
        String file = world.fleet(
                region("east", "127.0.93.1", world.serve("127.0.93.1")),
                region("west", "127.0.93.2", world.serve("127.0.93.2")));
        assertThat(run("plan", "-C", file)).as(world.err()).isEqualTo(2);
        assertThat(world.out())
                .contains("bucket:\n  + configuration/east/east-1/mirror.conf")
                .contains("dns:\n  + check http://127.0.93.1:")
                .contains(" to add, 0 to change, 0 to remove.");
        assertThat(folder.resolve("bucket/acme")).isEmptyDirectory();
        assertThat(world.addresses()).isZero();

        assertThat(run("apply", "-C", file)).isEqualTo(1);
        assertThat(world.err()).contains("nobody can be asked here. Say --yes");
        world.answer = Optional.of("y");
        assertThat(run("apply", "-C", file)).isEqualTo(1);
        assertThat(world.err()).contains("nothing is changed, as you wish");
        assertThat(run("apply", "-C", file, "--check", "--json")).isEqualTo(2);
        assertThat(world.out().lines()).allMatch(line -> line.startsWith("{\"event\": \""));
        assertThat(world.asked).hasSize(2);
        assertThat(world.addresses()).isZero();

        world.answer = Optional.of("yes");
        assertThat(run("apply", "-C", file)).as(world.out() + " " + world.err()).isZero();
        assertThat(world.out()).contains("release 1 is published").contains("Done: ");
        assertThat(world.addresses()).isEqualTo(2);
        assertThat(run("plan", "-C", file)).isZero();
        assertThat(world.out().strip()).isEqualTo("Nothing to do: the fleet is as fleet.conf says.");
        assertThat(run("apply", "-C", file)).isZero();
        assertThat(world.asked).hasSize(3);
        assertThat(run("audit", "-C", file)).isZero();
        assertThat(world.out())
                .contains("publish 1: done")
                .contains("apply: done")
                .contains("chain of 2 is whole");
    }

    @Test
    void aNameOfSomebodyElsesIsTakenOverWhereThatIsSaidAndWhatStoodThereIsKept() throws Exception {
        String file = world.fleet(region("east", "127.0.93.1", world.serve("127.0.93.1")));
        var theirs = Change.builder()
                .action(ChangeAction.CREATE)
                .resourceRecordSet(records -> records.name("mirror.example.org")
                        .type(RRType.CNAME)
                        .ttl(77L)
                        .resourceRecords(ResourceRecord.builder()
                                .value("old.example.net")
                                .build()))
                .build();
        world.client.changeResourceRecordSets(request -> request.hostedZoneId(world.zone)
                .changeBatch(ChangeBatch.builder().changes(theirs).build()));
        assertThat(run("apply", "-C", file, "--yes")).as("all but that name").isEqualTo(1);
        assertThat(run("plan", "-C", file)).isEqualTo(1);
        assertThat(world.out()).contains("To have the fleet take its place: --adopt mirror.example.org");
        assertThat(run("plan", "-C", file, "--adopt", "www.example.org")).isEqualTo(1);
        assertThat(world.err()).contains("--adopt: www.example.org is no name of this fleet");
        assertThat(run("plan", "-C", file, "--adopt", "mirror.example.org")).isEqualTo(2);
        assertThat(world.out()).containsPattern("- CNAME +mirror.example.org +old.example.net \\(ttl 77 s\\)");
        assertThat(run("apply", "-C", file, "--adopt", "mirror.example.org", "--yes"))
                .as(world.err())
                .isZero();
        assertThat(run("plan", "-C", file)).isZero();
        assertThat(world.out().strip()).isEqualTo("Nothing to do: the fleet is as fleet.conf says.");
        assertThat(run("audit", "-C", file, "--json")).isZero();
        assertThat(world.out()).containsPattern("- +CNAME +mirror.example.org +old.example.net \\(ttl 77 s\\)");
    }

    /** Not even a lock or a record of its own is left there: they would stand in the other one's chain. */
    @Test
    void aFleetOfAnotherNameIsToldWhoseBucketItIsAndWritesNothing() throws Exception {
        String file = world.fleet(region("east", "127.0.93.1", world.serve("127.0.93.1")));
        assertThat(run("apply", "-C", file, "--yes")).as(world.err()).isZero();
        List<Path> before = objects();
        assertThat(run("init", "--name", "other", folder.resolve("other").toString()))
                .isZero();
        String other = Files.writeString(
                        folder.resolve("other/fleet.conf"),
                        Files.readString(Path.of(file)).replace("name = acme, bucket", "name = other, bucket"))
                .toString();
        for (List<String> verb : List.of(List.of("plan"), List.of("apply", "--yes"), List.of("publish"))) {
            List<String> line = new ArrayList<>(verb);
            line.addAll(List.of("-C", other));
            assertThat(run(line.toArray(String[]::new))).as(world.out()).isEqualTo(1);
            assertThat(world.err()).contains("the bucket belongs to the fleet acme, and this is the fleet other");
        }
        assertThat(objects()).isEqualTo(before);
        assertThat(run("plan", "-C", file)).as(world.err()).isZero();
        assertThat(run("audit", "-C", file)).as(world.err()).isZero();
    }

    private List<Path> objects() throws IOException {
        try (Stream<Path> objects = Files.walk(folder.resolve("bucket/acme"))) {
            return objects.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void aSavedPlanIsDoneAsItIsOrNotAtAll() throws Exception {
        String east = region("east", "127.0.93.1", world.serve("127.0.93.1"));
        String saved = folder.resolve("tonight.plan").toString();
        String file = world.fleet(east);
        assertThat(run("plan", "-C", file, "-o", saved)).isEqualTo(2);
        assertThat(run("publish", "-C", file)).isZero();
        assertThat(run("apply", "-C", file, saved)).isEqualTo(1);
        assertThat(world.err()).contains("nothing is changed: the world has moved since the plan of ");
        assertThat(world.out()).contains("no longer: + configuration/east/east-1/mirror.conf");
        assertThat(world.addresses()).isZero();

        assertThat(run("plan", "-C", file, "-o", saved)).isEqualTo(2);
        assertThat(run("apply", "-C", file, saved, "--limit", "east")).isEqualTo(1);
        assertThat(run("apply", "-C", file, saved, "--json")).isZero();
        assertThat(world.out()).contains("{\"event\": \"end\",\"result\": \"done\",\"problems\": []}");
        assertThat(world.addresses()).isEqualTo(1);
        assertThat(world.asked).isEmpty();
        assertThat(run("apply", "-C", file, saved)).isEqualTo(1);
        assertThat(run("apply", "-C", file, folder.resolve("none.plan").toString()))
                .isEqualTo(1);
        assertThat(world.err()).contains("there is no plan ");
    }

    @Test
    void whatChangesInsideFilesAndRecordsIsShownWhereItIsAskedForAndSavedWithThePlan() throws Exception {
        int port = world.serve("127.0.93.1");
        String east = region("east", "127.0.93.1", port);
        assertThat(run("plan", "-C", world.fleet(east), "--diff")).isEqualTo(2);
        assertThat(world.out())
                .contains("  + configuration/east/east-1/mirror.conf\n      @@ -0,0 +1,")
                .contains("      +            port=" + port);
        assertThat(run("apply", "-C", world.file().toString(), "--yes")).isZero();
        assertThat(world.out()).doesNotContain("@@");

        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "another program");
        String file = world.fleetWith("mirror { policy { block = [ evil ] } }", east);
        Files.writeString(
                world.file(),
                Files.readString(world.file()).replace("calls-per-second", "ttl = 30s, calls-per-second"));
        String saved = folder.resolve("tonight.plan").toString();
        assertThat(run("plan", "-C", file, "--diff", "-o", saved)).isEqualTo(2);
        String shown = world.out();
        assertThat(shown)
                .contains("  ~ configuration/east/east-1/mirror.conf\n      @@ -")
                .containsPattern("      \\+ +block=\\[")
                .containsPattern(
                        "  ~ programs/flotilla-mirror.tar.gz\n      -9 B, sha256 [0-9a-f]+\n      \\+15 B, sha256 ")
                .containsPattern(
                        "\n  ~ A .*\\(ttl 30 s\\).*\n      -A .*\\(ttl 60 s\\).*\n      \\+A .*\\(ttl 30 s\\)");
        assertThat(run("plan", "-C", file)).isEqualTo(2);
        assertThat(world.out()).doesNotContain("@@");
        assertThat(run("apply", "-C", file, saved))
                .as(world.out() + world.err())
                .isZero();
        assertThat(world.out()).startsWith(shown.substring(0, shown.indexOf("Plan: ")));
    }

    @Test
    void whereTheArchiveForMachinesOrAKeyIsMissingAllElseIsPlannedAndDone() throws Exception {
        String east = region("east", "127.0.93.1", world.serve("127.0.93.1"));
        String file = world.fleetWith("ssh { user = root }", east);
        assertThat(run("plan", "-C", file)).isEqualTo(2);
        assertThat(world.out())
                .contains("! the machines aren't looked at: there is no node archive "
                        + folder.resolve("flotilla-node.tar.gz"))
                .contains("  + configuration/east/east-1/mirror.conf", "dns:");
        assertThat(run("apply", "-C", file, "--yes"))
                .as("what can be done is done; that something is missing is no success")
                .isEqualTo(1);
        assertThat(world.out()).contains("Done: ");
        assertThat(world.addresses()).isEqualTo(1);
        assertThat(run("plan", "-C", file)).isEqualTo(1);
        assertThat(world.out()).contains("Nothing to do");
        file = world.fleetWith("ssh { user = root, identities = [ nowhere ] }", east);
        assertThat(run("plan", "-C", file)).isEqualTo(1);
    }

    @Test
    void aRegionLeavesOnlyWithSomebodysWordAndANodeThatDoesNotAnswerIsNamed() throws Exception {
        String east = region("east", "127.0.93.1", world.serve("127.0.93.1"));
        String west = region("west", "127.0.93.2", world.serve("127.0.93.2"));
        assertThat(run("apply", "-C", world.fleet(east, west), "--yes"))
                .as(world.err())
                .isZero();
        String smaller = world.fleet(east);
        assertThat(run("apply", "-C", smaller, "--yes")).isEqualTo(1);
        assertThat(world.out()).contains("! it takes all nodes of west out of DNS");
        assertThat(world.addresses()).isEqualTo(2);
        assertThat(run("apply", "-C", smaller, "--yes", "--allow-outage")).isZero();
        assertThat(world.addresses()).isEqualTo(1);
        world.stopNode(0);
        assertThat(run("plan", "-C", smaller)).isEqualTo(1);
        assertThat(world.out()).contains("! east/east-1 doesn't serve: nothing answers at 127.0.93.1:");
        assertThat(world.addresses()).isEqualTo(1);
    }
}
