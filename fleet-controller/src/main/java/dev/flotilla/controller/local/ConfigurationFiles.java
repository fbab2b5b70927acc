package dev.flotilla.controller.local;

import dev.flotilla.controller.certificates.CertificateFolder;
import java.net.URI;
import java.util.OptionalInt;

/** The text of the files that the programs of a local fleet are configured by, for people to read too. Pure. */
final class ConfigurationFiles {
    static final String FLEET = "local";
    static final String BUCKET = "flotilla";
    static final String AWS_REGION = "us-east-1";
    static final String ZONE = "flotilla.test";
    static final String NAME = "mirror." + ZONE;

    private final StateFolder state;
    private final URI bucket;

    ConfigurationFiles(StateFolder state, URI bucket) {
        this.state = state;
        this.bucket = bucket;
    }

    /**
     * Where mirrors listen, the same on each region's address.
     *
     * @param encrypted for HTTPS, where they serve by it
     */
    record MirrorPorts(int client, int operations, OptionalInt encrypted) {}

    /** The {@code fleet.conf} that the controller reads. */
    String fleet(URI route53, MirrorPorts ports, String upstreamName, URI upstream) {
        var regions = new StringBuilder();
        for (LocalRegion region : LocalRegion.ALL) {
            regions.append("    ")
                    .append(region.name())
                    .append(" { nodes { ")
                    .append(region.node())
                    .append(" { address = ")
                    .append(quoted(region.host()))
                    .append(", mirror { store { path = ")
                    .append(quoted(state.store(region.name())))
                    .append(" }")
                    .append(encrypted(region, ports))
                    .append(" } } } }\n");
        }
        return """
                # The local fleet as its controller sees it. Written anew at every start of `flotilla local`, so what is changed
                # here is lost then; a fleet of your own begins with `flotilla init`.
                flotilla.fleet {
                  name = %s
                  bucket { name = %s, endpoint = %s, aws-region = %s, path-style = true }
                  trust { folder = "trust", lifetime = 30 days }
                  # No waves: what is published is seen on both nodes at once.
                  rollout { waves = [] }
                  # Route53 knows intervals of 10 and 30 s only; its stand-in probes every 500 ms whatever stands here.
                  dns { zone = %s, name = %s, endpoint = %s, ttl = 1s, check-interval = 10s, check-threshold = 2, calls-per-second = 100 }
                  mirror {
                    listen { port = %d }
                    operations { port = %d }
                    upstreams = [ { name = %s, index = %s } ]
                    store { budget = 5 GiB }
                  }
                  # In the order of failover.
                  regions {
                %s  }
                }
                """.formatted(
                        quoted(FLEET),
                        quoted(BUCKET),
                        quoted(bucket),
                        quoted(AWS_REGION),
                        quoted(ZONE),
                        quoted(NAME),
                        quoted(route53),
                        ports.client(),
                        ports.operations(),
                        quoted(upstreamName),
                        quoted(upstream),
                        regions);
    }

    private String encrypted(LocalRegion region, MirrorPorts ports) {
        if (ports.encrypted().isEmpty()) {
            return "";
        }
        var files = new CertificateFolder(state.certificates());
        return ", tls { host = %s, port = %d, certificate = %s, key = %s }"
                .formatted(
                        quoted(region.host()),
                        ports.encrypted().getAsInt(),
                        quoted(files.chainFile(region.name())),
                        quoted(files.keyFile(region.name())));
    }

    /** The {@code agent.conf} of one region's node. */
    String agent(LocalRegion region, MirrorPorts ports) {
        return """
                # The agent of %s/%s. Written anew at every start of `flotilla local`.
                flotilla.agent {
                  fleet = %s, region = %s, node = %s, zone = %s
                  state = %s
                  bucket { name = %s, endpoint = %s, aws-region = %s, path-style = true }
                  trust-root = %s
                  # 5 s, so that a person sees the names move before the mirror is back. Standard input is the lifeline.
                  mirror { readiness = %s, restart-delay = 5s, restart-delay-limit = 60s, keep-with-standard-input = true }
                  proof { soak = 2s }
                  poll-interval = 2s
                  report-interval = 2s
                }
                """.formatted(
                        region.name(),
                        region.node(),
                        quoted(FLEET),
                        quoted(region.name()),
                        quoted(region.node()),
                        quoted(ZONE),
                        quoted(state.agentState(region.name())),
                        quoted(BUCKET),
                        quoted(bucket),
                        quoted(AWS_REGION),
                        quoted(state.trust().resolve("root.json")),
                        quoted(region.at(ports.operations(), "/readyz")));
    }

    /** A string of HOCON, which is one of JSON (RFC 8259, section 7). */
    private static String quoted(Object value) {
        var quoted = new StringBuilder("\"");
        value.toString().codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c < ' ') {
                quoted.append("\\u%04x".formatted(c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }
}
