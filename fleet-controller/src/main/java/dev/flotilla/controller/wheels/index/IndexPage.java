package dev.flotilla.controller.wheels.index;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonStream;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.wheels.PublishedWheel;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A project's page (PEP 691, 700, 714, 792), as far as planning and building go by it. Entries that aren't to be understood are left out: they
 * are upstream's, and installers do the same.
 *
 * @param files wheels and sdists, as the page has them
 * @param quarantined whether nothing of it may be installed
 */
public record IndexPage(ProjectName project, List<IndexFile> files, boolean quarantined) {
    /** As much as a mirror takes; the largest of PyPI's have some 40 MiB. */
    static final ByteSize LARGEST = ByteSize.ofMiB(100);

    /** Of a file's entry PyPI has one KiB, with all digests and a reason for yanking. */
    private static final ByteSize LARGEST_ENTRY = ByteSize.ofKiB(256);

    private static final JsonStream READER = new JsonStream(LARGEST, LARGEST_ENTRY);
    private static final String FILES = "files";
    private static final Set<String> WANTED = Set.of("meta", "project-status");
    private static final int LONGEST_REASON = 200;

    public IndexPage {
        files = List.copyOf(files);
    }

    /** The files of that version. */
    public List<IndexFile> of(Version version) {
        return files.stream().filter(file -> file.version().equals(version)).toList();
    }

    /**
     * Reads a page.
     *
     * @param address where it was found, to which addresses in it are relative
     * @param more asked once for each file, before it is kept; says no with a {@link MalformedJsonException}
     * @throws MalformedJsonException says why it is none
     * @throws IOException where it doesn't come
     */
    static IndexPage read(InputStream document, ProjectName project, URI address, Runnable more) throws IOException {
        List<IndexFile> files = new ArrayList<>();
        JsonObject page = READER.object(document, WANTED, FILES, entry -> {
            if (entry instanceof JsonObject file) {
                file(file, project, address).ifPresent(known -> {
                    more.run();
                    files.add(known);
                });
            }
        });
        page.sequence(FILES);
        JsonObject meta = page.object("meta");
        if (!meta.text("api-version").startsWith("1.")) {
            throw new MalformedJsonException(
                    "its API version is " + meta.text("api-version") + ", and 1 is known here");
        }
        boolean quarantined = page.member("project-status")
                .filter(status -> status instanceof JsonObject known
                        && known.optionalText("status")
                                .filter("quarantined"::equals)
                                .isPresent())
                .isPresent();
        return new IndexPage(project, files, quarantined);
    }

    private static Optional<IndexFile> file(JsonObject file, ProjectName project, URI address) {
        try {
            String filename = file.text("filename");
            Optional<WheelName> wheel =
                    WheelName.parse(filename).filter(name -> name.project().equals(project));
            Optional<Version> version = wheel.isPresent()
                    ? Version.parse(wheel.get().version().replaceFirst("_", "+"))
                    : IndexFile.sdistVersion(project, filename);
            URI url = address.resolve(file.parsed("url", URI::create));
            boolean reachable = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (version.isEmpty() || !reachable || url.getHost() == null) {
                return Optional.empty();
            }
            return Optional.of(new IndexFile(
                    filename,
                    version.get(),
                    wheel,
                    url,
                    file.optionalObject("hashes").flatMap(hashes -> hashes.optionalParsed("sha256", Sha256::new)),
                    file.optionalWhole("size").filter(size -> size >= 0),
                    file.optionalInstant("upload-time"),
                    lastBuilt(file),
                    file.optionalText("requires-python"),
                    hasMetadata(file),
                    metadataDigest(file),
                    yanked(file)));
        } catch (IllegalArgumentException odd) {
            return Optional.empty();
        }
    }

    /** A rebuild that gave other bytes leaves a wheel as it was uploaded: only the index's own key tells of it. */
    private static Optional<Instant> lastBuilt(JsonObject file) {
        return file.member(PublishedWheel.OWN)
                .flatMap(own -> own instanceof JsonObject said
                        ? said.optionalInstant(PublishedWheel.LAST_BUILT)
                        : Optional.empty());
    }

    /** PEP 714: a truth, or the digests. */
    private static boolean hasMetadata(JsonObject file) {
        return file.member("core-metadata")
                .filter(said -> said instanceof JsonObject || said.equals(new Json.Truth(true)))
                .isPresent();
    }

    private static Optional<Sha256> metadataDigest(JsonObject file) {
        return file.member("core-metadata")
                .flatMap(said -> said instanceof JsonObject hashes
                        ? hashes.optionalParsed("sha256", Sha256::new)
                        : Optional.empty());
    }

    /** PEP 592: a truth, or the reason. */
    private static Optional<String> yanked(JsonObject file) {
        return file.member("yanked").flatMap(said -> switch (said) {
            case Json.Text(String reason) ->
                Optional.of(reason.substring(0, Math.min(reason.length(), LONGEST_REASON))
                        .replaceAll("\\p{Cntrl}", " "));
            case Json.Truth(boolean yanked) -> yanked ? Optional.of("") : Optional.empty();
            case Json.Whole ignored -> Optional.empty();
            case Json.Nothing ignored -> Optional.empty();
            case Json.Sequence ignored -> Optional.empty();
            case JsonObject ignored -> Optional.empty();
        });
    }
}
