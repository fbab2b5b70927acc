package dev.flotilla.controller.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.controller.client.NameServer;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FleetWatchTest {
    private final List<String> events = new ArrayList<>();

    @Test
    void onlyChangesAreTold() throws Exception {
        var status = new AtomicInteger(200);
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/readyz", exchange -> {
            byte[] body = "draining\n".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status.get(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        URI readyz = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/readyz");
        LocalRegion east = LocalRegion.ALL.getFirst();
        try (var readiness = new Readiness();
                var silent = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            var watch = new FleetWatch(
                    readiness,
                    new NameServer((InetSocketAddress) silent.getLocalSocketAddress(), Duration.ofMillis(100), false),
                    "mirror.flotilla.test",
                    Map.of(east, readyz),
                    events::add);
            watch.look();
            assertThat(events).isEmpty();
            status.set(503);
            watch.look();
            watch.look();
            assertThat(events).containsExactly("east-1 does not serve any more: draining");
            server.stop(0);
            watch.look();
            assertThat(events).hasSize(1);
        } finally {
            server.stop(0);
        }
    }
}
