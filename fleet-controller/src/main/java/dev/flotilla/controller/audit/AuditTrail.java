package dev.flotilla.controller.audit;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.Bucket.Listing;
import dev.flotilla.agent.bucket.Bucket.Lookup;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.FleetName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** All that controllers have written down, and whether it is whole. */
public final class AuditTrail {
    /** A record an hour for eleven years. */
    private static final int MOST = 100_000;

    private static final int AT_ONCE = 32;

    private final FleetName fleet;
    private final Bucket bucket;

    public AuditTrail(FleetName fleet, Bucket bucket) {
        this.fleet = fleet;
        this.bucket = bucket;
    }

    /**
     * What there is.
     *
     * @param records in their order; those of before there was a chain come first, and nothing proves them
     * @param faults what is missing, changed or unreadable, one line each
     */
    public record Reading(List<AuditRecord> records, List<String> faults) {
        public Reading {
            records = List.copyOf(records);
            faults = List.copyOf(faults);
        }

        /** How many of the records are part of the chain. */
        public long chained() {
            return records.stream().filter(record -> record.number() > 0).count();
        }
    }

    /** Reads and verifies everything; an {@link IOException} where the bucket can't be read. */
    public Reading read() throws IOException {
        List<ObjectKey> keys = switch (bucket.list(BucketLayout.AUDIT, MOST)) {
            case Listing.Keys listed -> listed.keys();
            case Listing.TooMany tooMany -> throw new IOException(tooMany.reason());
            case Listing.Failed failed -> throw new IOException(failed.reason());
        };
        Map<ObjectKey, Lookup> contents = contents(keys);
        List<AuditRecord> older = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        SortedMap<Long, byte[]> chain = new TreeMap<>();
        for (ObjectKey key : keys) {
            if (key.equals(BucketLayout.auditHead())) {
                continue;
            }
            Optional<Long> number = BucketLayout.auditNumber(key);
            switch (contents.get(key)) {
                case Lookup.Found found when number.isPresent() -> chain.put(number.get(), found.content());
                case Lookup.Found found ->
                    parsed(key, found.content(), faults)
                            .filter(record -> record.number() == 0)
                            .ifPresent(older::add);
                case null -> faults.add(key + " wasn't read");
                case Lookup.Absent absent -> faults.add(absent.reason());
                case Lookup.TooLarge tooLarge -> faults.add(tooLarge.reason());
                case Lookup.Failed failed -> throw new IOException(failed.reason());
                case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
            }
        }
        older.sort(Comparator.comparing(AuditRecord::time));
        List<AuditRecord> records = new ArrayList<>(older);
        records.addAll(verified(chain, faults));
        judgeHead(chain, faults);
        return new Reading(records, faults);
    }

    private Map<ObjectKey, Lookup> contents(List<ObjectKey> keys) {
        Map<ObjectKey, Lookup> contents = new ConcurrentSkipListMap<>();
        var places = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (ObjectKey key : keys) {
                places.acquireUninterruptibly();
                threads.execute(() -> {
                    try {
                        contents.put(key, bucket.get(key, Optional.empty(), AuditRecord.LARGEST));
                    } finally {
                        places.release();
                    }
                });
            }
        }
        return contents;
    }

    private List<AuditRecord> verified(SortedMap<Long, byte[]> chain, List<String> faults) {
        List<AuditRecord> records = new ArrayList<>();
        long expected = 1;
        Optional<Sha256> before = Optional.empty();
        for (Map.Entry<Long, byte[]> entry : chain.entrySet()) {
            long number = entry.getKey();
            boolean gap = number > expected;
            if (gap) {
                faults.add(missing(expected, number - 1));
            }
            Optional<AuditRecord> parsed = parsed(BucketLayout.auditRecord(number), entry.getValue(), faults);
            if (parsed.isPresent()) {
                AuditRecord record = parsed.get();
                records.add(record);
                if (record.number() != number || !record.fleet().equals(fleet)) {
                    faults.add("record " + number + " says that it is record " + record.number() + " of fleet "
                            + record.fleet());
                } else if (!gap && !record.before().equals(before)) {
                    faults.add("record " + number + " doesn't follow record " + (number - 1)
                            + ": one of the two was changed");
                }
            }
            before = Optional.of(Sha256.of(entry.getValue()));
            expected = number + 1;
        }
        return records;
    }

    private void judgeHead(SortedMap<Long, byte[]> chain, List<String> faults) throws IOException {
        ChainHead head;
        switch (bucket.get(BucketLayout.auditHead(), Optional.empty(), ChainHead.LARGEST)) {
            case Lookup.Found found -> {
                try {
                    head = ChainHead.parse(found.content());
                } catch (IllegalArgumentException damaged) {
                    faults.add(BucketLayout.auditHead() + " can't be read: " + damaged.getMessage());
                    return;
                }
            }
            case Lookup.Absent ignored -> {
                // A first record whose writer was killed before it wrote the head.
                if (chain.size() > 1) {
                    faults.add(BucketLayout.auditHead() + " is missing: records may have been removed from the end");
                }
                return;
            }
            case Lookup.TooLarge tooLarge -> {
                faults.add(tooLarge.reason());
                return;
            }
            case Lookup.Failed failed -> throw new IOException(failed.reason());
            case Lookup.NotModified ignored -> throw new IllegalStateException("nothing was known");
        }
        long last = chain.isEmpty() ? 0 : chain.lastKey();
        byte[] record = chain.get(head.number());
        if (last < head.number()) {
            faults.add(missing(last + 1, head.number()));
        } else if (record != null && !Sha256.of(record).equals(head.digest())) {
            faults.add("record " + head.number() + " was changed: " + BucketLayout.auditHead()
                    + " has another digest of it");
        }
    }

    private static String missing(long from, long to) {
        return from == to ? "record " + from + " is missing" : "records " + from + " to " + to + " are missing";
    }

    private static Optional<AuditRecord> parsed(ObjectKey key, byte[] content, List<String> faults) {
        try {
            return Optional.of(AuditRecord.parse(content));
        } catch (MalformedJsonException unreadable) {
            faults.add(key + " can't be read: " + unreadable.getMessage());
            return Optional.empty();
        }
    }
}
