package dev.flotilla.mirror.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holdings in the plain order of use: what was used longest ago leaves first. */
final class LeastRecentlyUsedHoldings<K, V> implements Holdings<K, V> {
    private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);

    @Override
    public synchronized Optional<V> use(K key) {
        return Optional.ofNullable(entries.get(key));
    }

    @Override
    public synchronized Optional<V> peek(K key) {
        for (var entry : entries.entrySet()) {
            if (entry.getKey().equals(key)) {
                return Optional.of(entry.getValue());
            }
        }
        return Optional.empty();
    }

    @Override
    public synchronized Iterable<V> all() {
        return List.copyOf(entries.values());
    }

    @Override
    public synchronized void add(K key, V value) {
        entries.put(key, value);
    }

    @Override
    public synchronized boolean remove(K key, V value) {
        return entries.remove(key, value);
    }

    @Override
    public synchronized List<V> coldest(int count) {
        return entries.values().stream().limit(count).toList();
    }

    @Override
    public synchronized long count() {
        return entries.size();
    }
}
