package dev.flotilla.controller.iam;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.controller.iam.PolicyJudge.Call;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Stands before a server of Route 53's API and lets through what a policy allows, as AWS does: which call it is and what it is made to
 * is read from the request itself (Service Authorization Reference, Amazon Route 53), and the values of condition keys from its body
 * (Route 53 Developer Guide, "Using IAM policy conditions for fine-grained access control").
 */
final class JudgedRoute53 implements AutoCloseable {
    private static final String ARN = "arn:aws:route53:::";
    private static final Pattern PATH =
            Pattern.compile("/2013-04-01/(?<kind>hostedzonesbyname|hostedzone|healthcheck|change|tags/healthcheck)"
                    + "(?:/(?<id>[^/]+))?(?:/(?<part>[^/]+))?/?");

    private static final Pattern OTHER = Pattern.compile("[^a-z0-9_.-]");

    private final URI behind;
    private final PolicyJudge judge;
    private final HttpServer server;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Call> allowed = new CopyOnWriteArrayList<>();
    private final List<Call> refused = new CopyOnWriteArrayList<>();

    JudgedRoute53(URI behind, PolicyJudge judge) throws IOException {
        this.behind = behind;
        this.judge = judge;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    List<Call> allowed() {
        return allowed;
    }

    List<Call> refused() {
        return refused;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Call call =
                    call(exchange.getRequestMethod(), exchange.getRequestURI().getPath(), body);
            if (!judge.allows(call)) {
                refused.add(call);
                send(exchange, 403, """
                        <?xml version="1.0"?>
                        <ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
                          <Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: %s</Message></Error>
                          <RequestId>judge</RequestId>
                        </ErrorResponse>""".formatted(call.action()).getBytes(StandardCharsets.UTF_8));
                return;
            }
            allowed.add(call);
            var onward = HttpRequest.newBuilder(behind.resolve(exchange.getRequestURI()))
                    .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
            for (String name : List.of("Authorization", "Content-Type", "X-Amz-Date")) {
                String value = exchange.getRequestHeaders().getFirst(name);
                if (value != null) {
                    onward.header(name, value);
                }
            }
            HttpResponse<byte[]> answer = http.send(onward.build(), BodyHandlers.ofByteArray());
            answer.headers()
                    .firstValue("Location")
                    .ifPresent(there -> exchange.getResponseHeaders().set("Location", there));
            send(exchange, answer.statusCode(), answer.body());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/xml");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static Call call(String method, String path, byte[] body) throws IOException {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            throw new AssertionError("nothing is known of " + method + " " + path);
        }
        String id = matcher.group("id");
        String what = String.join(
                        " ",
                        method,
                        matcher.group("kind"),
                        id == null ? "" : "ID",
                        Objects.toString(matcher.group("part"), ""))
                .strip();
        return switch (what) {
            case "GET hostedzone ID" -> plain("GetHostedZone", ARN + "hostedzone/" + id);
            case "GET hostedzonesbyname" -> plain("ListHostedZonesByName", "*");
            case "GET hostedzone ID rrset" -> plain("ListResourceRecordSets", ARN + "hostedzone/" + id);
            case "POST hostedzone ID rrset" ->
                new Call("route53:ChangeResourceRecordSets", ARN + "hostedzone/" + id, keys(document(body)));
            case "GET change ID" -> plain("GetChange", ARN + "change/" + id);
            case "GET healthcheck" -> plain("ListHealthChecks", "*");
            case "POST healthcheck" -> plain("CreateHealthCheck", ARN + "healthcheck");
            case "POST healthcheck ID" -> plain("UpdateHealthCheck", ARN + "healthcheck/" + id);
            case "DELETE healthcheck ID" -> plain("DeleteHealthCheck", ARN + "healthcheck/" + id);
            case "GET healthcheck ID status" -> plain("GetHealthCheckStatus", ARN + "healthcheck/" + id);
            case "POST tags/healthcheck ID" -> plain("ChangeTagsForResource", ARN + "healthcheck/" + id);
            default -> throw new AssertionError("nothing is known of " + method + " " + path);
        };
    }

    private static Call plain(String action, String resource) {
        return new Call("route53:" + action, resource, Map.of());
    }

    private static Map<String, List<String>> keys(Document change) {
        return Map.of(
                "route53:ChangeResourceRecordSetsNormalizedRecordNames",
                texts(change, "Name").stream().map(JudgedRoute53::normalized).toList(),
                "route53:ChangeResourceRecordSetsRecordTypes",
                texts(change, "Type"),
                "route53:ChangeResourceRecordSetsActions",
                texts(change, "Action"));
    }

    /** Small letters, no dot at the end, and all but letters, digits, - _ . in three octal digits. */
    static String normalized(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String bare = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return OTHER.matcher(bare)
                .replaceAll(other -> Matcher.quoteReplacement(
                        "\\%03o".formatted((int) other.group().charAt(0))));
    }

    private static Document document(byte[] body) throws IOException {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(new ByteArrayInputStream(body));
        } catch (ParserConfigurationException | SAXException unreadable) {
            throw new IOException(unreadable);
        }
    }

    private static List<String> texts(Document document, String element) {
        NodeList found = document.getElementsByTagName(element);
        return IntStream.range(0, found.getLength())
                .mapToObj(index -> found.item(index).getTextContent())
                .distinct()
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
        http.close();
    }
}
