package dev.flotilla.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Names on a network: the packed controller's stand-in for Route 53 with its name server, and Debian's unbound as the resolver that everybody on the network has.
 * Closing it ends both; what is mounted goes with the network.
 */
final class NamedNetwork implements AutoCloseable {
    static final String ZONE = "example.org";
    static final String NAME = "mirror." + ZONE;
    static final String SERVER = "10.77.0.1";
    static final String RESOLVER = "10.77.0.2";
    static final Duration CHECK_INTERVAL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MachineNetwork network;
    private final Path refuse;
    private final Process names;
    private final Process resolver;
    private final URI api;

    private NamedNetwork(MachineNetwork network, Path refuse, Process names, Process resolver, URI api) {
        this.network = network;
        this.refuse = refuse;
        this.names = names;
        this.resolver = resolver;
        this.api = api;
    }

    static NamedNetwork start(MachineNetwork network, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path ready = folder.resolve("names.ready");
        Path refuse = folder.resolve("refuse");
        Path log = folder.resolve("names.log");
        String home = System.getProperty("flotilla.controller.home");
        List<String> line = new ArrayList<>(network.prefix());
        line.addAll(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-cp", home + "/lib/*"));
        line.add(OwnSystem.script("NetworkNames.java", folder.resolve("NetworkNames.java"))
                .toString());
        line.addAll(
                List.of(SERVER, ZONE, Long.toString(CHECK_INTERVAL.toMillis()), ready.toString(), refuse.toString()));
        Process names = begin(line, log);
        await("the name server").atMost(PATIENCE).until(() -> Files.exists(ready) || !names.isAlive());
        if (!Files.exists(ready)) {
            throw new AssertionError("the name server did not start:\n" + Files.readString(log));
        }
        network.under("ip", "address", "add", RESOLVER + "/24", "dev", "switch").succeeded();
        Path known = Files.writeString(folder.resolve("resolv.conf"), "nameserver " + RESOLVER + "\n");
        network.under("mount", "--bind", known.toString(), "/etc/resolv.conf").succeeded();
        Path configuration = Files.writeString(folder.resolve("unbound.conf"), """
                server:
                  interface: %s
                  access-control: 10.77.0.0/24 allow
                  do-ip6: no
                  do-daemonize: no
                  username: ""
                  chroot: ""
                  pidfile: ""
                  use-syslog: no
                  module-config: "iterator"
                  qname-minimisation: no
                remote-control:
                  control-enable: no
                stub-zone:
                  name: "%s"
                  stub-addr: %s
                """.formatted(RESOLVER, ZONE, SERVER));
        List<String> unbound = new ArrayList<>(network.underneath());
        unbound.addAll(List.of("unbound", "-d", "-c", configuration.toString()));
        return new NamedNetwork(
                network,
                refuse,
                names,
                begin(unbound, folder.resolve("unbound.log")),
                URI.create(Files.readString(ready)));
    }

    private static Process begin(List<String> line, Path log) throws IOException {
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** What {@code fleet.conf} says of them. */
    String settings() {
        return "dns { zone = %s, name = %s, endpoint = \"%s\", ttl = 1s, check-interval = 10s, check-threshold = 2, calls-per-second = 100 }"
                .formatted(ZONE, NAME, api);
    }

    /** Whether the API refuses every call from now on. */
    void refuse(boolean every) throws IOException {
        if (every) {
            Files.createFile(refuse);
        } else {
            Files.delete(refuse);
        }
    }

    /** The address that the resolver answers, as clients see it. */
    String answer(String name) {
        return answer(name, "A");
    }

    /** The same of records of that type. */
    String answer(String name, String type) {
        Command dig = network.under("dig", "+short", "+tries=1", "+timeout=2", "@" + RESOLVER, name, type);
        return dig.exitCode() == 0 ? dig.output().strip() : "";
    }

    @Override
    public void close() {
        for (Process process : List.of(resolver, names)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
