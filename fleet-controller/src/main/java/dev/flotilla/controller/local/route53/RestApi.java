package dev.flotilla.controller.local.route53;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.controller.local.route53.Throttle.Budget;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API over HTTP: finds the operation of a request and turns refusals into the error documents of the API Reference
 * ("Common errors" and each operation's own). Requests are not authenticated; it listens on loopback. Thread-safe.
 */
final class RestApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RestApi.class);
    private static final int BACKLOG = 64;
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int INTERNAL_ERROR = 500;

    private final ZoneOperations zones;
    private final HealthCheckOperations checks;
    private final TagOperations tags;
    private final Optional<Throttle> throttle;
    private final Route53Limits limits;
    private final HttpServer server;
    private final ExecutorService threads;
    private final Semaphore places;

    private RestApi(
            ZoneOperations zones,
            HealthCheckOperations checks,
            TagOperations tags,
            Optional<Throttle> throttle,
            Route53Limits limits,
            HttpServer server) {
        this.zones = zones;
        this.checks = checks;
        this.tags = tags;
        this.throttle = throttle;
        this.limits = limits;
        this.server = server;
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("route53-api-", 0).factory());
        this.places = new Semaphore(limits.requestsAtOnce());
    }

    /**
     * Binds the port and begins to answer.
     *
     * @throws IOException if the port is in use; the message names it
     */
    static RestApi start(
            InetSocketAddress address,
            ZoneOperations zones,
            HealthCheckOperations checks,
            TagOperations tags,
            Optional<Throttle> throttle,
            Route53Limits limits)
            throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (BindException taken) {
            throw new IOException(
                    "port " + address.getPort() + " on " + address.getAddress().getHostAddress()
                            + " can't be used for the stand-in of Route 53: " + taken.getMessage(),
                    taken);
        }
        RestApi api = new RestApi(zones, checks, tags, throttle, limits, server);
        server.createContext("/", api::handle);
        server.setExecutor(api.threads);
        server.start();
        return api;
    }

    URI endpoint() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            places.acquire();
            try {
                respond(exchange);
            } finally {
                places.release();
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void respond(HttpExchange exchange) throws IOException {
        String requestId = UUID.randomUUID().toString();
        exchange.getResponseHeaders().set("x-amzn-RequestId", requestId);
        exchange.getResponseHeaders().set("Content-Type", "text/xml");
        try {
            byte[] body = exchange.getRequestBody().readNBytes(limits.requestBytes() + 1);
            if (body.length > limits.requestBytes()) {
                throw ApiRefusal.invalidInput("The body is longer than " + limits.requestBytes() + " bytes");
            }
            ApiAnswer answer = dispatch(ApiRequest.of(exchange.getRequestMethod(), exchange.getRequestURI(), body));
            answer.location().ifPresent(path -> exchange.getResponseHeaders().set("Location", endpoint() + path));
            send(exchange, answer.created() ? CREATED : OK, answer.body());
        } catch (ApiRefusal refusal) {
            LOG.debug("{} {} refused: {}", exchange.getRequestMethod(), exchange.getRequestURI(), refusal.text());
            send(
                    exchange,
                    status(refusal.code()),
                    error("Sender", refusal.code().wire(), refusal.text(), requestId));
        } catch (RuntimeException failure) {
            LOG.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), failure);
            send(
                    exchange,
                    INTERNAL_ERROR,
                    error("Receiver", "InternalFailure", String.valueOf(failure.getMessage()), requestId));
        }
    }

    private ApiAnswer dispatch(ApiRequest request) throws ApiRefusal {
        List<String> path = request.path();
        if (path.isEmpty()) {
            throw unknown(request);
        }
        String operation = request.method() + " " + path.getFirst() + "/" + path.size();
        if (throttle.isPresent()) {
            throttle.get().count(budget(operation));
        }
        return switch (operation) {
            case "POST hostedzone/1" -> zones.create(request);
            case "GET hostedzone/1" -> zones.list(request);
            case "GET hostedzonesbyname/1" -> zones.listByName(request);
            case "GET hostedzone/2" -> zones.get(path.get(1));
            case "DELETE hostedzone/2" -> zones.delete(path.get(1));
            case "GET change/2" -> zones.getChange(path.get(1));
            case "POST healthcheck/1" -> checks.create(request);
            case "GET healthcheck/1" -> checks.list(request);
            case "GET healthcheck/2" -> checks.get(path.get(1));
            case "POST healthcheck/2" -> checks.update(path.get(1), request);
            case "DELETE healthcheck/2" -> checks.delete(path.get(1));
            case "POST tags/2" -> tags.listSeveral(path.get(1), request);
            case "GET tags/3" -> tags.list(path.get(1), path.get(2));
            case "POST tags/3" -> tags.change(path.get(1), path.get(2), request);
            default -> dispatchBelow(request, operation + " " + path.getLast());
        };
    }

    private static Budget budget(String operation) {
        return switch (operation) {
            case "POST healthcheck/1" -> Budget.CREATE_HEALTH_CHECK;
            case "DELETE healthcheck/2" -> Budget.DELETE_HEALTH_CHECK;
            case "GET healthcheck/3" -> Budget.HEALTH_CHECK_STATUS;
            default -> Budget.ACCOUNT;
        };
    }

    private ApiAnswer dispatchBelow(ApiRequest request, String operation) throws ApiRefusal {
        return switch (operation) {
            case "GET hostedzone/3 rrset" -> zones.listRecordSets(request.path().get(1), request);
            case "POST hostedzone/3 rrset" -> zones.change(request.path().get(1), request);
            case "GET healthcheck/3 status" -> checks.status(request.path().get(1));
            default -> throw unknown(request);
        };
    }

    private static ApiRefusal unknown(ApiRequest request) {
        return new ApiRefusal(
                ApiRefusal.Code.NOT_IMPLEMENTED,
                "The stand-in does not know " + request.method() + " /" + String.join("/", request.path()));
    }

    /** The one place that knows which HTTP status an error has (API Reference, each operation's "Errors"). */
    private static int status(ApiRefusal.Code code) {
        return switch (code) {
            case NO_SUCH_CHANGE, NO_SUCH_HEALTH_CHECK, NO_SUCH_HOSTED_ZONE -> NOT_FOUND;
            case HEALTH_CHECK_ALREADY_EXISTS, HEALTH_CHECK_VERSION_MISMATCH, HOSTED_ZONE_ALREADY_EXISTS -> CONFLICT;
            case HOSTED_ZONE_NOT_EMPTY,
                    INVALID_CHANGE_BATCH,
                    INVALID_DOMAIN_NAME,
                    INVALID_INPUT,
                    MALFORMED_INPUT,
                    NOT_IMPLEMENTED,
                    PRIOR_REQUEST_NOT_COMPLETE,
                    THROTTLING,
                    TOO_MANY_HEALTH_CHECKS,
                    TOO_MANY_HOSTED_ZONES -> BAD_REQUEST;
        };
    }

    private static String error(String type, String code, String message, String requestId) {
        return XmlDocument.of("ErrorResponse", document -> {
            document.element("Error", error -> {
                error.value("Type", type);
                error.value("Code", code);
                error.value("Message", message);
            });
            document.value("RequestId", requestId);
        });
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
