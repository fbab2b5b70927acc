package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One file of a project, as PEP 691, 700 and 740 describe it. Immutable.
 *
 * @param filename by the grammar of {@link FileName}
 * @param location where upstream has it
 * @param hashes of all of it
 * @param requiresPython a version specifier, unparsed (PEP 345, 503)
 * @param size in bytes
 * @param uploadTime as upstream wrote it; always a valid time (PEP 700)
 * @param provenance where the attestations are (PEP 740)
 * @param gpgSignature what upstream says of a signature beside the file
 * @param unknown keys that no specification known here names
 */
public record ProjectFile(
        String filename,
        Location location,
        Digests hashes,
        Optional<String> requiresPython,
        Yanked yanked,
        CoreMetadata coreMetadata,
        OptionalLong size,
        Optional<String> uploadTime,
        Optional<Location> provenance,
        Optional<Boolean> gpgSignature,
        SortedMap<String, JsonText> unknown) {
    static final Set<String> KNOWN_KEYS = Set.of(
            "filename",
            "url",
            "hashes",
            "requires-python",
            "yanked",
            "core-metadata",
            "dist-info-metadata",
            "data-dist-info-metadata",
            "size",
            "upload-time",
            "provenance",
            "gpg-sig");

    public ProjectFile {
        if (!FileName.isValid(filename)) {
            throw new IllegalArgumentException("no file name: '" + Texts.shown(filename) + "'");
        }
        if (requiresPython.isPresent() && (requiresPython.get().isEmpty() || !Texts.isLine(requiresPython.get()))) {
            throw new IllegalArgumentException("no version specifier: '" + Texts.shown(requiresPython.get()) + "'");
        }
        if (uploadTime.isPresent() && !UploadTime.isValid(uploadTime.get())) {
            throw new IllegalArgumentException("no time of an upload: '" + Texts.shown(uploadTime.get()) + "'");
        }
        if (size.isPresent() && size.getAsLong() < 0) {
            throw new IllegalArgumentException("a size can't be negative: " + size.getAsLong());
        }
        unknown = unknown.isEmpty()
                ? Collections.emptySortedMap()
                : Collections.unmodifiableSortedMap(new TreeMap<>(unknown));
        if (!unknown.isEmpty() && !Collections.disjoint(KNOWN_KEYS, unknown.keySet())) {
            throw new IllegalArgumentException("keys of a file that are known: " + unknown.keySet());
        }
    }

    /** A file about which only this is known. */
    public static ProjectFile of(String filename, Location location, Digests hashes) {
        return new ProjectFile(
                filename,
                location,
                hashes,
                Optional.empty(),
                Yanked.no(),
                CoreMetadata.absent(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Collections.emptySortedMap());
    }

    /** The digest by which the file is verified, where the page gives it. */
    public Optional<Sha256> sha256() {
        return hashes.sha256();
    }

    /** When it was uploaded to the index where it was first. */
    public Optional<Instant> uploaded() {
        return uploadTime.flatMap(UploadTime::parse);
    }

    /** Where upstream has the core metadata, if it has any (PEP 658: the file's path with {@code .metadata}). */
    public Optional<Location> metadataLocation() {
        return switch (coreMetadata) {
            case CoreMetadata.Absent ignored -> Optional.empty();
            case CoreMetadata.Present ignored -> Optional.of(location.withSuffix(FilePath.METADATA_SUFFIX));
        };
    }

    /** What may be advertised of the core metadata: only wheels have a route for it. */
    CoreMetadata offeredMetadata() {
        return FileName.isWheel(filename) ? coreMetadata : CoreMetadata.absent();
    }
}
