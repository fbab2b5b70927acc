package dev.flotilla.mirror.simple;

import java.net.URISyntaxException;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What has been read of one file of a page. The first problem counts: a file with one is not built. For one thread. */
final class FileDraft {
    private final BaseUrl base;

    @Nullable
    String filename;

    @Nullable
    Location location;

    Digests hashes = Digests.none();
    Optional<String> requiresPython = Optional.empty();
    Yanked yanked = Yanked.no();
    CoreMetadata coreMetadata = CoreMetadata.absent();
    OptionalLong size = OptionalLong.empty();
    Optional<String> uploadTime = Optional.empty();
    Optional<Location> provenance = Optional.empty();
    Optional<Boolean> gpgSignature = Optional.empty();

    private @Nullable SortedMap<String, JsonText> unknown;
    private @Nullable String problem;

    FileDraft(BaseUrl base) {
        this.base = base;
    }

    void problem(String text) {
        if (problem == null) {
            problem = text;
        }
    }

    /** Keys that nobody knows here. */
    SortedMap<String, JsonText> unknown() {
        if (unknown == null) {
            unknown = new TreeMap<>();
        }
        return unknown;
    }

    /** {@code digests} and one more; only they, with the problem noted, where that is none. */
    Digests and(Digests digests, String algorithm, String hex) {
        // PEP 691: names of algorithms should be in lower case; digests are compared as text
        if (digests.problem(algorithm, hex) == null) {
            return digests.added(algorithm, hex);
        }
        String name = lowerCase(algorithm);
        String lower = lowerCase(hex);
        String wrong = digests.problem(name, lower);
        if (wrong != null) {
            problem(wrong);
            return digests;
        }
        return digests.added(name, lower);
    }

    /** The URL that {@code reference} means on this page; null, with the problem noted, where it is none. */
    @Nullable
    Location resolve(String reference) {
        try {
            return base.resolve(reference);
        } catch (URISyntaxException bad) {
            problem(bad.getReason());
            return null;
        }
    }

    /** The file, unless something is wrong with it; then {@code dropped} knows why. */
    Optional<ProjectFile> build(DroppedEntries dropped) {
        String shownName = filename == null ? "a file without a name" : filename;
        if (filename == null) {
            problem("no filename");
        } else if (location == null) {
            problem("no url");
        } else if (!FileName.isValid(filename)) {
            problem("no file name that a mirror can serve");
        }
        if (problem != null) {
            dropped.add(shownName, problem);
            return Optional.empty();
        }
        if (uploadTime.isPresent() && !UploadTime.isValid(uploadTime.get())) {
            // uv throws a page away for it; without it the file can still be installed
            dropped.add(shownName, "left out its upload-time, which is no time: " + uploadTime.get());
            uploadTime = Optional.empty();
        }
        try {
            return Optional.of(new ProjectFile(
                    Objects.requireNonNull(filename),
                    Objects.requireNonNull(location),
                    hashes,
                    requiresPython,
                    yanked,
                    coreMetadata,
                    size,
                    uploadTime,
                    provenance,
                    gpgSignature,
                    unknown == null ? Collections.emptySortedMap() : unknown));
        } catch (IllegalArgumentException bad) {
            dropped.add(shownName, bad.getMessage());
            return Optional.empty();
        }
    }

    private static String lowerCase(String ascii) {
        var lower = new StringBuilder(ascii);
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                lower.setCharAt(i, (char) (c + ('a' - 'A')));
            }
        }
        return lower.toString();
    }
}
