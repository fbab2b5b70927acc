package dev.flotilla.tests;

import java.io.IOException;
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

    private final MachineNetwork network;
    private final StandInNames names;
    private final Process resolver;

    private NamedNetwork(MachineNetwork network, StandInNames names, Process resolver) {
        this.network = network;
        this.names = names;
        this.resolver = resolver;
    }

    static NamedNetwork start(MachineNetwork network, Path folder) throws IOException {
        StandInNames names = StandInNames.start(network.prefix(), SERVER, ZONE, CHECK_INTERVAL, folder);
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
                names,
                new ProcessBuilder(unbound)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("unbound.log").toFile())
                        .start());
    }

    /** What {@code fleet.conf} says of them. */
    String settings() {
        return "dns { zone = %s, name = %s, endpoint = \"%s\", ttl = 1s, check-interval = 10s, check-threshold = 2, calls-per-second = 100 }"
                .formatted(ZONE, NAME, names.api());
    }

    /** Whether the API refuses every call from now on. */
    void refuse(boolean every) throws IOException {
        names.refuse(every);
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
        resolver.descendants().forEach(ProcessHandle::destroyForcibly);
        resolver.destroyForcibly();
        resolver.onExit().join();
        names.close();
    }
}
