package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.bucket.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A {@code fleet.conf} with a bucket and machines on a network, and {@code flotilla} beside it. Closing it switches the machines off. */
final class MachineFleet implements AutoCloseable {
    static final Map<String, String> CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", S3Server.KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET);
    static final String DISK = "2g";

    private final MachineNetwork network;
    private final Path folder;
    private final String name;
    private final Path bucket;
    private final Path key;
    private final Map<String, BareMachine> machines = new LinkedHashMap<>();
    private final Map<String, String> settings = new LinkedHashMap<>();

    private MachineFleet(MachineNetwork network, Path folder, String name, Path bucket, Path key) {
        this.network = network;
        this.folder = folder;
        this.name = name;
        this.bucket = bucket;
        this.key = key;
    }

    /**
     * A fleet without machines.
     *
     * @param folder of the test's own
     */
    static MachineFleet of(MachineNetwork network, Path folder, String name) throws IOException {
        Path bucket = network.bucket("bucket-of-" + name);
        Path key = BareMachine.key(Files.createDirectories(folder).resolve("id"));
        Command.run(Command.flotilla(
                        "init", "--name", name, folder.resolve("fleet").toString()))
                .succeeded();
        Files.writeString(folder.resolve("fleet/agent.env"), """
                AWS_ACCESS_KEY_ID=%s
                AWS_SECRET_ACCESS_KEY=%s
                """.formatted(S3Server.KEY, S3Server.SECRET));
        return new MachineFleet(network, folder, name, bucket, key);
    }

    /** One more machine, with power. {@code number} is its own on the network. */
    BareMachine add(String node, int number, OwnSystem.Init init) throws IOException {
        return add(node, number, init, DISK, "").boot();
    }

    /** Machines without anything on them, with power; their numbers are their places, from 1. */
    void addAll(String... nodes) throws IOException {
        List<BareMachine> added = new ArrayList<>();
        for (String node : nodes) {
            added.add(add(node, added.size() + 1, OwnSystem.Init.PLAIN, DISK, ""));
        }
        added.parallelStream().forEach(BareMachine::boot);
    }

    /**
     * One more machine, without power.
     *
     * @param settings what {@code fleet.conf} says of it beside its address
     */
    BareMachine add(String node, int number, OwnSystem.Init init, String disk, String settings) throws IOException {
        var machine = BareMachine.of(network, folder.resolve("machines").resolve(node), number, init, disk, key);
        machines.put(node, machine);
        this.settings.put(node, settings);
        return machine;
    }

    /** It is in the file no more once that is written again, and whoever asks switches it off. */
    BareMachine forget(String node) {
        settings.remove(node);
        return Objects.requireNonNull(machines.remove(node));
    }

    /** A fleet of another name with the same bucket and the same machines, and keys of its own. */
    MachineFleet another(String other) throws IOException {
        Path beside = folder.resolve(other);
        Command.run(Command.flotilla(
                        "init", "--name", other, beside.resolve("fleet").toString()))
                .succeeded();
        Files.copy(folder.resolve("id"), beside.resolve("id"));
        Files.copy(folder.resolve("fleet/agent.env"), beside.resolve("fleet/agent.env"));
        Files.copy(folder.resolve("fleet/host-keys"), beside.resolve("fleet/host-keys"));
        var fleet = new MachineFleet(network, beside, other, bucket, key);
        fleet.machines.putAll(machines);
        fleet.settings.putAll(settings);
        fleet.write("");
        return fleet;
    }

    BareMachine machine(String node) {
        return machines.get(node);
    }

    /** Its objects as files. */
    Path bucket() {
        return bucket;
    }

    Path file() {
        return folder.resolve("fleet/fleet.conf");
    }

    /** Writes the file, with {@code more} settings of the fleet. */
    void write(String more) throws IOException {
        var regions = new StringBuilder();
        machines.keySet().stream()
                .map(node -> node.split("/", -1)[0])
                .distinct()
                .forEach(region -> {
                    regions.append("    ").append(region).append(" { nodes {\n");
                    machines.forEach((node, machine) -> {
                        if (node.startsWith(region + "/")) {
                            regions.append("      %s { address = \"%s\"%s }\n"
                                    .formatted(
                                            node.substring(region.length() + 1),
                                            machine.address(),
                                            settings.get(node)));
                        }
                    });
                    regions.append("    } }\n");
                });
        Files.writeString(file(), """
                flotilla.fleet {
                  name = %s, bucket { name = %s, endpoint = "%s", path-style = true }
                  ssh { user = root, identities = [ "../id" ] }
                  provision {
                    environment = "agent.env", serve-time-out = 90s
                    agent { poll-interval = 1s, report-interval = 1s, report-gap = 200ms, proof { soak = 1s } }
                  }
                  rollout { waves = [] }
                  mirror { upstreams = [ { name = index, index = "%s" } ], store { path = /var/lib/flotilla/mirror, budget = 1 GiB } }
                  %s
                  regions {
                %s  }
                }
                """.formatted(
                        name, bucket.getFileName(), network.bucketEndpoint(), network.index(), more, regions));
    }

    /** A command line of {@code flotilla} on the network, for this file. */
    List<String> line(String... arguments) {
        List<String> line = new ArrayList<>(network.prefix());
        line.addAll(Command.flotilla(arguments));
        line.addAll(List.of("-C", file().toString()));
        return line;
    }

    Command flotilla(String... arguments) {
        return Command.run(line(arguments), CREDENTIALS);
    }

    /** pip of a new environment, which may be asked for several nodes. */
    PythonEnvironment pip() {
        return PythonEnvironment.create(folder, network.prefix());
    }

    void pipInstallsThrough(String node, PythonEnvironment environment) {
        environment
                .install(
                        URI.create("http://" + machine(node).address() + ":8080/simple/"),
                        "--trusted-host",
                        machine(node).address(),
                        "--force-reinstall",
                        "provisioned")
                .succeeded();
        assertThat(environment.python("import provisioned; print(provisioned.VERSION)"))
                .isEqualTo("1.0");
    }

    @Override
    public void close() {
        machines.values().forEach(BareMachine::close);
    }
}
