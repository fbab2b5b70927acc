package dev.flotilla.controller.simulate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.flotilla.controller.dns.CheckReference;
import dev.flotilla.controller.dns.Fleets;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordTree;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.simulate.Answers.Answer;
import dev.flotilla.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * A third opinion on failover: PowerDNS, which nobody here has written, with a Lua record for each name (Debian:
 * pdns-server, pdns-backend-bind). Its {@code ifurlup} takes the first group of addresses in which one answers over HTTP,
 * which is what a chain of failover aliases comes to. While all are down it takes any, where Route 53 takes the first:
 * that case is left out.
 */
@Tag("real")
@Timeout(120)
class PowerDnsTest {
    private static final int QUESTIONS = 10;

    @TempDir
    Path folder;

    private final List<HttpServer> nodes = new ArrayList<>();
    private @Nullable Process server;

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.destroy();
            if (!server.waitFor(10, TimeUnit.SECONDS)) {
                server.destroyForcibly().waitFor();
            }
        }
        nodes.forEach(node -> node.stop(0));
    }

    @Test
    void whicheverNodesAreUpPowerDnsAnswersWhatTheSimulationDoes() throws Exception {
        int port = 0;
        var zone = new StringBuilder("""
                $TTL 1
                @ IN SOA ns.example.org. host.example.org. 1 3600 600 86400 1
                @ IN NS ns.example.org.
                ns IN A 127.0.0.1
                """);
        Map<String, Set<String>> expected = new LinkedHashMap<>();
        for (int up = 1; up < 16; up++) {
            String prefix = "127.0." + (100 + up) + ".";
            FleetConfiguration fleet = new Fleets(folder)
                    .node("alpha", "alpha-1", prefix + 1)
                    .node("alpha", "alpha-2", prefix + 2)
                    .node("bravo", "bravo-1", prefix + 3)
                    .node("charlie", "charlie-1", prefix + 4)
                    .build();
            Set<String> alive = new HashSet<>();
            for (int node = 0; node < 4; node++) {
                if ((up & (1 << node)) != 0) {
                    alive.add(prefix + (node + 1));
                    port = serve(prefix + (node + 1), port);
                }
            }
            List<RecordSet> records = RecordTree.whole(fleet, fleet.dns().orElseThrow());
            var answers = new Answers(
                    records,
                    check -> check instanceof CheckReference.Wanted wanted
                            && alive.contains(wanted.settings().address().toString()));
            String here = "up-" + up + ".example.org";
            add(zone, here, fleet.regions(), port);
            expected.put(here, answered(answers, "mirror.example.org"));
            for (Region first : fleet.regions()) {
                List<Region> order = Stream.concat(
                                Stream.of(first), fleet.regions().stream().filter(region -> !region.equals(first)))
                        .toList();
                String name = first.name() + "." + here;
                add(zone, name, order, port);
                expected.put(name, answered(answers, first.name() + ".mirror.example.org"));
            }
        }
        assertThat(expected).hasSize(60);
        SimpleResolver resolver = start(zone.toString());
        // The first question for an address begins its check; all names are asked, so that all checks run at once.
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(
                        () -> assertThat(askAll(resolver, expected.keySet())).isEqualTo(expected));
    }

    private static Set<String> answered(Answers answers, String name) {
        return answers.to(DnsName.parse(name), "A", List.of()).stream()
                .map(Answer::values)
                .flatMap(Set::stream)
                .collect(Collectors.toSet());
    }

    private static void add(StringBuilder zone, String name, List<Region> order, int port) {
        String groups = order.stream()
                .map(region -> region.nodes().stream()
                        .map(node -> "'" + node.address() + "'")
                        .collect(Collectors.joining(",", "{", "}")))
                .collect(Collectors.joining(",", "{", "}"));
        zone.append(name)
                .append(". IN LUA A \"ifurlup('http://mirror.example.org:")
                .append(port)
                .append("/readyz',")
                .append(groups)
                .append(",{stringmatch='ready'})\"\n");
    }

    private static Map<String, Set<String>> askAll(SimpleResolver resolver, Set<String> names) throws IOException {
        Map<String, Set<String>> answers = new LinkedHashMap<>();
        for (String name : names) {
            answers.put(name, ask(resolver, name));
        }
        return answers;
    }

    /** All that comes of some questions in a row. */
    private static Set<String> ask(SimpleResolver resolver, String name) throws IOException {
        Record question = Record.newRecord(Name.fromString(name + "."), Type.A, DClass.IN);
        Set<String> seen = new HashSet<>();
        for (int number = 0; number < QUESTIONS; number++) {
            resolver.send(Message.newQuery(question)).getSection(Section.ANSWER).stream()
                    .map(Record::rdataToString)
                    .forEach(seen::add);
        }
        return seen;
    }

    private int serve(String address, int port) throws IOException {
        var node = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), port), 0);
        nodes.add(node);
        node.createContext("/readyz", exchange -> {
            byte[] body = "ready".getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        node.start();
        return node.getAddress().getPort();
    }

    private SimpleResolver start(String zone) throws Exception {
        Files.writeString(folder.resolve("zone"), zone);
        Files.writeString(
                folder.resolve("named.conf"),
                "zone \"example.org\" { type master; file \"" + folder.resolve("zone") + "\"; };\n");
        Path log = folder.resolve("log");
        int port = FreePort.choose();
        Process started = new ProcessBuilder(
                        "pdns_server",
                        "--config-dir=" + folder,
                        "--launch=bind",
                        "--bind-config=" + folder.resolve("named.conf"),
                        "--local-address=127.0.0.1",
                        "--local-port=" + port,
                        "--socket-dir=" + folder,
                        "--enable-lua-records=yes",
                        "--lua-health-checks-interval=1",
                        "--cache-ttl=0",
                        "--query-cache-ttl=0",
                        "--negquery-cache-ttl=0")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        server = started;
        var resolver = new SimpleResolver(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        resolver.setTimeout(Duration.ofSeconds(2));
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() ->
                        !started.isAlive() || ask(resolver, "ns.example.org").equals(Set.of("127.0.0.1")));
        if (started.isAlive()) {
            return resolver;
        }
        throw new AssertionError("pdns_server ends at once: " + Files.readString(log));
    }
}
