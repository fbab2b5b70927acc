package dev.flotilla.controller.wheels;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What somebody should build, as it goes from planning to building in a file.
 *
 * @param made when it was planned
 * @param index where sdists and wheels are had from
 * @param wheels to build
 * @param kept that are there already and are still needed
 * @param whole the platforms for which these are all that any branch needs: what isn't among them is needed by nobody there
 */
public record WantedWheels(
        Instant made, URI index, List<WantedWheel> wheels, List<WantedWheel> kept, Set<PlatformSlug> whole) {
    private static final int FORMAT = 1;
    private static final ByteSize LARGEST = ByteSize.ofMiB(64);
    private static final JsonReader READER = new JsonReader(LARGEST);

    public WantedWheels {
        wheels = List.copyOf(wheels);
        kept = List.copyOf(kept);
        whole = Set.copyOf(whole);
    }

    /** Where nothing is there yet, and others may be needed, too. */
    public WantedWheels(Instant made, URI index, List<WantedWheel> wheels) {
        this(made, index, wheels, List.of(), Set.of());
    }

    /** Reads what {@link #toBytes} wrote; {@link MalformedJsonException} says why it isn't that. */
    public static WantedWheels read(byte[] content) {
        JsonObject document = READER.object(content);
        if (document.whole("format") != FORMAT) {
            throw new MalformedJsonException("its format is " + document.whole("format") + ", and " + FORMAT
                    + " is known here: use the flotilla that wrote it");
        }
        return new WantedWheels(
                document.instant("made"),
                document.parsed("index", URI::create),
                wheels(document, "wheels"),
                wheels(document, "kept"),
                platforms(document));
    }

    private static Set<PlatformSlug> platforms(JsonObject document) {
        return document.sequence("whole").stream()
                .map(element -> {
                    if (element instanceof Json.Text(String slug)) {
                        return PlatformSlug.parse(slug)
                                .orElseThrow(() -> new MalformedJsonException("'" + slug + "' is no platform"));
                    }
                    throw new MalformedJsonException("'whole' has to hold platforms");
                })
                .collect(Collectors.toSet());
    }

    /** All that branches need of a platform, built or not; empty where it isn't known of all of them. */
    public Optional<List<WantedWheel>> needed(PlatformSlug platform) {
        return whole.contains(platform)
                ? Optional.of(Stream.concat(wheels.stream(), kept.stream())
                        .filter(wheel -> wheel.platform().equals(platform))
                        .toList())
                : Optional.empty();
    }

    private static List<WantedWheel> wheels(JsonObject document, String key) {
        return document.sequence(key).stream()
                .map(element -> {
                    if (element instanceof JsonObject wheel) {
                        return WheelDocuments.wantedWheel(wheel);
                    }
                    throw new MalformedJsonException("'" + key + "' has to hold objects");
                })
                .toList();
    }

    public byte[] toBytes() {
        return JsonWriter.bytes(JsonObject.EMPTY
                .with("format", FORMAT)
                .with("made", made)
                .with("index", index.toString())
                .with("wheels", json(wheels))
                .with("kept", json(kept))
                .with(
                        "whole",
                        new Json.Sequence(whole.stream()
                                .sorted()
                                .<Json>map(platform -> new Json.Text(platform.toString()))
                                .toList())));
    }

    private static Json json(List<WantedWheel> wheels) {
        return new Json.Sequence(wheels.stream().<Json>map(WheelDocuments::json).toList());
    }
}
