package dev.flotilla.agent.intent;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What operators want of all nodes now: the target {@code intents/fleet.json}, signed by a role of its own. A whole that
 * replaces the one before. Immutable; every change is a new one.
 *
 * @param begun when the first one was written. Numbers of purges are numbers of this series alone
 * @param minimumServing nodes of the whole fleet that no drain goes below
 * @param drains at most one for a place
 * @param lastPurge the number of the newest purge; 0 while there was none
 * @param purges the newest ones, without a gap up to {@code lastPurge}, the oldest first
 * @param failback when nodes come back whose mirrors ended by themselves
 * @param returns the newest one for each place, those said last at the end
 */
public record Intents(
        Instant begun,
        int minimumServing,
        Optional<Rollout> rollout,
        List<Drain> drains,
        long lastPurge,
        List<Purge> purges,
        Failback failback,
        List<Return> returns) {
    /** As many drains and purges as there may be, with the longest reasons in any script. */
    public static final ByteSize LARGEST = ByteSize.ofKiB(512);

    /** More places than an operator drains by name. */
    public static final int MOST_DRAINS = 100;

    /** More purges than anybody wants in the time that a node may be away; who missed some purges all, softly. */
    public static final int MOST_PURGES = 200;

    private static final int HIGHEST_MINIMUM = 10_000;
    private static final long FORMAT = 1;
    private static final Set<String> MEMBERS = Set.of(
            "format", "begun", "minimum-serving", "rollout", "drain", "last-purge", "purge", "failback", "return");

    public Intents {
        begun = Shape.milliseconds(begun);
        drains = List.copyOf(drains);
        purges = List.copyOf(purges);
        returns = List.copyOf(returns);
        if (minimumServing < 0 || minimumServing > HIGHEST_MINIMUM) {
            throw new IllegalArgumentException("'minimum-serving' is from 0 to " + HIGHEST_MINIMUM);
        }
        if (drains.size() > MOST_DRAINS || purges.size() > MOST_PURGES) {
            throw new IllegalArgumentException(
                    "at most " + MOST_DRAINS + " drains and " + MOST_PURGES + " purges stand at a time");
        }
        Set<String> places = new HashSet<>();
        if (!drains.stream().allMatch(drain -> places.add(drain.place()))) {
            throw new IllegalArgumentException("two drains of one place");
        }
        for (int i = 0; i < purges.size(); i++) {
            if (purges.get(i).id() != lastPurge - purges.size() + 1 + i) {
                throw new IllegalArgumentException("purges are numbered without a gap up to 'last-purge'");
            }
        }
        if (returns.size() > MOST_DRAINS) {
            throw new IllegalArgumentException("at most " + MOST_DRAINS + " returns stand at a time");
        }
        if (lastPurge < 0) {
            throw new IllegalArgumentException("'last-purge' is below 0");
        }
    }

    /** Nothing is wanted. */
    public static Intents begin(Instant now, int minimumServing) {
        return new Intents(now, minimumServing, Optional.empty(), List.of(), 0, List.of(), Failback.AT_ONCE, List.of());
    }

    public Intents withMinimumServing(int nodes) {
        return new Intents(begun, nodes, rollout, drains, lastPurge, purges, failback, returns);
    }

    public Intents withFailback(Failback next) {
        return new Intents(begun, minimumServing, rollout, drains, lastPurge, purges, next, returns);
    }

    /** With this wish about one release in place of any before. */
    public Intents withRollout(Optional<Rollout> next) {
        return new Intents(begun, minimumServing, next, drains, lastPurge, purges, failback, returns);
    }

    /** With this drain in place of one of the same place. */
    public Intents drained(Drain drain) {
        List<Drain> next = new ArrayList<>(drains);
        next.removeIf(other -> other.isOf(drain.region(), drain.node()));
        next.add(drain);
        return new Intents(begun, minimumServing, rollout, next, lastPurge, purges, failback, returns);
    }

    /** Without the drain of that very place. */
    public Intents undrained(RegionName region, Optional<NodeName> node) {
        return new Intents(
                begun,
                minimumServing,
                rollout,
                drains.stream().filter(drain -> !drain.isOf(region, node)).toList(),
                lastPurge,
                purges,
                failback,
                returns);
    }

    /** Without drains that are over. */
    public Intents tidied(Instant now) {
        return new Intents(
                begun,
                minimumServing,
                rollout,
                drains.stream().filter(drain -> !drain.isOver(now)).toList(),
                lastPurge,
                purges,
                failback,
                returns);
    }

    /** With one purge more; the oldest falls out where there are too many. */
    public Intents purged(PurgeScope scope, boolean hard, String by, Instant at) {
        List<Purge> next = new ArrayList<>(purges);
        next.add(new Purge(lastPurge + 1, scope, hard, by, at));
        return new Intents(
                begun,
                minimumServing,
                rollout,
                drains,
                lastPurge + 1,
                next.subList(Math.max(0, next.size() - MOST_PURGES), next.size()),
                failback,
                returns);
    }

    /** With this return in place of one of the same place; the oldest falls out where there are too many. */
    public Intents returned(Return said) {
        List<Return> next = new ArrayList<>(returns);
        next.removeIf(said::isOfThePlaceOf);
        next.add(said);
        return new Intents(
                begun,
                minimumServing,
                rollout,
                drains,
                lastPurge,
                purges,
                failback,
                next.subList(Math.max(0, next.size() - MOST_DRAINS), next.size()));
    }

    /** When it was last said that this node may come back, if it was. */
    public Optional<Instant> lastReturn(RegionName region, NodeName node) {
        return returns.stream()
                .filter(said -> said.isAbout(region, node))
                .map(Return::at)
                .reduce((earlier, later) -> later);
    }

    /** The drain by which a node is meant at that time, where it is. */
    public Optional<Drain> drain(RegionName region, NodeName node, Instant now) {
        return drains.stream().filter(drain -> drain.covers(region, node, now)).findFirst();
    }

    /** Whether some purge behind {@code done} is no longer listed, so that nobody can tell what was wanted. */
    public boolean hasForgottenSince(long done) {
        return done < lastPurge - purges.size();
    }

    /** Reads the document; {@link MalformedJsonException} says why it is none. */
    public static Intents parse(byte[] document) {
        JsonObject written = new JsonReader(LARGEST).object(document);
        if (written.whole("format") != FORMAT) {
            throw new MalformedJsonException("intents of format " + written.whole("format")
                    + ", and this program knows format " + FORMAT + ": update it");
        }
        Shape.only("the document", written, MEMBERS);
        try {
            return new Intents(
                    written.instant("begun"),
                    Math.toIntExact(written.whole("minimum-serving")),
                    written.optionalObject("rollout").map(Rollout::parse),
                    Shape.list(written, "drain", MOST_DRAINS, Drain::parse),
                    written.whole("last-purge"),
                    Shape.list(written, "purge", MOST_PURGES, Purge::parse),
                    written.optionalObject("failback").map(Failback::parse).orElse(Failback.AT_ONCE),
                    written.member("return").isPresent()
                            ? Shape.list(written, "return", MOST_DRAINS, Return::parse)
                            : List.of());
        } catch (MalformedJsonException malformed) {
            throw malformed;
        } catch (IllegalArgumentException | ArithmeticException contradiction) {
            throw new MalformedJsonException(String.valueOf(contradiction.getMessage()));
        }
    }

    /** The document. What agents of before there was a way back don't know stands in it only where it is wanted. */
    public byte[] toBytes() {
        return JsonWriter.bytes(JsonObject.EMPTY
                .with("format", FORMAT)
                .with("begun", begun)
                .with("minimum-serving", minimumServing)
                .with("rollout", rollout, Rollout::toJson)
                .with(
                        "drain",
                        new Json.Sequence(
                                drains.stream().<Json>map(Drain::toJson).toList()))
                .with("last-purge", lastPurge)
                .with(
                        "purge",
                        new Json.Sequence(
                                purges.stream().<Json>map(Purge::toJson).toList()))
                .with("failback", Optional.of(failback).filter(way -> !way.equals(Failback.AT_ONCE)), Failback::toJson)
                .with(
                        "return",
                        Optional.of(returns).filter(said -> !said.isEmpty()),
                        said -> new Json.Sequence(
                                said.stream().<Json>map(Return::toJson).toList())));
    }
}
