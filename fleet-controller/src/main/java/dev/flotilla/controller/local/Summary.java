package dev.flotilla.controller.local;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/** What a person needs once the fleet serves, as lines to read and to copy. Pure. */
final class Summary {
    private Summary() {}

    /**
     * The lines.
     *
     * @param example a package that the upstream has
     * @param sample whether that is the sample index
     */
    static String of(Path state, Addresses addresses, String example, boolean sample) {
        var ports = addresses.mirrors();
        InetSocketAddress dns = addresses.dns();
        var text = new StringBuilder("\nThe fleet serves. Press Ctrl-C to stop it.\n");
        for (LocalRegion region : LocalRegion.ALL) {
            text.append("""

                      region %s   mirror's page: %s   metrics: %s
                        pip.conf, also at %s:
                          [global]
                          index-url = %s
                          trusted-host = %s
                    """.formatted(
                            region.name(),
                            region.at(ports.client(), "/"),
                            region.at(ports.operations(), "/metrics"),
                            region.at(ports.client(), "/pip.conf"),
                            region.at(ports.client(), "/simple/"),
                            region.host()));
        }
        LocalRegion first = LocalRegion.ALL.getFirst();
        text.append("""

                  try it        python3 -m venv /tmp/try && /tmp/try/bin/pip install --index-url %s %s%s
                  name server   dig @%s -p %d +short %s
                  watch it      flotilla status --state %s
                  see failover  kill the mirror of %s (its pid is in the status) and ask the name server again
                """.formatted(
                        first.at(ports.client(), "/simple/"),
                        example,
                        sample ? "   (the sample: " + example + "[charts] and flotilla-sample-source, too)" : "",
                        dns.getAddress().getHostAddress(),
                        dns.getPort(),
                        ConfigurationFiles.NAME,
                        state,
                        first.name()));
        return text.toString();
    }
}
