package dev.flotilla.mirror.simple;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.flotilla.vocabulary.ProjectName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Renders project pages: the same page and links always give the same bytes, in UTF-8. Only {@link ProjectPage#offered
 * offered} files are shown. Pure functions, in time and memory linear in the page.
 */
public final class PageRenderer {
    /** PEP 792 made it 1.4; PEP 833 freezes HTML there, which never had to tell sizes (PEP 700). */
    static final String API_VERSION = "1.4";

    /** What JSON declares where a file's size, or the list of versions, is not known: 1.1 and later demand both (PEP 700). */
    static final String API_VERSION_WITHOUT_SIZES = "1.0";

    private PageRenderer() {}

    /** Renders the page piece by piece; {@code out} is left open. */
    public static void write(ProjectPage page, FileLinks links, PageForm form, OutputStream out) throws IOException {
        switch (form) {
            case JSON -> writeJson(page, links, out);
            case HTML -> writeHtml(page, links, out);
        }
    }

    /** The page as {@link PageForm#JSON}. */
    public static byte[] json(ProjectPage page, FileLinks links) {
        return rendered(page, links, PageForm.JSON);
    }

    /** The page as {@link PageForm#HTML}, with everything that this form can carry. */
    public static byte[] html(ProjectPage page, FileLinks links) {
        return rendered(page, links, PageForm.HTML);
    }

    private static byte[] rendered(ProjectPage page, FileLinks links, PageForm form) {
        var out = new ByteArrayOutputStream();
        try {
            write(page, links, form, out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be written", impossible);
        }
        return out.toByteArray();
    }

    /** Keys without a value are left out: uv takes no null for most of them. */
    private static void writeJson(ProjectPage page, FileLinks links, OutputStream out) throws IOException {
        List<ProjectPage.Offer> offers = page.offers();
        try (JsonGenerator json = Json.utf8(out)) {
            json.writeStartObject();
            json.writeObjectFieldStart("meta");
            json.writeStringField("api-version", apiVersion(page, offers));
            writeUnknown(json, page.unknownMeta());
            json.writeEndObject();
            json.writeStringField("name", page.name().normal());
            if (page.status().isPresent()) {
                writeStatus(json, page.status().get());
            }
            if (!page.versions().isEmpty() || offers.isEmpty()) {
                json.writeArrayFieldStart("versions");
                for (String version : page.versions()) {
                    json.writeString(version);
                }
                json.writeEndArray();
            }
            json.writeArrayFieldStart("files");
            for (ProjectPage.Offer offer : offers) {
                writeFile(json, page.name(), offer, links);
            }
            json.writeEndArray();
            writeUnknown(json, page.unknown());
            json.writeEndObject();
        }
    }

    private static void writeHtml(ProjectPage page, FileLinks links, OutputStream out) throws IOException {
        var html = new HtmlWriter(out);
        html.begin(API_VERSION, "Links for " + page.name().normal(), page.status());
        for (ProjectPage.Offer offer : page.offers()) {
            html.file(
                    offer.file(), links.link(offer.file(), offer.path()), links.provenance(page.name(), offer.file()));
        }
        html.end();
    }

    private static String apiVersion(ProjectPage page, List<ProjectPage.Offer> offers) {
        boolean complete = offers.stream().allMatch(offer -> offer.file().size().isPresent())
                && (offers.isEmpty() || !page.versions().isEmpty());
        return complete ? API_VERSION : API_VERSION_WITHOUT_SIZES;
    }

    private static void writeStatus(JsonGenerator json, ProjectStatus status) throws IOException {
        json.writeObjectFieldStart("project-status");
        json.writeStringField("status", status.status());
        writeOptional(json, "reason", status.reason());
        writeUnknown(json, status.unknown());
        json.writeEndObject();
    }

    private static void writeFile(JsonGenerator json, ProjectName project, ProjectPage.Offer offer, FileLinks links)
            throws IOException {
        ProjectFile file = offer.file();
        json.writeStartObject();
        json.writeStringField("filename", file.filename());
        json.writeStringField("url", links.link(file, offer.path()));
        writeHashes(json, "hashes", file.hashes());
        writeOptional(json, "requires-python", file.requiresPython());
        if (file.size().isPresent()) {
            json.writeNumberField("size", file.size().getAsLong());
        }
        writeOptional(json, "upload-time", file.uploadTime());
        switch (file.yanked()) {
            case Yanked.No ignored -> {}
            case Yanked.Yes yes
            when yes.reason().isPresent() ->
                json.writeStringField("yanked", yes.reason().get());
            case Yanked.Yes ignored -> json.writeBooleanField("yanked", true);
        }
        switch (file.offeredMetadata()) {
            case CoreMetadata.Absent ignored -> {}
            case CoreMetadata.Present present
            when present.hashes().isEmpty() -> json.writeBooleanField("core-metadata", true);
            case CoreMetadata.Present present -> writeHashes(json, "core-metadata", present.hashes());
        }
        writeOptional(json, "provenance", links.provenance(project, file));
        if (file.gpgSignature().isPresent() && !file.gpgSignature().get()) {
            json.writeBooleanField("gpg-sig", false);
        }
        writeUnknown(json, file.unknown());
        json.writeEndObject();
    }

    private static void writeHashes(JsonGenerator json, String key, Digests hashes) throws IOException {
        json.writeObjectFieldStart(key);
        for (int i = 0; i < hashes.count(); i++) {
            json.writeStringField(hashes.algorithm(i), hashes.hex(i));
        }
        json.writeEndObject();
    }

    private static void writeOptional(JsonGenerator json, String key, Optional<String> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(key, value.get());
        }
    }

    private static void writeUnknown(JsonGenerator json, SortedMap<String, JsonText> unknown) throws IOException {
        for (var key : unknown.entrySet()) {
            json.writeFieldName(key.getKey());
            json.writeRawValue(key.getValue().text());
        }
    }
}
