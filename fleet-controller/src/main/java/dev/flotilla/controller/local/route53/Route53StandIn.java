package dev.flotilla.controller.local.route53;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;

/**
 * A stand-in for Amazon Route 53 within this process: its REST API ({@code 2013-04-01}), its health checks, and a name
 * server that answers for the zones which were made through the API. Thread-safe; nothing of it outlives {@link #close()}.
 *
 * <p>It keeps to the documented rules (docs/specs/route53.md), so that what works with it works with Route 53; what it
 * does not know it refuses with InvalidInput or NotImplemented. It does not look at credentials.
 */
public final class Route53StandIn implements AutoCloseable {
    private final RestApi api;
    private final NameServer nameServer;
    private final HealthChecker checker;

    private Route53StandIn(RestApi api, NameServer nameServer, HealthChecker checker) {
        this.api = api;
        this.nameServer = nameServer;
        this.checker = checker;
    }

    /**
     * Starts all parts; when this returns the API and the name server answer.
     *
     * @throws IOException if a port is in use; the message says which and what for
     */
    public static Route53StandIn start(Route53Options options) throws IOException {
        HealthChecker checker =
                new HealthChecker(new Prober(options.clock()), options.checkers(), options.checkInterval());
        HealthChecks checks = new HealthChecks(checker, options.exemptions(), options.limits());
        HostedZones zones = new HostedZones(options.clock(), options.changeDelay(), checks::exists, options.limits());
        ResourceTags tags = new ResourceTags();
        ZoneOperations zoneOperations = new ZoneOperations(zones, tags);
        HealthCheckOperations checkOperations = new HealthCheckOperations(checks, tags);
        DnsResponder responder = new DnsResponder(zones, new AnswerRules(checker, options.random()), options.clients());
        NameServer nameServer = NameServer.start(options.dns(), responder, options.limits());
        try {
            RestApi api = RestApi.start(
                    options.api(),
                    zoneOperations,
                    checkOperations,
                    new TagOperations(tags, zoneOperations, checkOperations),
                    options.exemptions().contains(Exemption.UNTHROTTLED)
                            ? Optional.empty()
                            : Optional.of(new Throttle(options.clock())),
                    options.limits());
            return new Route53StandIn(api, nameServer, checker);
        } catch (IOException failure) {
            nameServer.close();
            throw failure;
        }
    }

    /** Where the SDK's Route53Client is to be pointed, with any credentials: {@code http://127.0.0.1:PORT}. */
    public URI endpoint() {
        return api.endpoint();
    }

    /** Where the name server listens, over UDP and TCP. */
    public InetSocketAddress dnsAddress() {
        return nameServer.address();
    }

    /** Ends the API, the name server and all probes. */
    @Override
    public void close() {
        api.close();
        nameServer.close();
        checker.close();
    }
}
