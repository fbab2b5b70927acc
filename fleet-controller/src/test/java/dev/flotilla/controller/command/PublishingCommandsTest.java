package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.lock.FleetLock;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Verbs that change what is in the bucket. */
class PublishingCommandsTest extends TypedVerbs {
    @Test
    void publishingSaysWhatItDoes() throws IOException {
        try (var bucket = bucket()) {
            Path file = fleet(bucket, "regions { east { nodes { east-1 { address = 192.0.2.1 } } } }");
            assertThat(run("publish", "-C", file.toString())).isEqualTo(1);
            assertThat(err.toString())
                    .startsWith("flotilla: not published: there is no mirror program "
                            + folder.resolve("flotilla-mirror.tar.gz"));
            program();
            Files.writeString(folder.resolve("flotilla-agent.tar.gz"), "an agent");
            assertThat(run("publish", "-C", file.toString())).isZero();
            assertThat(out.toString())
                    .startsWith("Fleet acme: 1 node in 1 region, bucket acme at http://127.0.0.1:")
                    .contains("  + programs/flotilla-agent.tar.gz")
                    .contains("  + configuration/east/east-1/mirror.conf")
                    .contains("Release 1 is published; it holds until ");
            assertThat(run("publish", "-C", file.toString())).isZero();
            assertThat(out.toString()).contains("Nothing has changed: release 1 says the same");
            assertThat(run("publish", "-C", file.toString(), "--renew", "--json"))
                    .isZero();
            assertThat(out.toString()).contains("\"result\": \"published\"").contains("\"version\": 1");
        }
    }

