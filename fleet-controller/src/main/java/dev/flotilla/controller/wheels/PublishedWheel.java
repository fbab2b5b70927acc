package dev.flotilla.controller.wheels;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A wheel as the index of its platform has it.
 *
 * @param size in bytes
 * @param requiresPython as its metadata say it
 * @param metadata the digest of its metadata
 * @param built when; what clients take for the time of its upload
 * @param provenance how it came about
 * @param lastBuilt when its source could be built last, with these bytes or others
 * @param lastSeen when mirrors told last that clients want it though no branch names it; absent where they never did
 * @param unusedSince since when nobody needs it, where that is so
 */
public record PublishedWheel(
        String filename,
        Sha256 digest,
        long size,
        Optional<String> requiresPython,
        Sha256 metadata,
        Instant built,
        Provenance provenance,
        Instant lastBuilt,
        Optional<Instant> lastSeen,
        Optional<Instant> unusedSince) {
    /** So many wheels, so many plans: an index isn't signed anew only for this. */
    private static final Duration SEEN_ANEW = Duration.ofDays(1);

    /** Keys with an underscore are the index's own (PEP 691), and clients pass them over. */
    public static final String OWN = "_flotilla";

    /** Among these: when a wheel's source could be built last. */
    public static final String LAST_BUILT = "last-built";

    public PublishedWheel {
        if (WheelName.parse(filename)
                .filter(name -> name.project().equals(provenance.sdist().project()))
                .isEmpty()) {
            throw new IllegalArgumentException(
                    filename + " is no wheel of " + provenance.sdist().project());
        }
    }

    /** One that was just built. */
    public static PublishedWheel of(BuiltWheel wheel) {
        return new PublishedWheel(
                wheel.filename(),
                wheel.digest(),
                wheel.size(),
                wheel.requiresPython(),
                wheel.metadata(),
                wheel.built(),
                wheel.provenance(),
                wheel.built(),
                Optional.empty(),
                Optional.empty());
    }

    public ProjectName project() {
        return provenance.sdist().project();
    }

    /** Whether it was built for what is wanted. */
    public boolean meets(WantedWheel wanted) {
        return wanted.sdist().digest().equals(provenance.sdist().digest())
                && (wanted.interpreter().equals(provenance.interpreter()) || isForAll());
    }

    /** Whether it was built without regard to the interpreter, or for one and those after it. */
    private boolean isForAll() {
        return WheelName.parse(filename)
                .filter(name -> name.abis().contains("none") || name.abis().contains("abi3"))
                .isPresent();
    }

    /** The same, built anew at that time. */
    public PublishedWheel rebuilt(Instant time) {
        return new PublishedWheel(
                filename,
                digest,
                size,
                requiresPython,
                metadata,
                built,
                provenance,
                time.isAfter(lastBuilt) ? time : lastBuilt,
                lastSeen,
                unusedSince);
    }

    /** The same, wanted by clients then, by what mirrors say. Less than a day after they said so last it stays as it is. */
    public PublishedWheel seen(Instant time) {
        return lastSeen.filter(last -> time.isBefore(last.plus(SEEN_ANEW))).isPresent()
                ? this
                : new PublishedWheel(
                        filename,
                        digest,
                        size,
                        requiresPython,
                        metadata,
                        built,
                        provenance,
                        lastBuilt,
                        Optional.of(time),
                        unusedSince);
    }

    /** The same, needed by nobody since that time. */
    public PublishedWheel unused(Optional<Instant> since) {
        return new PublishedWheel(
                filename, digest, size, requiresPython, metadata, built, provenance, lastBuilt, lastSeen, since);
    }

    /** A file of a project's page (PEP 691, 700, 714). */
    JsonObject toJson(PlatformSlug platform) {
        return JsonObject.EMPTY
                .with("filename", filename)
                .with("url", WheelPlace.url(platform, this))
                .with("hashes", JsonObject.EMPTY.with("sha256", digest.hex()))
                .with("size", size)
                .with("requires-python", requiresPython, Json.Text::new)
                .with("upload-time", built)
                .with("core-metadata", JsonObject.EMPTY.with("sha256", metadata.hex()))
                .with(
                        OWN,
                        JsonObject.EMPTY
                                .with("provenance", WheelDocuments.json(provenance))
                                .with("log", WheelPlace.logUrl(platform, this))
                                .with(LAST_BUILT, lastBuilt)
                                .with("last-seen", lastSeen, time -> new Json.Text(time.toString()))
                                .with("unused-since", unusedSince, time -> new Json.Text(time.toString())));
    }

    static PublishedWheel parse(JsonObject file) {
        JsonObject own = file.object(OWN);
        return new PublishedWheel(
                file.text("filename"),
                file.object("hashes").parsed("sha256", Sha256::new),
                file.whole("size"),
                file.optionalText("requires-python"),
                file.object("core-metadata").parsed("sha256", Sha256::new),
                file.instant("upload-time"),
                WheelDocuments.provenance(own.object("provenance")),
                own.instant(LAST_BUILT),
                own.optionalInstant("last-seen"),
                own.optionalInstant("unused-since"));
    }
}
