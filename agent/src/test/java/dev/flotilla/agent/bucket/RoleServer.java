package dev.flotilla.agent.bucket;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives keys to whoever runs on this machine, as a cloud does: as the metadata service of an instance, by its second version, and as that
 * of a container. The keys are those of {@link S3Server}.
 */
public final class RoleServer implements AutoCloseable {
    private static final String TOKEN = "a-token-of-this-instance";
    private static final String ROLE = "/latest/meta-data/iam/security-credentials";

    private final HttpServer server;
    private final Set<String> given = ConcurrentHashMap.newKeySet();

    private RoleServer(HttpServer server) {
        this.server = server;
    }

    public static RoleServer start() throws IOException {
        var roles = new RoleServer(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50));
        roles.server.createContext("/", roles::answer);
        roles.server.start();
        return roles;
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What the environment of a process on an instance with a role is, but for the address, which is the same everywhere there. */
    public Map<String, String> ofAnInstance() {
        return Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", address(), "AWS_ACCESS_KEY_ID", "", "AWS_SECRET_ACCESS_KEY", "");
    }

    /** What the environment of a process in a container with a role is. */
    public Map<String, String> ofAContainer() {
        return Map.of(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                address() + "/container",
                "AWS_ACCESS_KEY_ID",
                "",
                "AWS_SECRET_ACCESS_KEY",
                "");
    }

    /** Where keys were given out. */
    public Set<String> given() {
        return Set.copyOf(given);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().replaceAll("/$", "");
            boolean known = TOKEN.equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"));
            String body = "";
            if (path.equals("/latest/api/token") && exchange.getRequestMethod().equals("PUT")) {
                exchange.getResponseHeaders().add("x-aws-ec2-metadata-token-ttl-seconds", "21600");
                body = TOKEN;
            } else if (path.equals(ROLE) && known) {
                body = "flotilla-node";
            } else if ((path.equals(ROLE + "/flotilla-node") && known) || path.equals("/container")) {
                given.add(path);
                body = keys();
            }
            byte[] content = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(content.length > 0 ? 200 : 404, content.length > 0 ? content.length : -1);
            exchange.getResponseBody().write(content);
        }
    }

    private static String keys() {
        return """
                { "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "%s",
                  "AccessKeyId": "%s", "SecretAccessKey": "%s", "Token": "session", "Expiration": "%s" }
                """.formatted(
                Instant.now(), S3Server.KEY, S3Server.SECRET, Instant.now().plus(Duration.ofHours(6)));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
