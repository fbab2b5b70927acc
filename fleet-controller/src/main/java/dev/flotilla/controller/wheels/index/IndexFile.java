package dev.flotilla.controller.wheels.index;

import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.controller.wheels.requirement.VersionSpecifiers;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A file of a project as its page has it: a wheel or an sdist, since nothing else is of use here.
 *
 * @param version as the file's name has it
 * @param wheel its name's parts; empty of an sdist
 * @param url where it is, absolute
 * @param sha256 where the page tells it
 * @param lastBuilt when its source could be built last, where this is a wheel of the fleet's own (docs/reference/wheel-index.md)
 * @param requiresPython as it is written; what is no specifier holds nobody back, as for pip
 * @param metadata whether its core metadata stand beside it (PEP 658)
 * @param metadataDigest of these, where the page tells it
 * @param yanked why, perhaps in no words; empty where it isn't
 */
public record IndexFile(
        String filename,
        Version version,
        Optional<WheelName> wheel,
        URI url,
        Optional<Sha256> sha256,
        Optional<Long> size,
        Optional<Instant> uploaded,
        Optional<Instant> lastBuilt,
        Optional<String> requiresPython,
        boolean metadata,
        Optional<Sha256> metadataDigest,
        Optional<String> yanked) {
    /** PEP 625, and what was usual before. */
    private static final List<String> SDISTS = List.of(".tar.gz", ".zip", ".tar.bz2", ".tgz");

    /** Whether it is an sdist. */
    public boolean isSdist() {
        return wheel.isEmpty();
    }

    /** Whether a Python 3 with this minor version may install it, whatever the last number of its version is. */
    public boolean isFor(int minor) {
        if (requiresPython.isEmpty()) {
            return true;
        }
        try {
            var specifiers = VersionSpecifiers.parse(requiresPython.get());
            // Some ask for a certain patch: the newest one of that Python has it.
            return specifiers.contains(Version.of("3." + minor))
                    || specifiers.contains(Version.of("3." + minor + ".999"));
        } catch (IllegalArgumentException none) {
            return true;
        }
    }

    /** It as what a wheel is built of; empty where it is none, or nobody says which bytes are right. */
    public Optional<Sdist> sdist(ProjectName project) {
        return isSdist()
                ? sha256.map(digest -> new Sdist(project, version.toString(), filename, url, digest, size, uploaded))
                : Optional.empty();
    }

    /** The version in the name of an sdist of this project; empty where it is none. */
    static Optional<Version> sdistVersion(ProjectName project, String filename) {
        String lower = filename.toLowerCase(Locale.ROOT);
        Optional<String> stem = SDISTS.stream()
                .filter(lower::endsWith)
                .findFirst()
                .map(ending -> filename.substring(0, filename.length() - ending.length()));
        if (stem.isEmpty()) {
            return Optional.empty();
        }
        for (int dash = stem.get().indexOf('-'); dash > 0; dash = stem.get().indexOf('-', dash + 1)) {
            String name = stem.get().substring(0, dash);
            if (ProjectName.isValid(name) && ProjectName.of(name).equals(project)) {
                Optional<Version> version = Version.parse(stem.get().substring(dash + 1));
                if (version.isPresent()) {
                    return version;
                }
            }
        }
        return Optional.empty();
    }
}
