package dev.flotilla.mirror.http;

import dev.flotilla.mirror.files.FileAnswer;
import dev.flotilla.mirror.pages.NamedFile;
import dev.flotilla.mirror.pages.PageAnswer;
import dev.flotilla.mirror.pages.PurgeReport;
import dev.flotilla.mirror.simple.ProvenanceDocument;
import dev.flotilla.mirror.upstream.Deferral;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The one place where outcomes become statuses. 404 means that something does not exist and nothing else. Whoever asked upstream
 * for this request and got nothing says 502; whoever knows without asking that it would be in vain says 503 and when to come
 * again: all pips wait so long and try five times, whereas before pip 24 they give up at a 502.
 */
final class FailureMapping {
    private static final String ALLOWED = "GET, HEAD";

    /** Of a pause in which this mirror gets over its load: pip pauses so long in place of its own, growing pauses, and tries five times. */
    private static final int SHORTEST_PAUSE_SECONDS = 4;

    private static final int LONGEST_PAUSE_SECONDS = 8;

    private final Duration longestRetryAfter;
    private final RandomGenerator random;

    /**
     * @param longestRetryAfter the longest time after which clients are told to come again
     * @param random spreads those who are to come again, so that they don't come all at once
     */
    FailureMapping(Duration longestRetryAfter, RandomGenerator random) {
        this.longestRetryAfter = longestRetryAfter;
        this.random = random;
    }

    /** Where others are that were asked is in the log of whoever asked them. */
    private Failure unavailable(String what, String reason, Optional<Deferral> deferral) {
        String told = what + Addresses.without(reason);
        return deferral.map(known -> Failure.deferred(told, bounded(known))).orElseGet(() -> Failure.of(502, told));
    }

    private Deferral bounded(Deferral deferral) {
        Duration wanted = deferral.isOwn()
                ? Duration.ofSeconds(random.nextInt(SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS + 1))
                : deferral.again();
        Duration again = wanted.compareTo(longestRetryAfter) < 0 ? wanted : longestRetryAfter;
        return new Deferral(deferral.cause(), again);
    }

    static Failure of(Route.Malformed malformed) {
        return Failure.of(400, malformed.reason());
    }

    static Failure of(Route.Unknown unknown) {
        return Failure.of(404, "There is nothing at this path. " + unknown.help());
    }

    static Failure methodNotAllowed() {
        return new Failure(405, "This mirror only reads.", Optional.of(ALLOWED), Optional.empty(), true);
    }

    static Failure bodyRefused() {
        return new Failure(400, "Requests have no body here.", Optional.empty(), Optional.empty(), true);
    }

    static Failure onlyPost() {
        return new Failure(405, "A purge is a POST.", Optional.of("POST"), Optional.empty(), true);
    }

    /** Not 404: the route is there, and this node's configuration has it shut. */
    static Failure purgeIsOff() {
        return Failure.of(
                403,
                "Nobody can purge this mirror: name a file that holds a token in its configuration, operations.purge-token-file.");
    }

    static Failure tokenWanted() {
        return Failure.of(401, "Say who you are: Authorization: Bearer <what is in operations.purge-token-file>");
    }

    static Failure tokenUnusable() {
        return Failure.of(503, "The file with the token can't be used; the log of this mirror says why.");
    }

    static Failure tooManyPurges() {
        return Failure.deferred("Too many purges wait already.", Deferral.busy());
    }

    /** A purge that the disk didn't let be carried out everywhere is none to rely on. */
    static int statusOf(PurgeReport purged) {
        if (purged.failedOnDisk() > 0) {
            return 500;
        }
        return purged.untold() == 0 ? 200 : 503;
    }

    static Failure notAcceptable() {
        return Failure.of(
                406,
                "A page can be had as application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html or text/html,"
                        + " coded with zstd, gzip or not at all.");
    }

    static Failure provenanceNotAcceptable() {
        return Failure.of(
                406,
                "A provenance object can be had as " + ProvenanceDocument.MEDIA_TYPE
                        + " or application/json, coded with zstd," + " gzip or not at all.");
    }

    static Failure noProvenance() {
        return Failure.of(404, "Upstream has no provenance of this file.");
    }

    static Failure of(PageAnswer.Absent absent) {
        return Failure.of(404, "There is no such project: upstream says so, or no wheel of it was built.");
    }

    /** Not 404: a client with several indexes would go on to the next one, and get what was to be kept from it. */
    static Failure of(PageAnswer.Blocked blocked) {
        return Failure.of(403, "This mirror does not serve it: " + blocked.reason() + ".");
    }

    /** Absent with authority: nobody but this mirror is asked, and it has none. */
    static Failure of(PageAnswer.Private reserved) {
        return Failure.of(404, "There is no such project: " + reserved.reason() + ".");
    }

    static Failure of(FileAnswer.Forbidden forbidden) {
        return Failure.of(403, "This mirror does not serve it: " + forbidden.reason() + ".");
    }

    Failure of(PageAnswer.Unavailable unavailable) {
        return unavailable(
                "The page could not be had, and none is kept: ", unavailable.reason(), unavailable.deferral());
    }

    Failure of(PageAnswer.Overloaded overloaded) {
        return Failure.deferred("Too many pages are being fetched or prepared just now.", bounded(Deferral.busy()));
    }

    static Failure of(FileAnswer.Unknown unknown) {
        return Failure.of(404, "Upstream has no such file, or a rule or a view of this mirror hides it.");
    }

    Failure of(FileAnswer.Unavailable unavailable) {
        return unavailable("The file could not be had: ", unavailable.reason(), unavailable.deferral());
    }

    static Failure of(NamedFile.Absent absent) {
        return Failure.of(404, "There is no such file: " + absent.reason() + ".");
    }

    static Failure of(NamedFile.Forbidden forbidden) {
        return Failure.of(403, "This mirror does not serve it: " + forbidden.reason() + ".");
    }

    Failure of(NamedFile.Unavailable unavailable) {
        return unavailable(
                "Whether there is such a file could not be found out: ", unavailable.reason(), unavailable.deferral());
    }

    static Failure rangeNotSatisfiable() {
        return Failure.of(416, "The range begins behind the end of the file.");
    }

    static Failure anotherFile() {
        return Failure.of(412, "The file is another one than the request means.");
    }

    Failure tooManyConnections() {
        return Failure.deferred("This mirror has as many connections as it may have.", bounded(Deferral.busy()));
    }

    /** A fault of this program; its log has the story. */
    static Failure fault() {
        return Failure.of(500, "This mirror met a fault of its own; its log says which.");
    }

    static Failure draining() {
        return Failure.of(503, "draining");
    }

    static Failure notReady(String reason) {
        return Failure.of(503, "not ready: " + reason);
    }
}
