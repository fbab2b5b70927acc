package dev.flotilla.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The real Ansible with this project's collection, which comes to machines of a network by SSH and knows their host keys. */
final class Ansible {
    private static final Path COLLECTION = Path.of(System.getProperty("flotilla.root"), "ansible");

    private final MachineNetwork network;
    private final Path folder;
    private final Path key;
    private final Map<String, String> groups = new LinkedHashMap<>();
    private Optional<Path> programs = Optional.empty();

    private Ansible(MachineNetwork network, Path folder, Path key) {
        this.network = network;
        this.folder = folder;
        this.key = key;
    }

    /**
     * Without hosts.
     *
     * @param folder of its own
     * @param key lets it in
     */
    static Ansible on(MachineNetwork network, Path folder, Path key) throws IOException {
        Path collections = Files.createDirectories(folder.resolve("collections/ansible_collections/flotilla"));
        Files.createSymbolicLink(
                collections.resolve("ci"), COLLECTION.toAbsolutePath().normalize());
        Files.createFile(folder.resolve("known_hosts"));
        return new Ansible(network, folder, key);
    }

    /** It is the one that comes with that distribution. */
    Ansible of(Distribution distribution) {
        programs = distribution.ansible();
        return this;
    }

    /**
     * One more host.
     *
     * @param settings its variables, as JSON has them, by name
     */
    void host(String group, String name, BareMachine machine, Map<String, String> settings) throws IOException {
        Files.writeString(
                folder.resolve("known_hosts"),
                machine.address() + " " + machine.hostKey() + "\n",
                StandardOpenOption.APPEND);
        var host = new StringBuilder("    " + name + ": {ansible_host: \"" + machine.address() + "\"");
        settings.forEach((variable, value) ->
                host.append(", ").append(variable).append(": ").append(value));
        groups.merge(group, host + "}\n", String::concat);
        var inventory = new StringBuilder();
        groups.forEach((known, hosts) ->
                inventory.append(known).append(":\n  hosts:\n").append(hosts));
        Files.writeString(folder.resolve("inventory.yml"), inventory);
    }

    /** Runs a playbook of the collection. */
    Command play(String playbook, String... options) {
        List<String> line = new ArrayList<>(List.of("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
        line.addAll(List.of(
                "HOME=" + folder,
                "LC_ALL=C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH=" + folder.resolve("collections"),
                "ANSIBLE_NOCOLOR=1",
                "ANSIBLE_PIPELINING=1",
                "ANSIBLE_TIMEOUT=60",
                // The machines' SSH servers have nothing but a shell.
                "ANSIBLE_SSH_TRANSFER_METHOD=piped",
                // A connection for many tasks, which ends by itself soon after the last one.
                "ANSIBLE_SSH_ARGS=-o ControlMaster=auto -o ControlPersist=5s -o StrictHostKeyChecking=yes -o UserKnownHostsFile="
                        + folder.resolve("known_hosts")));
        programs.ifPresent(modules -> line.add("PYTHONPATH=" + modules));
        line.addAll(List.of(
                "/usr/bin/python3",
                "-m",
                "ansible",
                "playbook",
                "-i",
                folder.resolve("inventory.yml").toString(),
                "-u",
                "root",
                "--private-key",
                key.toString(),
                COLLECTION.resolve("playbooks").resolve(playbook).toString()));
        line.addAll(List.of(options));
        return network.run(line, Map.of());
    }

    /** How many tasks have changed something on a host, in a run that went well there. */
    static int changes(Command run, String host) {
        return Integer.parseInt(recap(run, host, "failed=0").replaceAll(".*changed=([0-9]+) .*", "$1"));
    }

    /** Asserts that a run failed on a host. */
    static String failed(Command run, String host) {
        return recap(run, host, "failed=1");
    }

    private static String recap(Command run, String host, String outcome) {
        String recap = run.output()
                .lines()
                .filter(line -> line.matches(host + " +: ok=.*"))
                .findFirst()
                .orElse("");
        assertThat(recap).as(run.output()).contains("unreachable=0", outcome);
        return recap;
    }
}
