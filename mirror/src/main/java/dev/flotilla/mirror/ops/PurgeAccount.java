package dev.flotilla.mirror.ops;

import dev.flotilla.mirror.pages.PurgeReport;
import io.vertx.core.json.JsonObject;

/** Writes what a purge has done. Pure. */
public final class PurgeAccount {
    private PurgeAccount() {}

    /** As a JSON object. */
    public static String json(PurgeReport report) {
        return new JsonObject()
                .put("purged", report.scope().shown())
                .put("hard", report.hard())
                .put("pages-in-memory", report.inMemory())
                .put("pages-on-disk", report.onDisk())
                .put("pages-failed-on-disk", report.failedOnDisk())
                .put("failures-forgotten", report.remembered())
                .put("fetches-interrupted", report.interrupted())
                .put("mirrors-not-told", report.untold())
                .put("milliseconds", report.took().toMillis())
                .put("meaning", meaning(report))
                .encode();
    }

    /** As one line. */
    public static String line(PurgeReport report) {
        return report.scope().shown() + (report.hard() ? ", hard" : ", soft") + ": " + report.inMemory()
                + " pages in memory, " + report.onDisk() + " on disk, "
                + (report.failedOnDisk() == 0 ? "" : report.failedOnDisk() + " that the disk didn't let be, ")
                + report.remembered() + " remembered failures, " + report.interrupted() + " fetches under way, in "
                + report.took().toMillis() + " ms"
                + (report.untold() == 0 ? "" : "; not told: " + report.untold() + " other mirrors");
    }

    private static String meaning(PurgeReport report) {
        String meaning = report.hard()
                ? "each page is fetched anew when it is asked for; while upstream fails it is unavailable"
                : "each page is fetched anew when it is asked for; while upstream fails the one that is kept is served";
        return meaning
                + (report.failedOnDisk() == 0
                        ? ""
                        : "; the disk failed for some, which will be back when the mirror is started again: its log says"
                                + " which")
                + (report.untold() == 0
                        ? ""
                        : "; another mirror with the same store can't be told, and may serve pages of before to those who"
                                + " are connected to it until it ends");
    }
}
