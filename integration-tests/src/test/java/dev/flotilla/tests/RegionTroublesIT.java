package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Regions in trouble, on a network of their own with a real resolver: killed while the API refuses every call, cut off, hung, slowed to a crawl, its disk full; one
 * of three, and one of two. Real pips install by the global name all the while, and a client that asks five times a second measures the gaps.
 */
@Tag("real")
class RegionTroublesIT {
    private static final Duration SOON = Duration.ofMinutes(2);

    /** pip takes seconds where nothing else runs, and a minute where much does. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private static final int FEW_PIPS = 3;
    private static final int MANY_PIPS = 6;

    /** So many that one of a thousand shows. */
    private static final int MANY_INSTALLS = 1_000;

    /** A probe waits 4 s for a connection and 2 s for a status (Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy"). */
    private static final Duration CONNECT = Duration.ofSeconds(4);

    private static final Duration STATUS = Duration.ofSeconds(2);
    private static final Duration TTL = Duration.ofSeconds(1);

    /** Two probes, of which the first is at most one interval away. */
    private static final Duration CHECKS = NamedNetwork.CHECK_INTERVAL.multipliedBy(3);

    /** The client's own second, and a machine under load; how long it stood still is added. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private static final Duration CLIENT_INTERVAL = Duration.ofMillis(200);

    /** Three pips are done with 100 kB each after some 5 s. */
    private static final String CRAWL = "512kbit";

    private static final String FILLER = "/var/lib/flotilla/mirror/filler";

    @TempDir
    Path folder;

    private MachineNetwork network;
    private NamedNetwork names;
    private MachineFleet fleet;
    private SteadyPips pips;
    private Path log;

    @AfterEach
    void nothingIsLeft() {
        assertThat(Processes.naming(folder.toString())).isEmpty();
    }

    @Test
    void clientsLeaveARegionInTroubleInTimeAndNoInstallFails() throws Exception {
        underWay(FEW_PIPS, () -> {
            hungAndThenTheNextOneCutOff();
            crawlOnAFullDisk();
            withoutWest();
            killedWithoutTheApi();
            await("installs").atMost(LONG).until(() -> pips.installed() > FEW_PIPS * 5);
        });
        assertThat(pips.failures()).isEmpty();
    }

    /** All of them one after the other, in a fleet of three regions and in one of two, and what is shown elsewhere in less time. */
    @Tag("campaign")
    @Test
    void clientsLeaveOneOfThreeRegionsAndOneOfTwoInEachTrouble() throws Exception {
        underWay(MANY_PIPS, () -> {
            drill();
            killed();
            each();
            twoRegionsAtOnce();
            hungAndThenTheNextOneCutOff();
            withoutWest();
            do {
                each();
            } while (pips.installed() < MANY_INSTALLS);
        });
        assertThat(pips.failures()).isEmpty();
        assertThat(pips.failed() * MANY_INSTALLS)
                .as("failed beside %s", pips.installed())
                .isLessThanOrEqualTo(pips.installed() + pips.failed());
    }

    private void each() throws Exception {
        killedWithoutTheApi();
        cutOff();
        hung();
        crawl();
        crawlThatIsDrained();
        fullDisk();
    }

    private void underWay(int many, Act troubles) throws Exception {
        try (var itsNetwork = MachineNetwork.start(folder);
                var itsNames = NamedNetwork.start(itsNetwork, folder.resolve("names"));
                var itsFleet = MachineFleet.of(itsNetwork, folder.resolve("acme"), "acme")) {
            network = itsNetwork;
            names = itsNames;
            fleet = itsFleet;
            var environment = CompletableFuture.supplyAsync(this::environment);
            comeUp();
            Process client = client();
            try (var itsPips = SteadyPips.begin(environment.join(), folder, many)) {
                pips = itsPips;
                troubles.act();
            } finally {
                client.descendants().forEach(ProcessHandle::destroyForcibly);
                client.destroyForcibly();
                client.onExit().join();
            }
            System.out.println(pips.installed() + " installs, failed: " + pips.failed());
        }
    }

    private void comeUp() throws IOException {
        fleet.addAll("east/east-1", "north/north-1", "west/west-1");
        fleet.write(settings());
        fleet.flotilla("apply", "--yes", "--accept-host-key").succeeded();
        awaitLed("east");
    }

    private String settings() {
        return names.settings() + "\n  drills-may-kill = true";
    }

    private void killed() throws Exception {
        // Both its processes and what would start them again are gone; the machine says so to whoever asks.
        trouble("killed", CHECKS, () -> kill("east"), () -> start("east"));
    }

