package dev.flotilla.agent.report;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.vocabulary.ByteSize;
import java.time.Duration;
import java.util.Optional;

/**
 * How the node's machine is. Figures and no judgement: they change all the time, and a report is not written because of them.
 *
 * @param disk of the file system with the state folder
 * @param clock how far the bucket's clock is ahead of the node's, negative where it is behind, to a second; absent until the
 *     bucket has answered
 * @param store of the mirror; absent while no mirror says so
 */
public record Health(Disk disk, Optional<Duration> clock, Optional<Store> store) {
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

    static Health parse(JsonObject health) {
        JsonObject disk = health.object("disk");
        return new Health(
                new Disk(new ByteSize(disk.whole("free")), new ByteSize(disk.whole("size"))),
                health.optionalWhole("clock").map(Duration::ofSeconds),
                health.optionalObject("store")
                        .map(store ->
                                new Store(new ByteSize(store.whole("used")), new ByteSize(store.whole("budget")))));
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
                                .with("budget", held.budget().bytes()));
    }
}
