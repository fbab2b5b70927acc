package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.BucketOptions;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.lock.FleetLock;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class CommandsTest {
    private static final BucketCredentials KEY = new BucketCredentials("key", "secret");

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var credentials =
                StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey()));
        CommandLine line = FlotillaCommand.with(List.of(
                new InitCommand(new SecureRandom()),
                new KeysCommand(Clock.systemUTC(), new SecureRandom()),
                new SignCommand(),
                new PublishCommand(Clock.systemUTC(), () -> credentials, folder, "test@here"),
                new DrainCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                new UndrainCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                new PurgeCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                RolloutCommand.with(
                        List.of(new RolloutWishCommand.Pause(Clock.systemUTC(), () -> credentials, "test@here"))),
                new AuditCommand(() -> credentials),
                new IamCommand(),
                new LockCommand(Clock.systemUTC(), () -> credentials, "test@here"),
                new StatusCommand(
                        Clock.systemUTC(),
                        () -> credentials,
                        state -> {
                            throw new IOException("nothing runs in " + state);
                        },
                        folder.resolve("usual"),
                        false)));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void statusWithoutAnyFleetNamesBothWaysToOne() {
        assertThat(run("status")).isEqualTo(1);
        assertThat(err.toString())
                .contains("there is no fleet.conf here")
                .contains("flotilla init")
                .contains("nothing runs in " + path("usual"));
    }

    @Test
    void theConfigurationThatComesWithTheProgramIsValidAsWritten() throws IOException {
        byte[] written = Objects.requireNonNull(InitCommand.class.getResourceAsStream("fleet.conf"))
                .readAllBytes();
        Path file = Files.write(folder.resolve("fleet.conf"), written);
        assertThat(FleetConfiguration.load(file))
                .isInstanceOfSatisfying(
                        Loading.Loaded.class,
                        loaded -> assertThat(loaded.value()).asString().contains("my-fleet"));
        assertThat(InitCommand.template(new FleetName("acme"))).contains("name = \"acme\"");
    }

    @Test
    void initWritesAConfigurationAndKeysThatNobodyElseMayRead() throws IOException {
        assertThat(run("init", path("acme"))).isZero();
        assertThat(out.toString())
                .contains("The fleet acme")
                .contains("flotilla publish --config " + path("acme/fleet.conf"));
        var loading = FleetConfiguration.load(folder.resolve("acme/fleet.conf"));
        var fleet = ((Loading.Loaded<FleetConfiguration>) loading).value();
        assertThat(fleet.name()).isEqualTo(new FleetName("acme"));
        assertThat(fleet.trust().folder()).isEqualTo(folder.resolve("acme/trust"));
        for (String key : List.of("root.key", "targets.key")) {
            assertThat(Files.getPosixFilePermissions(
                            folder.resolve("acme/trust").resolve(key)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void initOverwritesNothing() throws IOException {
        run("init", path("acme"));
        List<byte[]> before = contents();
        assertThat(run("init", path("acme"))).isEqualTo(1);
        assertThat(err.toString())
                .contains("nothing is overwritten")
                .contains(path("acme/fleet.conf"))
                .contains(path("acme/trust/root.key"));
        assertThat(contents()).usingElementComparator(Arrays::compare).containsExactlyElementsOf(before);
        Files.delete(folder.resolve("acme/fleet.conf"));
        Files.delete(folder.resolve("acme/trust/timestamp.key"));
        assertThat(run("init", path("acme"))).isEqualTo(1);
        assertThat(folder.resolve("acme/fleet.conf")).doesNotExist();
    }

    @Test
    void initThatWasEndedBetweenKeysAndFileIsFinishedByTheNext() throws IOException {
        run("init", path("acme"));
        byte[] key = Files.readAllBytes(folder.resolve("acme/trust/root.key"));
        Files.delete(folder.resolve("acme/fleet.conf"));
        assertThat(run("init", path("acme"))).isZero();
        assertThat(folder.resolve("acme/fleet.conf")).exists();
        assertThat(Files.readAllBytes(folder.resolve("acme/trust/root.key"))).isEqualTo(key);
    }

    private List<byte[]> contents() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> {
                        try {
                            return Files.readAllBytes(file);
                        } catch (IOException failed) {
                            throw new AssertionError(failed);
                        }
                    })
                    .toList();
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsOneLine() throws IOException {
        Files.writeString(folder.resolve("file"), "in the way");
        assertThat(run("init", path("file/below"))).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("flotilla: can't write to " + path("file/below"))
                .doesNotContain("\tat ");
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void initTakesTheNameThatItIsGivenAndRefusesWhatIsNone() throws IOException {
        assertThat(run("init", "--name", "harbour", path("x"))).isZero();
        assertThat(Files.readString(folder.resolve("x/fleet.conf"))).contains("name = \"harbour\"");
        assertThat(run("init", "--name", "Not A Name", path("y"))).isEqualTo(2);
        assertThat(err.toString()).contains("is no name for a fleet");
        assertThat(folder.resolve("y")).doesNotExist();
    }

    @Test
    void everyProblemOfAFleetConfIsListed() throws IOException {
        Path file = Files.writeString(folder.resolve("bad.conf"), """
                flotilla.fleet {
                  name = "Not A Name"
                  bukket { name = flotilla }
                  regions { east { nodes { east-1 { address = nowhere.example } } } }
                }
                """);
        for (String verb : List.of("publish", "status")) {
            assertThat(run(verb, "--config", file.toString())).isEqualTo(1);
            assertThat(err.toString())
                    .contains("4 problems in " + file)
                    .contains(file + ":2: flotilla.fleet.name:")
                    .contains("did you mean bucket?")
                    .contains(file + ":4:");
        }
    }

    @Test
    void aFleetConfThatIsMissingIsNamed() {
        assertThat(run("publish", "-C", path("missing.conf"))).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("flotilla: there is no " + path("missing.conf"))
                .contains("flotilla init");
    }

    @Test
    void wrongUsageIsTwoLinesAndExitCodeTwo() {
        assertThat(run("publsh")).isEqualTo(2);
        assertThat(err.toString()).contains("there is no verb 'publsh'").contains("flotilla publish");
        assertThat(run("status", "--bananas")).isEqualTo(2);
        assertThat(err.toString()).contains("--bananas").contains("Try 'flotilla status --help'.");
        assertThat(run("status", "--config", "a", "--state", "b")).isEqualTo(2);
        assertThat(run("status", "--config", "a", "--dns", "nowhere")).isEqualTo(2);
        assertThat(err.toString()).contains("'nowhere' is no HOST:PORT");
    }

    @Test
    void aLocalFleetThatDoesNotRunIsNamed() {
        assertThat(run("status", "--state", path("none"))).isEqualTo(1);
        assertThat(err.toString().strip()).isEqualTo("flotilla: nothing runs in " + path("none"));
    }

    @Test
    void everyVerbTeachesItself() {
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("init", "publish", "status", "flotilla local");
        for (String verb : List.of(
                "init", "publish", "drain", "undrain", "purge", "lock", "audit", "iam", "keys", "sign", "status")) {
            assertThat(run(verb, "--help")).isZero();
            assertThat(out.toString()).contains("Examples:", "Exit codes:", "flotilla " + verb);
            assertThat(out.toString().lines())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        }
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("flotilla ");
    }

    @Test
    void publishingSaysWhatItDoes() throws IOException {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var bucket = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY))) {
            run("init", path("acme"));
            Path file = Files.writeString(folder.resolve("acme/fleet.conf"), """
                    flotilla.fleet {
                      name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                      regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                    }
                    """.formatted(bucket.endpoint()));
            assertThat(run("publish", "-C", file.toString())).isEqualTo(1);
            assertThat(err.toString())
                    .startsWith("flotilla: not published: there is no mirror program "
                            + folder.resolve("flotilla-mirror.tar.gz"));
            Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
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
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var bucket = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY))) {
            run("init", path("acme"));
            String file = Files.writeString(folder.resolve("acme/fleet.conf"), """
                            flotilla.fleet {
                              name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                              regions {
                                east { nodes { east-1 { address = 192.0.2.1 } } }
                                west { nodes { west-1 { address = 192.0.2.2 } } }
                              }
                            }
                            """.formatted(bucket.endpoint()))
                    .toString();
            assertThat(run("drain", "-C", file, "east")).isEqualTo(1);
            assertThat(err.toString()).contains("nothing is changed").contains("Run flotilla publish");
            Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
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
    void drainsAndPurgesAreWaitedForByTheReportsOfNodesAndWhoIsAwaitedIsNamed() throws IOException {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var server = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY))) {
            run("init", path("acme"));
            String conf = """
                    flotilla.fleet {
                      name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                      regions {
                        east { nodes { east-1 { address = 192.0.2.1 }, east-2 { address = 192.0.2.2 } } }
                        west { nodes { west-1 { address = 192.0.2.3 } } }
                      }
                    }
                    """.formatted(server.endpoint());
            String file =
                    Files.writeString(folder.resolve("acme/fleet.conf"), conf).toString();
            Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
            assertThat(run("publish", "-C", file)).isZero();
            var loaded = ((Loading.Loaded<FleetConfiguration>)
                            FleetConfiguration.load(folder.resolve("acme/fleet.conf")))
                    .value();
            try (Bucket bucket = S3Bucket.open(
                    loaded.bucket(),
                    StaticCredentialsProvider.create(
                            AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey())))) {
                report(bucket, "east-1", 0, true, Optional.empty(), 0, 0);
                assertThat(run("drain", "-C", file, "east", "--wait", "--timeout", "1s"))
                        .isEqualTo(3);
                assertThat(out.toString())
                        .contains("still awaited: east/east-1: it doesn't know of it yet; its last report is of ")
                        .contains("still awaited: east/east-2: it has never reported")
                        .contains("2 of 2 nodes have not said in time")
                        .doesNotContain("west/west-1");
                report(bucket, "east-1", 1000, true, Optional.empty(), 0, 0);
                report(bucket, "east-2", 1000, false, Optional.of("too few others serve"), 0, 0);
                assertThat(run("drain", "-C", file, "east/east-1", "--wait")).isZero();
                assertThat(out.toString()).contains("  east/east-1: drained", "All 1 nodes say so.");
                assertThat(run("drain", "-C", file, "east", "--wait", "--timeout", "1s", "--json"))
                        .isEqualTo(3);
                assertThat(out.toString())
                        .as("a node that can't go yet is waited for: others may serve in a moment")
                        .startsWith("{")
                        .contains("\"result\": \"published\"")
                        .containsSubsequence("east/east-1", "\"done\"", "east/east-2", "\"awaited\"", "too few others");
                report(bucket, "west-1", 1000, true, Optional.empty(), 0, 0);
                assertThat(run("drain", "-C", file, "west", "--wait")).isZero();
                assertThat(out.toString())
                        .contains("1 of 3 nodes have to serve (minimum-serving), so these go on: east/east-1");
                report(bucket, "east-1", 1000, false, Optional.of("too few others serve"), 0, 0);
                assertThat(run("drain", "-C", file, "east/east-1", "--wait", "--reason", "all"))
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
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var server = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY))) {
            run("init", path("acme"));
            String file = Files.writeString(folder.resolve("acme/fleet.conf"), """
                            flotilla.fleet {
                              name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                              regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                            }
                            """.formatted(server.endpoint()))
                    .toString();
            Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
            assertThat(run("lock", "-C", file, "status")).isZero();
            assertThat(run("lock", "status", "-C", file))
                    .as("the file may come last")
                    .isZero();
            assertThat(out.toString()).contains("Nobody has ever held the lock");
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("lock", "-C", file, "status")).isZero();
            assertThat(out.toString()).contains("Nobody holds the lock. Last was test@here (publish, generation 1)");
            var fleet = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(Path.of(file))).value();
            try (var bucket = S3Bucket.open(
                            fleet.bucket(),
                            StaticCredentialsProvider.create(
                                    AwsBasicCredentials.create(KEY.accessKeyId(), KEY.secretAccessKey())));
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

    @Test
    void policiesArePrintedForEachWhoNeedsOne() throws IOException {
        run("init", path("acme"));
        String file = path("acme/fleet.conf");
        assertThat(run("iam", "-C", file, "controller", "--zone-id", "no id")).isEqualTo(1);
        assertThat(run("iam", "-C", file, "controller")).isZero();
        assertThat(out.toString()).contains("\"Version\": \"2012-10-17\"").contains("\"s3:PutObject\"");
        assertThat(run("iam", "-C", file, "read-only")).isZero();
        assertThat(out.toString()).doesNotContain("PutObject");
        assertThat(run("iam", "-C", file, "agent", "nowhere")).isEqualTo(1);
    }

    @Test
    void keysAreListedChangedAndSignedWithAndPublishingSaysWhatLacks() throws IOException {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var bucket = LocalBucket.start(new BucketOptions(folder.resolve("bucket"), "acme", anyPort, KEY))) {
            run("init", path("acme"));
            String file = Files.writeString(folder.resolve("acme/fleet.conf"), """
                            flotilla.fleet {
                              name = acme, bucket { name = acme, endpoint = "%s", path-style = true }
                              regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                            }
                            """.formatted(bucket.endpoint()))
                    .toString();
            Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
            assertThat(run("keys", "-C", file)).isZero();
            assertThat(out.toString()).contains("There is no root yet");
            assertThat(run("keys", "-C", file, "renew")).isEqualTo(1);
            assertThat(err.toString()).contains("the first publication makes one");
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("keys", "-C", file)).isZero();
            assertThat(out.toString())
                    .contains("Root 1 for fleet acme, bucket acme")
                    .contains("timestamp: 1 of 1 key")
                    .contains("acme/trust/root.key");

            assertThat(run("keys", "-C", file, "rotate", "timestamp", "snapshot"))
                    .isZero();
            assertThat(out.toString()).contains("Root 2 is made").contains("flotilla publish");
            Files.delete(folder.resolve("acme/trust/timestamp.key"));
            Files.delete(folder.resolve("acme/trust/snapshot.key"));
            assertThat(run("publish", "-C", file)).isZero();

            assertThat(run("keys", "generate", "root-anna", "--out", path("anna")))
                    .isZero();
            assertThat(run("keys", "generate", "root-anna", "--out", path("anna")))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("no key is overwritten");
            String anna = path("anna/root-anna");
            assertThat(run("keys", "-C", file, "edit", "root", "--add", anna + ".pub", "--threshold", "3"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("would need 3 keys and have only 2");
            assertThat(run("keys", "-C", file, "--json", "edit", "root", "--add", anna + ".pub", "--threshold", "2"))
                    .isEqualTo(3);
            assertThat(out.toString()).contains("\"result\": \"unsigned\"").contains("3.root.json");
            String staged = path("acme/trust/staged/3.root.json");
            assertThat(run("sign", "--show", staged)).isZero();
            assertThat(out.toString()).contains("root 3 for fleet acme").contains("root      2 of ");
            assertThat(run("sign", staged)).isEqualTo(1);
            assertThat(err.toString()).contains("--key FILE");
            assertThat(run("sign", "--key", anna + ".key", staged)).isZero();
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("keys", "-C", file, "--json")).isZero();
            assertThat(out.toString()).contains("\"root\": 3").contains("\"threshold\": 2");
            assertThat(run("keys", "-C", file, "renew")).isEqualTo(3);
            Files.delete(folder.resolve("acme/trust/staged/4.root.json"));
            assertThat(run("keys", "-C", file, "--keys", path("anna"), "renew")).isZero();
            assertThat(run("keys", "-C", file, "rotate", "pilot")).isEqualTo(2);
            String two = Files.writeString(
                            folder.resolve("acme/two.conf"),
                            Files.readString(Path.of(file)) + "flotilla.fleet.trust.wheels-threshold = 2\n")
                    .toString();
            assertThat(run("keys", "-C", two, "rotate", "wheels", "timestamp")).isEqualTo(1);
            assertThat(err.toString()).contains("nothing is changed: the role for wheels needs 2 keys");

            Path targets = Files.move(folder.resolve("acme/trust/targets.key"), folder.resolve("targets.key"));
            Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "another program");
            assertThat(run("publish", "-C", file)).isEqualTo(3);
            assertThat(out.toString()).contains("Not published yet:").contains("flotilla sign --key KEY");
            assertThat(run("sign", "--key", targets.toString(), path("acme/trust/staged/2.targets.json")))
                    .isZero();
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(out.toString()).contains("Release 2 is published");
        }
    }

    @Test
    void aBucketThatCannotBeReachedIsOneLine() throws IOException {
        run("init", path("acme"));
        Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "a program");
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path file = Files.writeString(folder.resolve("acme/fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme, endpoint = "http://127.0.0.1:%d", path-style = true }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """.formatted(port));
        assertThat(run("publish", "-C", file.toString())).isEqualTo(1);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith(
                        "flotilla: nothing is changed: could not read lock/acme.json in bucket acme at http://127.0.0.1:")
                .endsWith("Connection refused");
    }
}