    private void killedWithoutTheApi() throws Exception {
        trouble(
                "killed, and from then on the API refuses every call",
                CHECKS,
                () -> {
                    names.refuse(true);
                    kill("east");
                },
                () -> {
                    start("east");
                    names.refuse(false);
                });
    }

    private void cutOff() throws Exception {
        trouble("cut off", probes(CONNECT), () -> cable("east", false), () -> cable("east", true));
    }

    private void hung() throws Exception {
        trouble("hung", probes(STATUS), this::stop, () -> mirror("-CONT"));
    }

    /** The region that clients are led to from one that hangs is cut off itself; both come back at once. */
    private void hungAndThenTheNextOneCutOff() throws Exception {
        Duration mostHung = probes(STATUS).plus(TTL).plus(SLACK);
        long hung = System.currentTimeMillis();
        stop();
        awaitLed("north");
        awaitCalm();
        Duration gapHung = gap(hung);
        Duration mostCut = probes(CONNECT).plus(TTL).plus(SLACK);
        long cut = System.currentTimeMillis();
        cable("north", false);
        awaitLed("west");
        awaitCalm();
        Duration gapCut = gap(cut);
        long mended = System.currentTimeMillis();
        cable("north", true);
        mirror("-CONT");
        awaitLed("east");
        awaitCalm();
        System.out.printf(
                "hung: gap %d ms of at most %d; then the next one cut off: gap %d ms of at most %d, coming back %d ms%n",
                gapHung.toMillis(),
                mostHung.toMillis(),
                gapCut.toMillis(),
                mostCut.toMillis(),
                gap(mended).toMillis());
        assertGap(gapHung, mostHung, "hung", hung);
        assertGap(gapCut, mostCut, "cut off", cut);
        assertUnnoticed("two regions that come back", mended);
    }

    /** The fleet of two regions is made out of the one of three while clients go on. */
    private void withoutWest() throws IOException {
        long begun = System.currentTimeMillis();
        try (BareMachine west = fleet.forget("west/west-1")) {
            fleet.write(settings());
            fleet.flotilla("apply", "--yes", "--allow-outage").succeeded();
            assertThat(names.answer("nodes.west." + NamedNetwork.NAME)).doesNotContain(west.address());
        }
        awaitCalm();
        assertUnnoticed("a region that is taken out of the fleet", begun);
    }

    /** A health check gets through a narrow line in time, so that nobody has to leave it; installs take long, and none fails. */
    private void crawl() {
        crawl(fleet.machine("east/east-1"));
    }

    /** The same of a region whose disk is full, too. */
    private void crawlOnAFullDisk() {
        BareMachine east = fleet.machine("east/east-1");
        east.run("sh", "-c", "cat /dev/zero > " + FILLER);
        crawl(east);
        east.run("rm", FILLER).succeeded();
        awaitCalm();
    }

    private void crawl(BareMachine east) {
        long begun = System.currentTimeMillis();
        int before = pips.installed();
        east.sends(Optional.of(CRAWL));
        await("each pip at a crawl").atMost(SOON).until(() -> pips.installed() >= before + pips.many());
        east.sends(Optional.empty());
        awaitCalm();
        System.out.printf("at a crawl: gap %d ms%n", gap(begun).toMillis());
        assertUnnoticed("a region at a crawl", begun);
    }

    /** Whoever sees that a region is at a crawl drains it, and what is still under way there comes to its end. */
    private void crawlThatIsDrained() {
        BareMachine east = fleet.machine("east/east-1");
        east.sends(Optional.of(CRAWL));
        awaitCalm();
        long drained = System.currentTimeMillis();
        fleet.flotilla("drain", "east").succeeded();
        awaitLed("north");
        long away = System.currentTimeMillis();
        awaitCalm();
        assertUnnoticed("a region at a crawl that is drained", away);
        System.out.printf("drained at a crawl: left after %d ms%n", away - drained);
        east.sends(Optional.empty());
        long mended = System.currentTimeMillis();
        fleet.flotilla("undrain", "east").succeeded();
        awaitLed("east");
        awaitCalm();
        assertUnnoticed("a region that was at a crawl and comes back", mended);
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
        Duration most = detected.plus(TTL).plus(SLACK);
        long begun = System.currentTimeMillis();
        begin.act();
        awaitLed("north");
        awaitCalm();
        Duration gap = gap(begun);
        long mended = System.currentTimeMillis();
        mend.act();
        awaitLed("east");
        awaitCalm();
        System.out.printf(
                "%s: gap %d ms of at most %d, coming back %d ms in %d ms%n",
                what, gap.toMillis(), most.toMillis(), gap(mended).toMillis(), System.currentTimeMillis() - mended);
        assertGap(gap, most, what, begun);
        assertUnnoticed("a region " + what + " that comes back", mended);
    }

