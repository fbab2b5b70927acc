package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A machine on a network, with an address, a disk and processes of its own, and nothing on it but a real OpenSSH server. */
final class BareMachine implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MachineNetwork network;
    private final Path folder;
    private final int number;
    private final OwnSystem.Init init;
    private Optional<Path> root = Optional.empty();
    private int boots;
    private Optional<OwnSystem> system = Optional.empty();

    private BareMachine(MachineNetwork network, Path folder, int number, OwnSystem.Init init) {
        this.network = network;
        this.folder = folder;
        this.number = number;
        this.init = init;
    }

    /**
     * A machine that is switched off, with an empty disk.
     *
     * @param number from 1 to 200, its own on the network
     * @param disk the most that its disk holds, as {@code mount} has it
     * @param userKey whoever has it is let in
     */
    static BareMachine of(
            MachineNetwork network, Path folder, int number, OwnSystem.Init init, String disk, Path userKey)
            throws IOException {
        Files.createDirectories(folder);
        OwnSystem.script("bare-machine.sh", folder.resolve("prepare.sh"));
        Files.copy(Path.of(userKey + ".pub"), folder.resolve("authorized_keys"));
        var machine = new BareMachine(network, folder, number, init);
        machine.empty(disk);
        return machine;
    }

    /** What it runs from its next boot on an empty disk. */
    BareMachine running(Distribution distribution) {
        root = distribution.root();
        return this;
    }

    static Path key(Path file) {
        Command.run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString()))
                .succeeded();
        return file;
    }

    /** Another machine in its place: an empty disk, and another host key. It is switched off. */
    void empty(String disk) throws IOException {
        close();
        Files.deleteIfExists(folder.resolve("host_key"));
        Files.deleteIfExists(folder.resolve("host_key.pub"));
        key(folder.resolve("host_key"));
        String mounted = disk().toString();
        if (Files.exists(disk())) {
            network.under("umount", mounted).succeeded();
        }
        Files.createDirectories(disk());
        network.under("mount", "-t", "tmpfs", "-o", "size=" + disk, "tmpfs", mounted)
                .succeeded();
    }

    private Path disk() {
        return folder.resolve("disk");
    }

    /** From now on its disk holds so much. */
    void resize(String disk) {
        network.under("mount", "-o", "remount,size=" + disk, disk().toString()).succeeded();
    }

    /** Switches it on and waits until its SSH server listens. */
    BareMachine boot() {
        try {
            boots++;
            List<String> place = new ArrayList<>(List.of(network.process(), address(), port()));
            root.ifPresent(files -> place.add(files.toString()));
            system = Optional.of(OwnSystem.start(folder, init, network.underneath(), place.toArray(String[]::new)));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        await("its SSH server")
                .atMost(PATIENCE)
                .until(() -> network.under("bash", "-c", "exec 3<>/dev/tcp/" + address() + "/22")
                                .exitCode()
                        == 0);
        return this;
    }

    /** Of the switch: a new one for each boot, since the old one is only gone a while after its end. */
    private String port() {
        return "m" + number + "b" + boots;
    }

    String address() {
        return "10.77.0." + (10 + number);
    }

    /** The digest of the key that it shows, as people compare it. */
    String fingerprint() {
        return Command.run(List.of(
                        "ssh-keygen", "-lf", folder.resolve("host_key.pub").toString()))
                .succeeded()
                .output()
                .split(" ", -1)[1];
    }

    /** The key that it shows: type and key. */
    String hostKey() throws IOException {
        return Files.readString(folder.resolve("host_key.pub")).strip();
    }

    /** From now on nobody else is let in. */
    void letsInOnly(Path userKey) throws IOException {
        Files.copy(
                Path.of(userKey + ".pub"),
                system().file("/etc/ssh/machine_authorized_keys"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private OwnSystem system() {
        return system.orElseThrow(() -> new IllegalStateException(address() + " is switched off"));
    }

    /** Runs a command there, without going by the network. */
    Command run(String... command) {
        return system().run(command);
    }

    /** What a command line has to begin with to be run there. */
    List<String> inside() {
        return system().inside();
    }

    /** A file of it, to be read and written from here while it is switched on. */
    Path file(String path) {
        return system().file(path);
    }

    /** Takes its cable out, or puts it in again: who talks to it notices nothing but silence. */
    void cable(boolean in) {
        network.under("ip", "link", "set", port(), in ? "up" : "down").succeeded();
    }

    /** No more than so many bits a second come to it, as {@code tc} has them. */
    void slow(String rate) {
        network.under(
                        "tc", "qdisc", "add", "dev", port(), "root", "tbf", "rate", rate, "burst", "256k", "latency",
                        "200ms")
                .succeeded();
    }

    /** No more than so many bits a second leave it, as {@code tc} has them; absent: as many as it can. */
    void sends(Optional<String> rate) {
        run("tc", "qdisc", "delete", "dev", "eth0", "root");
        rate.ifPresent(bits -> run(
                        "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", bits, "burst", "16k", "latency",
                        "400ms")
                .succeeded());
    }

    /** Its power is gone. What is on its disk stays. */
    @Override
    public void close() {
        system.ifPresent(running -> {
            network.under("ip", "link", "delete", port()).succeeded();
            running.close();
        });
        system = Optional.empty();
    }
}
