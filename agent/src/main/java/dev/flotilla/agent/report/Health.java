package dev.flotilla.agent.report;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * How the node's machine and its mirror are. Figures and no judgement: they change all the time, and a report is not written because of them.
 *
 * @param disk of the file system with the state folder
 * @param clock how far the bucket's clock is ahead of the node's, negative where it is behind, to a second; absent until the
 *     bucket has answered
 * @param store of the mirror; absent while no mirror says so
 * @param pages of the mirror; absent while no mirror says so
 * @param clients of the mirror; absent while no mirror says so
 * @param last what was wrong with the node last; absent where nothing was since the agent began
 */
public record Health(
        Disk disk,
        Optional<Duration> clock,
        Optional<Store> store,
        Optional<Pages> pages,
        Optional<Clients> clients,
        Optional<Past> last) {
    /**
     * A file system.
     *
     * @param free what programs without privileges may still write
     */
    public record Disk(ByteSize free, ByteSize size) {}

    /**
     * What the mirror keeps.
     *
     * @param used pages and files together
     * @param budget what they may take together
     */
    public record Store(ByteSize used, ByteSize budget) {}

    /**
     * How fresh the mirror's pages are, since it began.
     *
     * @param fetches how often it asked upstream for a page
     * @param failed how often that brought nothing that it could use, or nobody could be asked
     * @param stale how many answers were pages past their time, for want of newer ones or of patience
     * @param shunned how many hosts of upstreams are out of order now and not asked
     */
    public record Pages(long fetches, long failed, long stale, long shunned) {}

    /**
     * What clients have asked the mirror for, since it began: all but what asks how it is.
     *
     * @param requests that were answered
     * @param seen when the mirror said so: later reports may say the same again
     */
    public record Clients(long requests, Instant seen) {
        public Clients {
            seen = seen.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * What was wrong.
     *
     * @param seen when it was last so
     */
    public record Past(String problem, Instant seen) {
        public Past {
            seen = seen.truncatedTo(ChronoUnit.MILLIS);
            problem = NodeReport.shortened(problem);
        }
    }

    /** The same with what was wrong. */
    public Health with(Optional<Past> found) {
        return new Health(disk, clock, store, pages, clients, found);
    }

    static Health parse(JsonObject health) {
        JsonObject disk = health.object("disk");
        return new Health(
                new Disk(new ByteSize(disk.whole("free")), new ByteSize(disk.whole("size"))),
                health.optionalWhole("clock").map(Duration::ofSeconds),
                health.optionalObject("store")
                        .map(store ->
                                new Store(new ByteSize(store.whole("used")), new ByteSize(store.whole("budget")))),
                health.optionalObject("pages")
                        .map(pages -> new Pages(
                                pages.whole("fetches"),
                                pages.whole("failed"),
                                pages.whole("stale"),
                                pages.whole("shunned"))),
                health.optionalObject("clients")
                        .map(clients -> new Clients(clients.whole("requests"), clients.instant("seen"))),
                health.optionalObject("last").map(last -> new Past(last.text("problem"), last.instant("seen"))));
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with(
                        "disk",
                        JsonObject.EMPTY
                                .with("free", disk.free().bytes())
                                .with("size", disk.size().bytes()))
                .with("clock", clock, ahead -> new Json.Whole(ahead.toSeconds()))
                .with(
                        "store",
                        store,
                        held -> JsonObject.EMPTY
                                .with("used", held.used().bytes())
                                .with("budget", held.budget().bytes()))
                .with(
                        "pages",
                        pages,
                        fresh -> JsonObject.EMPTY
                                .with("fetches", fresh.fetches())
                                .with("failed", fresh.failed())
                                .with("stale", fresh.stale())
                                .with("shunned", fresh.shunned()))
                .with(
                        "clients",
                        clients,
                        come -> JsonObject.EMPTY
                                .with("requests", come.requests())
                                .with("seen", come.seen()))
                .with(
                        "last",
                        last,
                        past -> JsonObject.EMPTY.with("problem", past.problem()).with("seen", past.seen()));
    }
}
