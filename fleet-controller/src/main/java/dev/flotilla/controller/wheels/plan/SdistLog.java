package dev.flotilla.controller.wheels.plan;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the mirrors of a fleet say of the sdists that clients have downloaded, by their operations listeners' {@code /sdists}. */
public final class SdistLog {
    private static final ByteSize LARGEST = ByteSize.ofMiB(16);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int OK = 200;
    private static final JsonReader READER = new JsonReader(LARGEST);

    private SdistLog() {}

    /**
     * What the mirrors together have seen.
     *
     * @param failures mirrors that couldn't be asked, and why; and what was passed over of what others said
     */
    public record Reading(List<SeenSdist> seen, List<String> failures) {
        public Reading {
            seen = List.copyOf(seen);
            failures = List.copyOf(failures);
        }
    }

    /** Asks them one after the other, each at the address of its {@code /sdists}. */
    public static Reading read(List<URI> mirrors) throws InterruptedException {
        Map<String, SeenSdist> sums = new TreeMap<>();
        List<String> failures = new ArrayList<>();
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()) {
            for (URI mirror : mirrors) {
                try {
                    var request =
                            HttpRequest.newBuilder(mirror).timeout(PATIENCE).build();
                    var answer =
                            client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST.bytes()));
                    if (answer.statusCode() != OK) {
                        failures.add(mirror + " answers " + answer.statusCode());
                    } else {
                        List<String> odd = new ArrayList<>();
                        read(answer.body(), odd)
                                .forEach(one -> sums.merge(
                                        one.filename() + " " + one.platform() + " " + one.interpreter(),
                                        one,
                                        SdistLog::sum));
                        if (!odd.isEmpty()) {
                            failures.add(mirror + ": " + odd.size()
                                    + " of its entries are passed over, the first since " + odd.getFirst());
                        }
                    }
                } catch (MalformedJsonException odd) {
                    failures.add(mirror + ": " + odd.getMessage());
                } catch (IOException broken) {
                    failures.add("could not ask " + mirror + ": " + broken);
                }
            }
        }
        return new Reading(List.copyOf(sums.values()), failures);
    }

    private static SeenSdist sum(SeenSdist one, SeenSdist other) {
        return new SeenSdist(one.filename(), one.platform(), one.interpreter(), one.downloads() + other.downloads());
    }

    /** One odd entry says nothing of the others: mirrors of the next version may know of more than is known here. */
    private static List<SeenSdist> read(byte[] document, List<String> odd) {
        List<SeenSdist> seen = new ArrayList<>();
        for (Json entry : READER.object(document).sequence("sdists")) {
            try {
                if (entry instanceof JsonObject one) {
                    seen.add(seen(one));
                } else {
                    odd.add("'sdists' has to hold objects");
                }
            } catch (IllegalArgumentException malformed) {
                odd.add(String.valueOf(malformed.getMessage()));
            }
        }
        return seen;
    }

    private static SeenSdist seen(JsonObject one) {
        return new SeenSdist(
                one.text("filename"),
                one.parsed(
                        "platform",
                        text -> PlatformSlug.parse(text)
                                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no platform"))),
                one.parsed("python", Interpreter::parse),
                one.whole("downloads"));
    }
}