    private void assertGap(Duration gap, Duration most, String what, long since) {
        assertThat(gap).as("gap: a region %s", what).isLessThan(most.plus(stoodStill(since)));
    }

    /** No request that began since then has failed, and no install has at all. */
    private void assertUnnoticed(String what, long since) {
        assertThat(lines().stream().filter(line -> line.at() >= since && line.failed()))
                .as("failed requests: %s", what)
                .isEmpty();
        assertGap(gap(since), SLACK, what, since);
    }

    private void twoRegionsAtOnce() throws Exception {
        long begun = System.currentTimeMillis();
        kill("north");
        kill("east");
        awaitLed("west");
        awaitCalm();
        System.out.println("two at once: gap " + gap(begun).toMillis() + " ms");
        assertGap(gap(begun), CHECKS.plus(TTL).plus(SLACK), "of two at once", begun);
        long mended = System.currentTimeMillis();
        start("north");
        start("east");
        awaitLed("east");
        awaitCalm();
        assertUnnoticed("two regions that come back", mended);
    }

    /** A mirror whose disk is full passes through, so that nobody has to leave it. */
    private void fullDisk() {
        long begun = System.currentTimeMillis();
        fleet.machine("east/east-1").run("sh", "-c", "cat /dev/zero > " + FILLER);
        awaitCalm();
        fleet.machine("east/east-1").run("rm", FILLER).succeeded();
        awaitCalm();
        System.out.println("disk full: gap " + gap(begun).toMillis() + " ms");
        assertUnnoticed("a region whose disk is full", begun);
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
        awaitLed("east");
    }

    private void cable(String region, boolean in) {
        if (!in) {
            pips.regionDies();
        }
        fleet.machine(region + "/" + region + "-1").cable(in);
    }

    private void stop() {
        pips.regionDies();
        mirror("-STOP");
    }

    private void kill(String region) {
        pips.regionDies();
        fleet.machine(region + "/" + region + "-1").run("sh", "-c", "kill -9 -1");
    }

    private void start(String region) {
        BareMachine machine = fleet.machine(region + "/" + region + "-1");
        machine.run("/usr/sbin/sshd", "-f", "/etc/ssh/machine.conf").succeeded();
        machine.run("/opt/flotilla/current/node-service", "start").succeeded();
    }

    private void mirror(String signal) {
        fleet.machine("east/east-1")
                .run("pkill", signal, "-f", "dev[.]flotilla[.]mirror[.]Main")
                .succeeded();
    }

    private void awaitLed(String region) {
        String address = fleet.machine(region + "/" + region + "-1").address();
        await("clients to be led to " + region)
                .atMost(SOON)
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

    /** Neither where it took long. */
    private record Line(long at, boolean ok, boolean failed) {}

    private List<Line> lines() {
        try {
            return Files.readAllLines(log).stream()
                    .map(line -> line.split(" ", -1))
                    .filter(words -> words.length == 3)
                    .map(words -> new Line(Long.parseLong(words[0]), words[1].equals("ok"), words[1].equals("no")))
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private long okSince(long millis) {
        return lines().stream().filter(line -> line.ok() && line.at() >= millis).count();
    }

    /** A second of answers, so that what there is of a gap is seen. */
    private void awaitCalm() {
        long now = System.currentTimeMillis();
        await("answers").atMost(SOON).until(() -> okSince(now) >= 5);
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

    /** How long at least the client didn't come to its turn, since then. */
    private Duration stoodStill(long since) {
        long last = since;
        long still = 0;
        for (long at : lines().stream()
                .mapToLong(Line::at)
                .filter(at -> at >= since)
                .sorted()
                .toArray()) {
            still += Math.max(0, at - last - CLIENT_INTERVAL.multipliedBy(2).toMillis());
            last = at;
        }
        return Duration.ofMillis(still);
    }

    private PythonEnvironment environment() {
        // What starts and takes over goes first, as on machines of its own.
        List<String> prefix = new ArrayList<>(network.underneath());
        prefix.addAll(List.of("nice", "-n", "10"));
        return PythonEnvironment.create(folder, prefix);
    }
}
