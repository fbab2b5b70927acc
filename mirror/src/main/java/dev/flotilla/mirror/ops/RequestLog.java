package dev.flotilla.mirror.ops;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The last requests, as many as the configuration says. For any thread, without a lock. */
public final class RequestLog {
    private final AtomicReferenceArray<RequestRecord> ring;
    private final AtomicLong count = new AtomicLong();

    public RequestLog(int remembered) {
        ring = new AtomicReferenceArray<>(remembered);
    }

    public void add(RequestRecord record) {
        if (ring.length() > 0) {
            ring.set((int) (count.getAndIncrement() % ring.length()), record);
        }
    }

    /** The remembered requests, the latest first. */
    public List<RequestRecord> latest() {
        var records = new ArrayList<RequestRecord>(ring.length());
        for (int i = 0; i < ring.length(); i++) {
            var record = ring.get(i);
            if (record != null) {
                records.add(record);
            }
        }
        records.sort(Collections.reverseOrder((one, other) -> one.time().compareTo(other.time())));
        return records;
    }
}
