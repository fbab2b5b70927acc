package dev.flotilla.controller.local;

import dev.flotilla.controller.client.NameServer;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.local.ConfigurationFiles.MirrorPorts;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.local.route53.Route53StandIn;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Brings a fleet up on this machine the way a real one comes up, and tells a person about every step. What it starts is
 * undone by its {@link Teardown}, however far it came. For one thread.
 */
final class LocalFleet {
    /** An index that takes longer is too slow to wait for at every start. */
    private static final Duration INDEX_PATIENCE = Duration.ofSeconds(3);

    /** Mirrors give what runs 10 s of their own to finish; the rest is for a loaded machine. */
    private static final Duration END_PATIENCE = Duration.ofSeconds(12);

    private static final Duration DNS_PATIENCE = Duration.ofSeconds(1);

    private final LocalOptions options;
    private final Installation installation;
    private final InstantSource clock;
    private final Narration narration;
    private final Teardown teardown;

    LocalFleet(
            LocalOptions options,
            Installation installation,
            InstantSource clock,
            Narration narration,
            Teardown teardown) {
        this.options = options;
        this.installation = installation;
        this.clock = clock;
        this.narration = narration;
        this.teardown = teardown;
    }

    /**
     * Brings everything up; when this returns, both regions serve and are in DNS.
     *
     * @throws CannotStartException if that fails; what was started runs until the teardown
     */
    RunningFleet bringUp() throws CannotStartException, InterruptedException {
        StateFolder state = takeState();
        Addresses addresses = choosePorts();
        certify(state);
        var credentials = BucketCredentials.generate(new SecureRandom());
        try (var together = new Together()) {
            var agentProgram =
                    together.begin(() -> RegionalAgents.unpack(installation.agentArchive(), state.programs()));
            var upstream = together.begin(this::chooseUpstream);
            var bucketStart = together.begin(() -> startBucket(state, credentials));
            var route53Start = together.begin(() -> startRoute53(addresses.dns(), credentials));
            LocalBucket bucket = Together.result(bucketStart, "the bucket can't be started");
            Route53 route53 = Together.result(route53Start, "the stand-in for Route53 can't be started");
            Upstream followed = Together.result(upstream, "the sample index can't be served");

            var run = new RunFile(
                    RunningProcess.of(ProcessHandle.current().pid()),
                    addresses.dns(),
                    credentials,
                    RunningFleet.example(followed.sample()));
            run.write(state.runFile());
            teardown.add(() -> Files.deleteIfExists(state.runFile()));

            var files = new ConfigurationFiles(state, bucket.endpoint());
            FleetConfiguration fleet = configure(
                    state, files.fleet(route53.endpoint(), addresses.mirrors(), followed.name(), followed.index()));
            var work = ControllerWork.begin(fleet, bucket.credentials(), narration);
            teardown.add(work::close);
            long release = work.publish(installation.mirrorArchive());

            Path program = Together.result(agentProgram, "the agent's program can't be unpacked");
            Map<LocalRegion, AgentProcess> agents =
                    startAgents(state, program, files, addresses.mirrors(), credentials);
            var reports = work.awaitNodes(release, options.startWithin(), state);
            var names = new NameServer(addresses.dns(), DNS_PATIENCE, false);
            work.bringIntoDns(names);
            return new RunningFleet(state.root(), addresses, bucket, route53, agents, reports, followed.sample());
        } catch (IOException failed) {
            throw new CannotStartException(String.valueOf(failed.getMessage()), failed);
        }
    }

    private StateFolder takeState() throws CannotStartException, InterruptedException {
        StateFolder state = StateFolder.take(options.state());
        teardown.add(state::close);
        narration.step("state folder " + state.root());
        // Children of a command that was killed end by themselves, but may take a moment.
        var processes = new FleetProcesses(state.root());
        if (!processes.list().isEmpty()) {
            narration.step("waiting for processes of an earlier fleet to end");
            processes.awaitEnd(END_PATIENCE);
        }
        try {
            if (options.fresh()) {
                state.empty();
                narration.step("began anew: what an earlier fleet had left there is deleted");
            }
            state.makeTemporary();
            teardown.add(state::deleteTemporary);
            Files.deleteIfExists(state.runFile());
            if (options.readyFile().isPresent()) {
                Files.deleteIfExists(options.readyFile().get());
            }
        } catch (IOException failed) {
            throw new CannotStartException("can't begin in " + state.root() + ": " + failed.getMessage(), failed);
        }
        return state;
    }

