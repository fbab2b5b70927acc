package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Regions in trouble, on a network of their own with a real resolver: killed, cut off, hung, its disk full, slowed to a crawl, two at once, one while the API
 * refuses every call. Three real pips install by the global name all the while, and a client that asks five times a second measures the gaps.
 */
@Tag("campaign")
class RegionTroublesIT {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int PIPS = 3;

    /** A probe waits 4 s for a connection and 2 s for a status (Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy"). */
    private static final Duration CONNECT = Duration.ofSeconds(4);

    private static final Duration STATUS = Duration.ofSeconds(2);
    private static final Duration TTL = Duration.ofSeconds(1);

    /** Two probes, of which the first is at most one interval away. */
    private static final Duration CHECKS = NamedNetwork.CHECK_INTERVAL.multipliedBy(3);

    /** The client's own second, and a machine under load. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private final AtomicInteger installed = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> pips = new ArrayList<>();
    private volatile boolean enough;
    private MachineNetwork network;
    private NamedNetwork names;
    private MachineFleet fleet;
    private Path log;

    @AfterEach
    void nothingIsLeft() {
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    @Test
    void clientsLeaveARegionInTroubleInTimeAndNoInstallFails() throws Exception {
        try (var itsNetwork = MachineNetwork.start(folder);
                var itsNames = NamedNetwork.start(itsNetwork, folder.resolve("names"));
                var itsFleet = MachineFleet.of(itsNetwork, folder.resolve("acme"), "acme")) {
            network = itsNetwork;
            names = itsNames;
            fleet = itsFleet;
            comeUp();
            Process client = client();
            try {
                beginPips();
                troubles();
            } finally {
                enough = true;
                for (Thread pip : pips) {
                    pip.join();
                }
                client.descendants().forEach(ProcessHandle::destroyForcibly);
                client.destroyForcibly();
                client.onExit().join();
            }
            System.out.println(installed + " installs, failed: " + failures.size());
            assertThat(failures).isEmpty();
            assertThat(installed.get()).isGreaterThan(50);
        }
    }

    private void comeUp() throws IOException {
        fleet.add("east/east-1", 1, OwnSystem.Init.PLAIN);
        fleet.add("north/north-1", 2, OwnSystem.Init.PLAIN);
        fleet.add("west/west-1", 3, OwnSystem.Init.PLAIN);
        fleet.write(names.settings() + "\n  drills-may-kill = true");
        fleet.flotilla("hostkey", "accept").succeeded();
        fleet.flotilla("apply", "--yes").succeeded();
        awaitLed("east", SOON);
    }

    private void troubles() throws Exception {
        // First, since it comes by SSH, which a machine that was killed no longer has.
        drill();
        // Both its processes and what would start them again are gone; the machine says so to whoever asks.
        trouble("killed", CHECKS, () -> kill("east"), () -> start("east"));
        names.refuse(true);
        trouble("killed while the API refuses every call", CHECKS, () -> kill("east"), () -> start("east"));
        names.refuse(false);
        trouble("cut off", probes(CONNECT), () -> cable(false), () -> cable(true));
        trouble(
                "hung",
                probes(STATUS),
                () -> fleet.machine("east/east-1").run("kill", "-STOP", mirror("east")),
                () -> fleet.machine("east/east-1").run("kill", "-CONT", mirror("east")));
        twoRegionsAtOnce();
        fullDisk();
    }

    /** Threshold 2: the second failed probe turns the status. */
    private static Duration probes(Duration probe) {
        return probe.multipliedBy(2).plus(NamedNetwork.CHECK_INTERVAL);
    }

    @FunctionalInterface
    private interface Act {
        void act() throws Exception;
    }

    private void trouble(String what, Duration detected, Act begin, Act mend) throws Exception {
        long begun = System.currentTimeMillis();
        begin.act();
        awaitLed("north", detected.plus(TTL).plus(SLACK));
        awaitCalm();
        Duration gap = gap(begun);
        long mended = System.currentTimeMillis();
        mend.act();
        awaitLed("east", SOON);
        awaitCalm();
        Duration back = gap(mended);
        System.out.println(what + ": gap " + gap.toMillis() + " ms, coming back " + back.toMillis() + " ms");
        assertThat(gap)
                .as("gap of a region %s", what)
                .isLessThan(detected.plus(TTL).plus(SLACK));
        assertThat(back).as("gap of a region %s that comes back", what).isLessThan(SLACK);
        assertThat(failures).as(what).isEmpty();
    }

    private void twoRegionsAtOnce() throws Exception {
        long begun = System.currentTimeMillis();
        kill("north");
        kill("east");
        awaitLed("west", CHECKS.plus(TTL).plus(SLACK));
        awaitCalm();
        System.out.println("two at once: gap " + gap(begun).toMillis() + " ms");
        assertThat(gap(begun)).isLessThan(CHECKS.plus(TTL).plus(SLACK));
        start("north");
        start("east");
        awaitLed("east", SOON);
        assertThat(failures).isEmpty();
    }

