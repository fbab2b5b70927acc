package dev.flotilla.mirror.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Holdings in the order of W-TinyLFU, weighted by size: what was used once lately leaves before what is used often.
 * Caffeine keeps the order and never evicts by itself: its maximum grows with what is added, where other processes of the
 * store or a smaller budget have left more than there should be.
 */
final class FrequencyHoldings<K, V> implements Holdings<K, V> {
    private final Cache<K, V> entries;
    private final Policy.Eviction<K, V> order;
    private final ToIntFunction<V> weight;
    private long weights;

    /**
     * @param maximum the most that all weights together should be
     * @param weight of one entry, at least 1
     */
    FrequencyHoldings(long maximum, ToIntFunction<V> weight) {
        this.entries = Caffeine.newBuilder()
                .maximumWeight(maximum)
                .<K, V>weigher((key, value) -> weight.applyAsInt(value))
                .executor(Runnable::run)
                .build();
        this.order = entries.policy().eviction().orElseThrow();
        this.weight = weight;
    }

    @Override
    public Optional<V> use(K key) {
        return Optional.ofNullable(entries.getIfPresent(key));
    }

    @Override
    public Optional<V> peek(K key) {
        return Optional.ofNullable(entries.policy().getIfPresentQuietly(key));
    }

    @Override
    public Iterable<V> all() {
        return entries.asMap().values();
    }

    @Override
    public synchronized void add(K key, V value) {
        V before = entries.policy().getIfPresentQuietly(key);
        weights += weight.applyAsInt(value) - (before == null ? 0 : weight.applyAsInt(before));
        if (weights > order.getMaximum()) {
            order.setMaximum(weights);
        }
        entries.put(key, value);
    }

    @Override
    public synchronized boolean remove(K key, V value) {
        boolean removed = entries.asMap().remove(key, value);
        weights -= removed ? weight.applyAsInt(value) : 0;
        return removed;
    }

    @Override
    public List<V> coldest(int count) {
        return new ArrayList<>(order.coldest(count).values());
    }

    @Override
    public long count() {
        entries.cleanUp();
        return entries.estimatedSize();
    }
}