    @Test
    void drainsAndPurgesArePublishedAndSaidInPlainWords() throws IOException {
        try (var bucket = bucket()) {
            String file = fleet(bucket, """
                    regions {
                      east { nodes { east-1 { address = 192.0.2.1 } } }
                      west { nodes { west-1 { address = 192.0.2.2 } } }
                    }
                    """).toString();
            assertThat(run("drain", "-C", file, "east")).isEqualTo(1);
            assertThat(err.toString()).contains("nothing is changed").contains("Run flotilla publish");
            program();
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("drain", "-C", file, "east", "--for", "2h", "--reason", "new switch"))
                    .isZero();
            assertThat(out.toString()).contains("Published: drain east until 2").contains("(new switch)");
            assertThat(run("drain", "-C", file, "west/west-1")).isZero();
            assertThat(out.toString())
                    .contains("1 of 2 nodes have to serve (minimum-serving), so these go on: east/east-1");
            assertThat(run("drain", "-C", file, "north")).isEqualTo(1);
            assertThat(err.toString()).contains("no region north: there are east/east-1, west/west-1");
            assertThat(run("drain", "-C", file, "east", "--until", "2020-01-01T00:00:00Z"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("would be over already");
            assertThat(run("drain", "-C", file, "east", "--for", "0s")).isEqualTo(2);
            assertThat(run("undrain", "-C", file, "east")).isZero();
            assertThat(run("undrain", "-C", file, "east", "--json")).isZero();
            assertThat(out.toString()).contains("\"result\": \"unchanged\"");
            assertThat(run("purge", "-C", file, "Re.Quests", "--hard")).isZero();
            assertThat(out.toString()).contains("purge project re-quests, hard").contains("It is purge 1;");
            assertThat(run("purge", "-C", file, "--all")).isZero();
            assertThat(out.toString()).contains("It is purge 2;");
            assertThat(run("purge", "-C", file, "--prefix", "A b")).isEqualTo(2);
            assertThat(run("purge", "-C", file)).isEqualTo(2);
            Files.delete(folder.resolve("acme/trust/intents.key"));
            assertThat(run("drain", "-C", file, "east")).isEqualTo(1);
            assertThat(err.toString())
                    .contains("has none of the keys that may sign intents")
                    .contains("--keys");
        }
    }

    private static void report(
            Bucket bucket,
            String node,
            long intents,
            boolean drained,
            Optional<String> held,
            long purged,
            long waiting) {
        var region = new RegionName(node.substring(0, node.indexOf('-')));
        var report = new NodeReport(
                        new FleetName("acme"),
                        region,
                        new NodeName(node),
                        Instant.now(),
                        new NodeReport.Agent("test", 1),
                        Optional.empty(),
                        Optional.empty(),
                        NodeReport.Condition.HEALTHY,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .with(new NodeReport.Steering(
                        intents,
                        drained,
                        Optional.empty(),
                        held,
                        Optional.empty(),
                        purged,
                        waiting,
                        waiting > 0 ? Optional.of("the mirror answers 500") : Optional.empty()));
        assertThat(bucket.put(
                        BucketLayout.report(region, new NodeName(node)), report.toBytes(), Bucket.Condition.none()))
                .isInstanceOf(Bucket.Writing.Written.class);
    }

    @Test
    void theWayBackOfNodesIsPublishedAndUndrainIsTheWordThatTheyWaitFor() throws IOException {
        try (var server = bucket()) {
            Path written = fleet(server, """
                    dns { zone = example.org, name = mirror.example.org }
                    regions {
                      east { nodes { east-1 { address = 192.0.2.1 } } }
                      west { nodes { west-1 { address = 192.0.2.3 } } }
                    }
                    """);
            String file = written.toString();
            String conf = Files.readString(written);
            program();
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(out.toString()).as("at once is nothing to tell").doesNotContain("come back");
            run("undrain", "-C", file, "east");
            assertThat(run("undrain", "-C", file, "east")).isZero();
            assertThat(out.toString()).as("nobody waits for a word").contains("It is wanted already");

            Files.writeString(written, conf + "flotilla.fleet.dns.failback = manual\n");
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(out.toString())
                    .contains(
                            "Nodes are told: nodes whose mirrors end by themselves come back when flotilla undrain says so.");
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(out.toString()).as("they know").doesNotContain("come back");
            assertThat(run("undrain", "-C", file, "east")).isZero();
            assertThat(out.toString()).contains("Published: ");

            Files.writeString(written, conf + "flotilla.fleet.dns { failback = after-soak, failback-soak = 5m }\n");
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(out.toString()).contains("come back after 300 s of service.");
            assertThat(run("undrain", "-C", file, "east")).isZero();
            assertThat(out.toString()).contains("It is wanted already");
            Files.writeString(written, conf + "flotilla.fleet.dns.failback = never\n");
            assertThat(run("publish", "-C", file)).isEqualTo(1);
            assertThat(err.toString()).contains("'never' is no way back. There are after-soak, manual");
        }
    }

    @Test
    void drainsAndPurgesAreWaitedForByTheReportsOfNodesAndWhoIsAwaitedIsNamed() throws IOException {
        try (var server = bucket()) {
            Path written = fleet(server, """
                    regions {
                      east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 } } }
                      west { nodes { west-1 { address = 192.0.2.3 } } }
                    }
                    """);
            String file = written.toString();
            String conf = Files.readString(written);
            program();
            assertThat(run("publish", "-C", file)).isZero();
            try (Bucket bucket = open(written)) {
                report(bucket, "east-1", 0, true, Optional.empty(), 0, 0);
                assertThat(run("drain", "-C", file, "east", "--wait", "--nodes-only", "--timeout", "1s"))
                        .isEqualTo(3);
                assertThat(out.toString())
                        .contains("still awaited: east/east-1: it doesn't know of it yet; its last report is of ")
                        .contains("still awaited: east/east-2: it has never reported")
                        .contains("2 of 2 nodes have not said in time")
                        .doesNotContain("west/west-1");
                report(bucket, "east-1", 1000, true, Optional.empty(), 0, 0);
                report(bucket, "east-2", 1000, false, Optional.of("too few others serve"), 0, 0);
                assertThat(run("drain", "-C", file, "east/east-1", "--wait", "--nodes-only"))
                        .isZero();
                assertThat(out.toString()).contains("  east/east-1: drained", "All 1 nodes say so.");
                assertThat(run("drain", "-C", file, "east", "--wait", "--nodes-only", "--timeout", "1s", "--json"))
                        .isEqualTo(3);
                assertThat(out.toString())
                        .as("a node that can't go yet is waited for: others may serve in a moment")
                        .startsWith("{")
                        .contains("\"result\": \"published\"")
                        .containsSubsequence("east/east-1", "\"done\"", "east/east-2", "\"awaited\"", "too few others");
                report(bucket, "west-1", 1000, true, Optional.empty(), 0, 0);
                assertThat(run("drain", "-C", file, "west", "--wait", "--nodes-only"))
                        .isZero();
                assertThat(out.toString())
                        .contains("1 of 3 nodes have to serve (minimum-serving), so these go on: east/east-1");
                report(bucket, "east-1", 1000, false, Optional.of("too few others serve"), 0, 0);
                assertThat(run("drain", "-C", file, "east/east-1", "--wait", "--nodes-only", "--reason", "all"))
                        .as("the one that has to serve isn't waited for")
                        .isEqualTo(3);
                assertThat(out.toString()).contains("east/east-1: it serves on: too few others serve");
                assertThat(run("undrain", "-C", file, "west")).isZero();
                report(bucket, "east-1", 1000, true, Optional.empty(), 0, 0);
                assertThat(run("undrain", "-C", file, "east", "--wait", "--timeout", "1s"))
                        .isEqualTo(3);
                assertThat(out.toString())
                        .contains("east/east-2: clients may come")
                        .contains("east/east-1: it stays drained, by another drain: east/east-1");
                report(bucket, "east-1", 1000, false, Optional.empty(), 0, 0);
                assertThat(run("undrain", "-C", file, "east/east-1", "--wait")).isZero();
                assertThat(run("undrain", "-C", file, "east/east-1", "--wait", "--json"))
                        .as("what is wanted already is waited for, too")
                        .isZero();
                assertThat(out.toString()).contains("\"result\": \"unchanged\"", "\"clients may come\"");
                report(bucket, "east-1", 1000, false, Optional.empty(), 1, 0);
                report(bucket, "east-2", 1000, false, Optional.empty(), 0, 1);
                report(bucket, "west-1", 1000, false, Optional.empty(), 7, 0);
                assertThat(run("purge", "-C", file, "--all", "--wait", "--timeout", "1s"))
                        .isEqualTo(3);
                assertThat(out.toString())
                        .contains("  east/east-1: purged", "  west/west-1: purged")
                        .contains("still awaited: east/east-2: 1 purges wait: the mirror answers 500");
            }
            Files.writeString(folder.resolve("acme/fleet.conf"), conf + "flotilla.fleet.rollout.reports = false\n");
            assertThat(run("purge", "-C", file, "--all", "--wait")).isEqualTo(1);
            assertThat(err.toString()).contains("nothing is changed", "rollout.reports = false", "Leave --wait out");
        }
    }

    @Test
    void whileAnotherControllerHoldsTheLockEveryVerbThatChangesStopsWithItsNameAndABreakFreesIt() throws Exception {
        try (var server = bucket()) {
            String file = fleet(server, "regions { east { nodes { east-1 { address = 192.0.2.1 } } } }")
                    .toString();
            program();
            assertThat(run("lock", "-C", file, "status")).isZero();
            assertThat(run("lock", "status", "-C", file))
                    .as("the file may come last")
                    .isZero();
            assertThat(out.toString()).contains("Nobody has ever held the lock");
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("lock", "-C", file, "status")).isZero();
            assertThat(out.toString()).contains("Nobody holds the lock. Last was test@here (publish, generation 1)");
            var fleet = read(Path.of(file));
            try (var bucket = open(Path.of(file));
                    var bobs = ((FleetLock.Taking.Taken) new FleetLock(
                                            fleet.name(), bucket, Clock.systemUTC(), FleetLock.Terms.USUAL, "bob@train")
                                    .take("apply", Duration.ZERO, line -> {}))
                            .holding()) {
                for (List<String> verb : List.of(
                        List.of("publish"),
                        List.of("drain", "east"),
                        List.of("undrain", "east"),
                        List.of("purge", "--all"),
                        List.of("pause"))) {
                    var arguments = new ArrayList<>(verb);
                    arguments.addAll(List.of("-C", file, "--lock-timeout", "0s"));
                    if (verb.equals(List.of("pause"))) {
                        arguments.addFirst("rollout");
                    }
                    assertThat(run(arguments.toArray(String[]::new)))
                            .as(err.toString())
                            .isEqualTo(4);
                    assertThat(err.toString()).contains("bob@train holds the fleet's lock (apply, since ");
                }
                assertThat(run("lock", "-C", file, "status", "--json")).isEqualTo(4);
                assertThat(out.toString()).contains("\"held\": true").contains("\"generation\": 2");
                assertThat(run("lock", "-C", file, "break", "1")).isEqualTo(1);
                assertThat(run("lock", "-C", file, "break", "2")).isZero();
                assertThat(out.toString()).contains("Broken: bob@train held it (apply");
                assertThat(run("lock", "-C", file, "break", "3")).isEqualTo(1);
                assertThat(err.toString()).contains("nobody holds the lock");
                assertThat(run("drain", "-C", file, "east", "--lock-timeout", "0s"))
                        .isZero();
                assertThat(bobs.lost()).isPresent();
            }
            assertThat(run("audit", "-C", file)).isZero();
            assertThat(out.toString())
                    .contains("test@here  publish 1: done")
                    .contains("test@here  lock break: done")
                    .contains("bob@train held it (apply, since ")
                    .contains("test@here  drain 1: done")
                    .contains("The chain of 3 is whole.");
            Path second = folder.resolve("bucket/acme/audit/chain/0000000002.json");
            Files.writeString(second, Files.readString(second).replace("test@here", "eve@here"));
            assertThat(run("audit", "-C", file, "--json", "--last", "1")).isEqualTo(1);
            assertThat(out.toString())
                    .contains("record 3 doesn't follow record 2")
                    .contains("\"action\": \"drain\"")
                    .doesNotContain("\"action\": \"publish\"");
        }
    }
}
