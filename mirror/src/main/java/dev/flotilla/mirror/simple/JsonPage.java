package dev.flotilla.mirror.simple;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads one page in JSON (PEP 691, 700, 714, 740, 792). For one thread. */
final class JsonPage {
    private final JsonParser json;
    private final BaseUrl base;
    private final ProjectName name;
    private final PageDraft page;

    /** The keys of the file that is being read. */
    private final Set<String> seen = new HashSet<>();

    JsonPage(JsonParser json, URI base, ProjectName name, Limits limits) {
        this.json = json;
        this.base = new BaseUrl(base);
        this.name = name;
        this.page = new PageDraft(name, limits);
    }

    PageParsing.Parsed parse() throws IOException, UnreadableException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new UnreadableException("the document is no JSON object");
        }
        Set<String> keys = new HashSet<>();
        while (Json.next(json) == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (!keys.add(key)) {
                throw new UnreadableException("the page has the key '" + Texts.shown(key) + "' twice");
            }
            JsonToken value = Json.next(json);
            switch (key) {
                case "meta" -> readMeta(value);
                case "name" -> readName(value);
                case "files" -> readFiles(value);
                case "versions" -> readVersions(value);
                case "project-status" -> readStatus(value);
                default -> keepUnknown(key, page.unknown, ProjectPage.KNOWN_KEYS);
            }
        }
        if (json.nextToken() != null) {
            throw new UnreadableException("something follows the JSON document");
        }
        if (!keys.contains("files")) {
            throw new UnreadableException("the page has no files key");
        }
        return page.build();
    }

    private void readMeta(JsonToken value) throws IOException, UnreadableException {
        if (value != JsonToken.START_OBJECT) {
            throw new UnreadableException("meta is no object");
        }
        while (Json.next(json) == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken inner = Json.next(json);
            if (!key.equals("api-version")) {
                keepUnknown(key, page.unknownMeta, ProjectPage.KNOWN_META_KEYS);
            } else if (inner == JsonToken.VALUE_STRING) {
                PageDraft.requireMajorVersion1(json.getText());
            } else {
                throw new UnreadableException("meta.api-version is no string");
            }
        }
    }

    /** An answer about another project is a mix-up on the way, not this project's page. */
    private void readName(JsonToken value) throws IOException, UnreadableException {
        String written = value == JsonToken.VALUE_STRING ? json.getText() : "";
        if (!ProjectName.isValid(written) || !ProjectName.of(written).equals(name)) {
            throw new UnreadableException("the page is of '" + Texts.shown(written) + "', not of " + name);
        }
    }

    private void readVersions(JsonToken value) throws IOException, UnreadableException {
        if (value != JsonToken.START_ARRAY) {
            json.skipChildren();
            page.dropped.add("versions", "no array");
            return;
        }
        for (JsonToken token = Json.next(json); token != JsonToken.END_ARRAY; token = Json.next(json)) {
            if (token == JsonToken.VALUE_STRING) {
                page.version(json.getText());
            } else {
                json.skipChildren();
                page.dropped.add("a version", "no string");
            }
        }
    }

    private void readStatus(JsonToken value) throws IOException, UnreadableException {
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        if (value != JsonToken.START_OBJECT) {
            throw new UnreadableException("project-status is no object");
        }
        String status = null;
        Optional<String> reason = Optional.empty();
        SortedMap<String, JsonText> unknown = new TreeMap<>();
        while (Json.next(json) == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken inner = Json.next(json);
            switch (key) {
                case "status" -> status = inner == JsonToken.VALUE_STRING ? json.getText() : null;
                case "reason" ->
                    reason = inner == JsonToken.VALUE_STRING ? Optional.of(json.getText()) : Optional.empty();
                default -> keepUnknown(key, unknown, Set.of());
            }
            json.skipChildren();
        }
        try {
            // whether files may be offered hangs on it, so a status that can't be read is not passed over
            page.status = Optional.of(new ProjectStatus(status == null ? "" : status, reason, unknown));
        } catch (IllegalArgumentException bad) {
            throw new UnreadableException(String.valueOf(bad.getMessage()));
        }
    }

    private void readFiles(JsonToken value) throws IOException, UnreadableException {
        if (value != JsonToken.START_ARRAY) {
            throw new UnreadableException("files is no array");
        }
        for (JsonToken token = Json.next(json); token != JsonToken.END_ARRAY; token = Json.next(json)) {
            page.count();
            if (token == JsonToken.START_OBJECT) {
                page.add(readFile());
            } else {
                json.skipChildren();
                page.dropped.add("a file", "no object");
            }
        }
    }

    private FileDraft readFile() throws IOException {
        var file = new FileDraft(base);
        var metadata = new MetadataKeys();
        boolean hashes = false;
        seen.clear();
        while (Json.next(json) == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken value = Json.next(json);
            if (!seen.add(key)) {
                file.problem("the key '" + Texts.shown(key) + "' comes twice");
            }
            switch (key) {
                case "filename" -> file.filename = string(file, key);
                case "url" -> {
                    String url = string(file, key);
                    file.location = url == null ? null : file.resolve(url);
                }
                case "hashes" -> {
                    hashes = true;
                    file.hashes = digests(file, key);
                }
                case "core-metadata" -> metadata.current = metadata(file, key);
                case "dist-info-metadata" -> metadata.old = metadata(file, key);
                case "data-dist-info-metadata" -> metadata.oldest = metadata(file, key);
                default -> readOptional(file, key, value);
            }
        }
        if (!hashes) {
            file.problem("no hashes");
        }
        file.coreMetadata = metadata.preferred();
        return file;
    }

    /** PEP 714: {@code core-metadata} goes over the names that it had before. */
    private static final class MetadataKeys {
        private @Nullable CoreMetadata current;
        private @Nullable CoreMetadata old;
        private @Nullable CoreMetadata oldest;

        CoreMetadata preferred() {
            if (current != null) {
                return current;
            }
            if (old != null) {
                return old;
            }
            return oldest != null ? oldest : CoreMetadata.absent();
        }
    }

    /** Keys that a file may lack; null says the same as their absence. */
    private void readOptional(FileDraft file, String key, JsonToken value) throws IOException {
        boolean known = ProjectFile.KNOWN_KEYS.contains(key);
        if (!known) {
            keepUnknown(key, file.unknown(), Set.of());
        } else if (value != JsonToken.VALUE_NULL) {
            switch (key) {
                case "requires-python" ->
                    file.requiresPython =
                            Optional.ofNullable(string(file, key)).filter(specifier -> !specifier.isEmpty());
                case "upload-time" -> file.uploadTime = Optional.ofNullable(string(file, key));
                case "provenance" ->
                    file.provenance = Optional.ofNullable(string(file, key)).map(file::resolve);
                case "size" -> readSize(file, value);
                case "yanked" -> readYanked(file, value);
                case "gpg-sig" -> readSignature(file, value);
                default -> throw new IllegalStateException("a known key that nobody reads: " + key);
            }
        }
    }

    private void readSize(FileDraft file, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_NUMBER_INT && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            file.size = OptionalLong.of(json.getLongValue());
        } else {
            json.skipChildren();
            file.problem("size is no whole number of bytes");
        }
    }

    private void readYanked(FileDraft file, JsonToken value) throws IOException {
        switch (value) {
            case VALUE_TRUE -> file.yanked = Yanked.because("");
            case VALUE_FALSE -> file.yanked = Yanked.no();
            case VALUE_STRING -> {
                // PEP 691: what is not truthy does not yank
                String reason = json.getText();
                if (!Texts.isProse(reason)) {
                    file.problem("yanked has a reason that is no text");
                } else {
                    file.yanked = reason.isEmpty() ? Yanked.no() : Yanked.because(reason);
                }
            }
            default -> {
                json.skipChildren();
                file.problem("yanked is neither boolean nor string");
            }
        }
    }

    private void readSignature(FileDraft file, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE) {
            file.gpgSignature = Optional.of(value == JsonToken.VALUE_TRUE);
        } else {
            json.skipChildren();
            file.problem("gpg-sig is no boolean");
        }
    }

    private @Nullable CoreMetadata metadata(FileDraft file, String key) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_FALSE -> CoreMetadata.absent();
            case VALUE_TRUE -> CoreMetadata.present(Digests.none());
            case START_OBJECT -> CoreMetadata.present(digests(file, key));
            default -> {
                json.skipChildren();
                file.problem(key + " is neither boolean nor object");
                yield null;
            }
        };
    }

    private Digests digests(FileDraft file, String key) throws IOException {
        Digests digests = Digests.none();
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            file.problem(key + " is no object");
            return digests;
        }
        while (Json.next(json) == JsonToken.FIELD_NAME) {
            String algorithm = json.currentName();
            if (Json.next(json) == JsonToken.VALUE_STRING) {
                digests = file.and(digests, algorithm, json.getText());
            } else {
                json.skipChildren();
                file.problem("a digest in " + key + " is no string");
            }
        }
        return digests;
    }

    private @Nullable String string(FileDraft file, String key) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return json.getText();
        }
        json.skipChildren();
        file.problem(key + " is no string");
        return null;
    }

    private void keepUnknown(String key, SortedMap<String, JsonText> into, Set<String> known) throws IOException {
        if (known.contains(key)) {
            json.skipChildren();
        } else if (Texts.isLine(key)) {
            into.put(key, JsonText.copy(json));
        } else {
            json.skipChildren();
            page.dropped.add(key, "a key that is no text of one line");
        }
    }
}
