package dev.flotilla.controller.wheels;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.WheelName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The index of a platform's wheels as mirrors read it (docs/reference/wheel-index.md). Immutable.
 *
 * @param machine what they are for; its architecture is the slug's
 * @param made when it was changed last
 * @param wheels by their file names
 * @param failed the builds that gave no wheel last, at most one for each source and interpreter; mirrors pass them over
 * @param retired wheels that it no longer has and whose bytes aren't deleted yet; mirrors pass them over
 */
public record PlatformIndex(
        PlatformSlug platform,
        Machine machine,
        Instant made,
        SortedMap<String, PublishedWheel> wheels,
        List<FailedBuild> failed,
        List<RetiredWheel> retired) {
    /** What mirrors read at most, and agents. */
    public static final ByteSize LARGEST = ByteSize.ofMiB(64);

    private static final long FORMAT = 1;
    private static final String API = "1.1";

    public PlatformIndex {
        wheels = Collections.unmodifiableSortedMap(new TreeMap<>(wheels));
        failed = List.copyOf(failed);
        retired = List.copyOf(retired);
    }

    /** One without wheels. */
    public static PlatformIndex empty(PlatformSlug platform, Machine machine, Instant made) {
        return new PlatformIndex(platform, machine, made, new TreeMap<>(), List.of(), List.of());
    }

    /** The same for another machine. */
    public PlatformIndex on(Machine other) {
        return new PlatformIndex(platform, other, made, wheels, failed, retired);
    }

    /** The same, but that it remembers only these of its retired wheels. */
    public PlatformIndex remembering(List<RetiredWheel> still, Instant now) {
        return new PlatformIndex(platform, machine, now, wheels, failed, still);
    }

    /** Whether the other one says the same, whenever it was made. */
    public boolean saysTheSame(PlatformIndex other) {
        return json(Instant.EPOCH).equals(other.json(Instant.EPOCH));
    }

    public byte[] toBytes() {
        return JsonWriter.bytes(json(made));
    }

    private JsonObject json(Instant time) {
        SortedMap<ProjectName, List<PublishedWheel>> projects = new TreeMap<>();
        wheels.values()
                .forEach(wheel -> projects.computeIfAbsent(wheel.project(), name -> new ArrayList<>())
                        .add(wheel));
        SequencedMap<String, Json> pages = new LinkedHashMap<>();
        projects.forEach((name, files) -> pages.put(name.normal(), page(name, files)));
        return JsonObject.EMPTY
                .with("format", FORMAT)
                .with("platform", platform.toString())
                .with("made", time)
                .with("library", machine.library().toString())
                .with("library-version", machine.major() + "." + machine.minor())
                .with("projects", new JsonObject(pages))
                .with(
                        "failed",
                        new Json.Sequence(
                                failed.stream().<Json>map(WheelDocuments::json).toList()))
                .with(
                        "retired",
                        new Json.Sequence(
                                retired.stream().<Json>map(RetiredWheel::toJson).toList()));
    }

    private JsonObject page(ProjectName name, List<PublishedWheel> files) {
        var versions = new TreeSet<String>();
        files.forEach(wheel -> WheelName.parse(wheel.filename())
                .ifPresent(parsed -> versions.add(parsed.version().replace('_', '+'))));
        return JsonObject.EMPTY
                .with("meta", JsonObject.EMPTY.with("api-version", API))
                .with("name", name.normal())
                .with(
                        "versions",
                        new Json.Sequence(
                                versions.stream().<Json>map(Json.Text::new).toList()))
                .with(
                        "files",
                        new Json.Sequence(files.stream()
                                .<Json>map(wheel -> wheel.toJson(platform))
                                .toList()));
    }

    /** Reads an index that a controller has signed; {@link MalformedJsonException} where it is none. */
    public static PlatformIndex parse(byte[] document) {
        JsonObject json = new JsonReader(LARGEST).object(document);
        if (json.whole("format") != FORMAT) {
            throw new MalformedJsonException("the index has format " + json.whole("format") + ", not " + FORMAT);
        }
        try {
            PlatformSlug platform = json.parsed("platform", WheelDocuments::platform);
            SortedMap<String, PublishedWheel> wheels = new TreeMap<>();
            for (Map.Entry<String, JsonObject> page :
                    json.object("projects").objects().entrySet()) {
                for (JsonObject file : objects(page.getValue().sequence("files"))) {
                    PublishedWheel wheel = PublishedWheel.parse(file);
                    wheels.put(wheel.filename(), wheel);
                }
            }
            return new PlatformIndex(
                    platform,
                    Machine.of(
                            platform.architecture(),
                            json.parsed("library", Machine.Library::of),
                            json.text("library-version")),
                    json.instant("made"),
                    wheels,
                    objects(json.sequence("failed")).stream()
                            .map(one -> WheelDocuments.failedBuild(one, Optional.empty()))
                            .toList(),
                    // An earlier version of flotilla remembered none.
                    json.member("retired").isEmpty()
                            ? List.of()
                            : objects(json.sequence("retired")).stream()
                                    .map(RetiredWheel::parse)
                                    .toList());
        } catch (MalformedJsonException malformed) {
            throw malformed;
        } catch (IllegalArgumentException contradiction) {
            throw new MalformedJsonException(String.valueOf(contradiction.getMessage()));
        }
    }

    private static List<JsonObject> objects(List<Json> sequence) {
        return sequence.stream()
                .map(element -> {
                    if (element instanceof JsonObject object) {
                        return object;
                    }
                    throw new MalformedJsonException("an element is no object");
                })
                .toList();
    }
}
