package dev.flotilla.controller.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.bucket.MemoryBucket;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.local.route53.SecuredServer;
import dev.flotilla.controller.plan.NodesNow.Standing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which nodes may get a health check: those that answer as it will ask. */
class AskedNodesTest {
    private final MemoryBucket bucket = new MemoryBucket();

    @TempDir
    Path folder;

    private Standing standing(FleetConfiguration fleet) throws Exception {
        return new AskedNodes(fleet, bucket)
                .ask(fleet.nodes())
                .values()
                .iterator()
                .next();
    }

    private FleetConfiguration fleet(String protocol, int plain, int encrypted) {
        return new Fleets(folder)
                .fleet("mirror { listen { port = %d }, tls { port = %d } }".formatted(plain, encrypted))
                .dns("check-protocol = " + protocol)
                .node("east", "east-1", "127.0.0.1")
                .build();
    }

    @Test
    void aNodeThatDoesNotAnswerByHttpsYetDoesNotServeWhereItsCheckAsksSo() throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/readyz", exchange -> {
            try (exchange) {
                byte[] body = "ready".getBytes(UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        int plain = server.getAddress().getPort();
        try (var encrypted = new SecuredServer(folder)) {
            assertThat(standing(fleet("https", plain, encrypted.port())))
                    .as("whatever its certificate")
                    .isEqualTo(new Standing.Serving());
            assertThat(encrypted.asked()).isNotEmpty();
            assertThat(standing(fleet("http", plain, plain))).isEqualTo(new Standing.Serving());
            assertThat(standing(fleet("https", plain, plain)))
                    .isInstanceOfSatisfying(
                            Standing.NotServing.class,
                            not -> assertThat(not.reason())
                                    .startsWith("it serves, but not by HTTPS, as its health check asks"));
        } finally {
            server.stop(0);
        }
    }
}