    private Addresses choosePorts() throws CannotStartException {
        try (var ports = new Ports()) {
            InetAddress home = InetAddress.getLoopbackAddress();
            int client = ports.tcp(LocalRegion.addresses(), options.port(), "--port");
            int operations = ports.tcpFrom(LocalRegion.addresses(), client + 1);
            OptionalInt encrypted = options.encrypted()
                    ? OptionalInt.of(ports.tcpFrom(LocalRegion.addresses(), operations + 1))
                    : OptionalInt.empty();
            int dns = ports.udpAndTcp(home, options.dnsPort(), "--dns-port");
            narration.step("ports: " + client + " for mirrors, " + operations + " for their operations side, " + dns
                    + " for the name server"
                    + (encrypted.isPresent() ? ", " + encrypted.getAsInt() + " for HTTPS" : ""));
            return new Addresses(new MirrorPorts(client, operations, encrypted), new InetSocketAddress(home, dns));
        }
    }

    /** Mirrors begin with a certificate that is good, and have the next one in time for as long as the fleet runs. */
    private void certify(StateFolder state) throws CannotStartException {
        if (!options.encrypted()) {
            return;
        }
        try {
            var certificates = new LocalCertificates(state, clock, narration);
            certificates.renew();
            teardown.add(certificates.keepRenewed()::close);
        } catch (IOException failed) {
            throw new CannotStartException("no certificates for HTTPS: " + failed.getMessage(), failed);
        }
    }

    /** An upstream as the mirrors are told it. */
    private record Upstream(String name, URI index, boolean sample) {}

    private Upstream chooseUpstream() throws IOException {
        var choice = UpstreamChoice.of(options.upstream(), new IndexProbe(INDEX_PATIENCE)::unreachable);
        narration.step(choice.told());
        return switch (choice) {
            case UpstreamChoice.Elsewhere elsewhere -> new Upstream(elsewhere.name(), elsewhere.index(), false);
            case UpstreamChoice.Sample ignored -> {
                FolderServer server = FolderServer.start(installation.sample());
                teardown.add(server::close);
                yield new Upstream("sample", server.address("simple/"), true);
            }
        };
    }

    private LocalBucket startBucket(StateFolder state, BucketCredentials credentials) throws IOException {
        LocalBucket bucket = CloudServers.bucket(state.bucket(), credentials);
        teardown.add(bucket::close);
        narration.step("bucket: an S3 server at " + bucket.endpoint());
        return bucket;
    }

    private Route53 startRoute53(InetSocketAddress dns, BucketCredentials credentials) throws IOException {
        Route53StandIn standIn = CloudServers.route53(dns);
        teardown.add(standIn::close);
        String zone = CloudServers.createZone(standIn.endpoint(), ControllerWork.provider(credentials));
        narration.step("DNS: a stand-in for Route53 at " + standIn.endpoint() + " with zone " + ConfigurationFiles.ZONE
                + ", its name server on port " + dns.getPort());
        return new Route53(standIn.endpoint(), zone);
    }

    private static FleetConfiguration configure(StateFolder state, String text) throws IOException {
        Files.writeString(state.fleetConfiguration(), text);
        return switch (FleetConfiguration.load(state.fleetConfiguration())) {
            case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
            case Loading.Refused<FleetConfiguration> refused ->
                throw new IllegalStateException("the command's own fleet.conf is wrong:\n" + refused.text());
        };
    }

    private Map<LocalRegion, AgentProcess> startAgents(
            StateFolder state, Path program, ConfigurationFiles files, MirrorPorts ports, BucketCredentials credentials)
            throws IOException {
        var processes = new FleetProcesses(state.root());
        // Undone after the lifelines have been let go of, since it is added before them.
        teardown.add(() -> {
            int killed = processes.awaitEnd(END_PATIENCE).size();
            if (killed > 0) {
                narration.line(
                        "Killed " + killed + " processes that did not end within " + END_PATIENCE.toSeconds() + " s.");
            }
        });
        var agents = new RegionalAgents(state, teardown, narration::event).start(program, files, ports, credentials);
        agents.forEach((region, agent) -> narration.step("agent of " + region.name() + " runs (process " + agent.pid()
                + "): it pulls the release, checks it and starts the mirror"));
        return agents;
    }
}