    /** A mirror whose disk is full passes through, so that nobody has to leave it. */
    private void fullDisk() {
        long begun = System.currentTimeMillis();
        String filler = "/var/lib/flotilla/mirror/filler";
        fleet.machine("east/east-1").run("sh", "-c", "cat /dev/zero > " + filler);
        awaitCalm();
        System.out.println("disk full: gap " + gap(begun).toMillis() + " ms");
        assertThat(gap(begun)).isLessThan(SLACK);
        assertThat(failures).isEmpty();
        fleet.machine("east/east-1").run("rm", filler).succeeded();
    }

    /** The drill itself, by SSH, with the network's resolver. */
    private void drill() {
        await().atMost(SOON).untilAsserted(() -> {
            Command drill = fleet.flotilla(
                    "drill",
                    "failover",
                    "east",
                    "--mode",
                    "kill",
                    "--yes",
                    "--budget",
                    "1m",
                    "--objective",
                    "10s",
                    "--baseline",
                    "2s",
                    "--hold",
                    "2s",
                    "--project",
                    "provisioned",
                    "--no-pip",
                    "--report",
                    folder.toString(),
                    "--dns",
                    NamedNetwork.SERVER + ":53",
                    "--resolver",
                    NamedNetwork.RESOLVER);
            assertThat(drill.output()).contains("is killed", "The objective is met.");
            assertThat(drill.exitCode()).isZero();
        });
        awaitLed("east", SOON);
    }

    private void cable(boolean in) {
        fleet.machine("east/east-1").cable(in);
    }

    private void kill(String region) {
        fleet.machine(region + "/" + region + "-1").run("sh", "-c", "kill -9 -1");
    }

    private void start(String region) {
        fleet.machine(region + "/" + region + "-1")
                .run("/opt/flotilla/current/node-service", "start")
                .succeeded();
    }

    private String mirror(String region) throws IOException {
        return new ObjectMapper()
                .readTree(fleet.flotilla("status", "--json", "--dns", NamedNetwork.SERVER + ":53")
                        .output())
                .at("/regions/" + region + "/nodes/" + region + "-1/mirrorPid")
                .asText();
    }

    private void awaitLed(String region, Duration most) {
        String address = fleet.machine(region + "/" + region + "-1").address();
        await("clients to be led to " + region)
                .atMost(most)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> names.answer(NamedNetwork.NAME).equals(address));
    }

    private Process client() throws IOException {
        log = folder.resolve("client.log");
        List<String> line = new ArrayList<>(network.prefix());
        line.addAll(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-cp"));
        line.addAll(List.of(System.getProperty("java.class.path"), NetworkClient.class.getName()));
        line.addAll(List.of(NamedNetwork.RESOLVER, NamedNetwork.NAME, "/simple/provisioned/", log.toString()));
        Process client = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("client.out").toFile())
                .start();
        await("the client").atMost(SOON).until(() -> Files.exists(log) && okSince(0) >= 5);
        return client;
    }

    private record Line(long at, boolean ok) {}

    private List<Line> lines() {
        try {
            return Files.readAllLines(log).stream()
                    .map(line -> line.split(" ", -1))
                    .filter(words -> words.length == 3)
                    .map(words -> new Line(Long.parseLong(words[0]), words[1].equals("ok")))
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private long okSince(long millis) {
        return lines().stream().filter(line -> line.ok() && line.at() >= millis).count();
    }

    /** Two seconds of answers, so that what there is of a gap is seen. */
    private void awaitCalm() {
        long now = System.currentTimeMillis();
        await("answers").atMost(SOON).until(() -> okSince(now) >= 10);
    }

    /** The longest time since then without the beginning of a request that went well. */
    private Duration gap(long since) {
        long last = since;
        long longest = 0;
        for (Line line : lines().stream()
                .filter(line -> line.ok() && line.at() >= since)
                .sorted(Comparator.comparingLong(Line::at))
                .toList()) {
            longest = Math.max(longest, line.at() - last);
            last = line.at();
        }
        return Duration.ofMillis(longest);
    }

    private void beginPips() {
        PythonEnvironment environment = PythonEnvironment.create(folder, network.underneath());
        var index = URI.create("http://" + NamedNetwork.NAME + ":8080/simple/");
        for (int i = 0; i < PIPS; i++) {
            Path site = folder.resolve("site-" + i);
            pips.add(Thread.ofPlatform().start(() -> {
                while (!enough) {
                    Command pip = environment.install(
                            index,
                            "--trusted-host",
                            NamedNetwork.NAME,
                            "--no-deps",
                            "--upgrade",
                            "--target",
                            site.toString(),
                            "provisioned");
                    if (pip.exitCode() == 0) {
                        installed.incrementAndGet();
                    } else {
                        failures.add(pip.output());
                    }
                }
            }));
        }
    }
}
