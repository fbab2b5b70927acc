package dev.flotilla.controller.local;

import dev.flotilla.controller.certificates.CertificateFolder;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a person needs once the fleet serves, as lines to read and to copy. Pure. */
final class Summary {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./@%+=:,-]+");

    private Summary() {}

    /**
     * The lines.
     *
     * @param example a package that the upstream has
     * @param sample whether that is the sample index
     * @param command how a person calls this program
     */
    static String of(Path state, Addresses addresses, String example, boolean sample, String command) {
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
            ports.encrypted()
                    .ifPresent(port -> text.append("""
                        or by HTTPS:
                          [global]
                          index-url = %s
                          cert = %s
                    """.formatted(
                                    region.encryptedAt(port, "/simple/"),
                                    CertificateFolder.authorities(StateFolder.certificates(state)))));
        }
        LocalRegion first = LocalRegion.ALL.getFirst();
        text.append("""

                  try it:       python3 -m venv /tmp/try-flotilla
                                /tmp/try-flotilla/bin/pip install --index-url %s %s
                  name server:  dig @%s -p %d +short %s
                  status:       %s status --state %s
                  failover:     kill the mirror of region %s (its process number is in the status), ask the name server
                                again, and watch the lines below
                  files, logs:  %s
                """.formatted(
                        first.at(ports.client(), "/simple/"),
                        example,
                        dns.getAddress().getHostAddress(),
                        dns.getPort(),
                        ConfigurationFiles.NAME,
                        quoted(command),
                        quoted(state.toString()),
                        first.name(),
                        state.resolve("regions")));
        if (sample) {
            text.append("""

                  The index behind the mirrors is the sample: flotilla-sample-app, flotilla-sample-app[charts] (3 MB more),
                  flotilla-sample-source (builds from source), and what they depend on.
                """);
        }
        return text.toString();
    }

    /** As a shell takes it for one word. */
    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
