package dev.flotilla.controller.local.route53;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A request to the API. Immutable. */
final class ApiRequest {
    private static final String VERSION = "2013-04-01";

    private final String method;
    private final List<String> path;
    private final Map<String, String> query;
    private final byte[] body;

    private ApiRequest(String method, List<String> path, Map<String, String> query, byte[] body) {
        this.method = method;
        this.path = List.copyOf(path);
        this.query = query;
        this.body = body;
    }

    static ApiRequest of(String method, URI uri, byte[] body) throws ApiRefusal {
        List<String> segments = Arrays.stream(uri.getRawPath().split("/", -1))
                .filter(segment -> !segment.isEmpty())
                .map(ApiRequest::decode)
                .toList();
        if (segments.isEmpty() || !segments.getFirst().equals(VERSION)) {
            throw ApiRefusal.invalidInput("The path does not begin with /" + VERSION + "/");
        }
        Map<String, String> query = new LinkedHashMap<>();
        if (uri.getRawQuery() != null) {
            for (String parameter : uri.getRawQuery().split("&", -1)) {
                int equals = parameter.indexOf('=');
                String name = equals < 0 ? parameter : parameter.substring(0, equals);
                query.put(decode(name), equals < 0 ? "" : decode(parameter.substring(equals + 1)));
            }
        }
        return new ApiRequest(method, segments.subList(1, segments.size()), query, body);
    }

    String method() {
        return method;
    }

    /** The segments after the version. */
    List<String> path() {
        return path;
    }

    /** A query parameter that has a value; of one that is given twice, the last. */
    Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
    }

    /** The size of the page that is asked for (parameter {@code maxitems}), from 1 to the limit, which is the default. */
    int maxItems(int limit) throws ApiRefusal {
        Optional<String> given = parameter("maxitems");
        if (given.isEmpty()) {
            return limit;
        }
        int number = Numbers.integer("maxitems", given.get());
        if (number < 1) {
            throw ApiRefusal.invalidInput("maxitems must be at least 1");
        }
        return Math.min(number, limit);
    }

    /** The body's root, which must have the given name. */
    XmlElement document(String root) throws ApiRefusal {
        XmlElement element = XmlElement.read(body);
        if (!element.name().equals(root)) {
            throw new ApiRefusal(
                    ApiRefusal.Code.MALFORMED_INPUT, "The body is a " + element.name() + " and not a " + root);
        }
        return element;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
