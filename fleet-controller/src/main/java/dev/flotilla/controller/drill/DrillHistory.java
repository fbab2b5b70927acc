package dev.flotilla.controller.drill;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Condition;
import dev.flotilla.agent.bucket.Bucket.Listing;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.Bucket.Writing;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What drills have shown, in the bucket: an object each, written once. */
public final class DrillHistory {
    /** A drill of each of ten regions a week for nineteen years. */
    private static final int MOST = 10_000;

    private final Bucket bucket;

    public DrillHistory(Bucket bucket) {
        this.bucket = bucket;
    }

    /**
     * What there is.
     *
     * @param drills the newest last
     * @param faults objects that can't be read, one line each
     */
    public record Reading(List<DrillSummary> drills, List<String> faults) {
        public Reading {
            drills = List.copyOf(drills);
            faults = List.copyOf(faults);
        }
    }

    /** Adds one; {@link IOException} where that can't be. */
    public void add(DrillSummary drill) throws IOException {
        switch (bucket.put(BucketLayout.drill(drill.id()), JsonWriter.bytes(drill.toJson()), Condition.ifAbsent())) {
            case Writing.Written ignored -> {}
            case Writing.Conflict conflict -> throw new IOException(conflict.reason());
            case Writing.Failed failed -> throw new IOException(failed.reason());
        }
    }

    /** The newest ones, as many as {@code most}. */
    public Reading read(int most) throws IOException {
        List<ObjectKey> keys = switch (bucket.list(BucketLayout.DRILL_HISTORY, MOST)) {
            case Listing.Keys listed -> listed.keys();
            case Listing.TooMany tooMany -> throw new IOException(tooMany.reason());
            case Listing.Failed failed -> throw new IOException(failed.reason());
        };
        List<DrillSummary> drills = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (ObjectKey key : keys.subList(Math.max(0, keys.size() - most), keys.size())) {
            switch (bucket.get(key, Optional.empty(), DrillSummary.LARGEST)) {
                case Lookup.Found found -> {
                    try {
                        drills.add(DrillSummary.parse(found.content()));
                    } catch (MalformedJsonException malformed) {
                        faults.add(key + " can't be read: " + malformed.getMessage());
                    }
                }
                case Lookup.Absent absent -> faults.add(absent.reason());
                case Lookup.TooLarge tooLarge -> faults.add(tooLarge.reason());
                case Lookup.Failed failed -> throw new IOException(failed.reason());
                case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            }
        }
        return new Reading(drills, faults);
    }
}
