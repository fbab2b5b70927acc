package dev.flotilla.mirror.wheels;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.flotilla.mirror.simple.CoreMetadata;
import dev.flotilla.mirror.simple.Limits;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.PageParsing;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code index.json} of one platform (docs/reference/wheel-index.md): an object with a project's page of PEP 691 for each project. It
 * comes signed, and is refused whole where anything is wrong with it. Thread-safe.
 */
final class WheelIndexParser {
    private static final int FORMAT = 1;

    /** More than anybody reads. */
    private static final int MOST_FAILED = 1_000;

    private static final JsonFactory WRITING = new JsonFactory();

    private final JsonFactory reading;
    private final PageParser pages = new PageParser(Limits.usual());

    WheelIndexParser() {
        reading = JsonFactory.builder()
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(Limits.usual().nestingDepth())
                        .maxStringLength(Limits.usual().stringLength())
                        .build())
                .build();
    }

    /** What is wrong with an index, in words for people. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String reason) {
            super(reason);
        }
    }

    /**
     * Reads an index.
     *
     * @param platform whose it has to be
     * @param base where its wheels' links start: the folder of the platform in the wheelhouse
     */
    WheelIndexParsing parse(byte[] document, PlatformSlug platform, URI base) {
        try (JsonParser json = reading.createParser(document)) {
            return new WheelIndexParsing.Parsed(new Reading(json, platform, base).index(Sha256.of(document)));
        } catch (JacksonException notJson) {
            return new WheelIndexParsing.Refused("no valid JSON: " + notJson.getOriginalMessage());
        } catch (Wrong | IOException | IllegalArgumentException | DateTimeParseException wrong) {
            return new WheelIndexParsing.Refused(String.valueOf(wrong.getMessage()));
        }
    }

    /** One index while it is read. */
    private final class Reading {
        private final JsonParser json;
        private final PlatformSlug platform;
        private final URI base;
        private final SortedMap<ProjectName, WheelIndex.Entry> projects = new TreeMap<>();
        private final List<WheelIndex.Failed> failed = new ArrayList<>();
        private @Nullable String library;
        private @Nullable String libraryVersion;
        private @Nullable String made;
        private boolean format;
        private boolean named;

        Reading(JsonParser json, PlatformSlug platform, URI base) {
            this.json = json;
            this.platform = platform;
            this.base = base;
        }

        WheelIndex index(Sha256 digest) throws IOException, Wrong {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new Wrong("it is no JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                JsonToken value = json.nextToken();
                switch (key) {
                    case "format" -> format = value == JsonToken.VALUE_NUMBER_INT && json.getIntValue() == FORMAT;
                    case "platform" -> named = text(key).equals(platform.toString());
                    case "made" -> made = text(key);
                    case "library" -> library = text(key);
                    case "library-version" -> libraryVersion = text(key);
                    case "projects" -> projects();
                    case "failed" -> failed();
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw new Wrong("something follows the JSON document");
            }
            if (!format) {
                throw new Wrong("its format isn't " + FORMAT + ": another version of flotilla made it");
            }
            if (!named) {
                throw new Wrong("it isn't the index of " + platform);
            }
            if (made == null || library == null || libraryVersion == null) {
                throw new Wrong("it lacks made, library or library-version");
            }
            return new WheelIndex(
                    platform,
                    Machine.of(platform.architecture(), Machine.Library.of(library), libraryVersion),
                    Instant.parse(made),
                    digest,
                    projects,
                    failed);
        }

        private String text(String key) throws IOException, Wrong {
            if (json.currentToken() != JsonToken.VALUE_STRING) {
                throw new Wrong(key + " is no string");
            }
            return json.getText();
        }

        private void projects() throws IOException, Wrong {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw new Wrong("projects is no object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var name = new ProjectName(json.currentName());
                json.nextToken();
                var page = new ByteArrayOutputStream();
                try (JsonGenerator copy = WRITING.createGenerator(page)) {
                    copy.copyCurrentStructure(json);
                }
                byte[] bytes = page.toByteArray();
                projects.put(name, new WheelIndex.Entry(page(name, bytes), Sha256.of(bytes)));
            }
        }

        /** They are for people alone: what isn't as it is known here is passed over. */
        private void failed() throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                json.skipChildren();
                return;
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                var one = new ByteArrayOutputStream();
                try (JsonGenerator copy = WRITING.createGenerator(one)) {
                    copy.copyCurrentStructure(json);
                }
                if (failed.size() < MOST_FAILED) {
                    WheelOrigin.failed(one.toString(StandardCharsets.UTF_8)).ifPresent(failed::add);
                }
            }
        }

        private ProjectPage page(ProjectName name, byte[] bytes) throws Wrong {
            return switch (pages.parse(PageForm.JSON, bytes, base, name)) {
                case PageParsing.Unreadable unreadable -> throw new Wrong(name + ": " + unreadable.reason());
                case PageParsing.Parsed parsed -> {
                    if (parsed.droppedCount() > 0) {
                        var first = parsed.dropped().getFirst();
                        throw new Wrong(name + ", " + first.entry() + ": " + first.reason());
                    }
                    for (ProjectFile file : parsed.page().files()) {
                        Optional<String> problem = problem(name, file);
                        if (problem.isPresent()) {
                            throw new Wrong(file.filename() + " " + problem.get());
                        }
                    }
                    yield parsed.page();
                }
            };
        }

        private Optional<String> problem(ProjectName name, ProjectFile file) {
            Optional<WheelName> wheel = WheelName.parse(file.filename());
            if (wheel.isEmpty() || !wheel.get().project().equals(name)) {
                return Optional.of("is no wheel of " + name);
            }
            if (file.sha256().isEmpty()
                    || file.size().isEmpty()
                    || file.uploaded().isEmpty()) {
                return Optional.of("lacks its SHA-256 digest, its size or its time");
            }
            if (!(file.coreMetadata() instanceof CoreMetadata.Present metadata)
                    || metadata.sha256().isEmpty()) {
                return Optional.of("lacks the SHA-256 digest of its metadata");
            }
            return file.location().uri().toString().startsWith(base.toString())
                    ? Optional.empty()
                    : Optional.of("lies outside of the wheelhouse");
        }
    }
}
