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
 * Caffeine keeps the order and never evicts by itself, since the entries' weights stay within its maximum as long as the
 * store stays within its budget.
 */
final class FrequencyHoldings<K, V> implements Holdings<K, V> {
    private final Cache<K, V> entries;
    private final Policy.Eviction<K, V> order;

    /**
     * @param maximum the most that all weights together will ever be
     * @param weight of one entry, at least 1
     */
    FrequencyHoldings(long maximum, ToIntFunction<V> weight) {
        this.entries = Caffeine.newBuilder()
                .maximumWeight(maximum)
                .<K, V>weigher((key, value) -> weight.applyAsInt(value))
                .executor(Runnable::run)
                .build();
        this.order = entries.policy().eviction().orElseThrow();
    }

    @Override
    public Optional<V> use(K key) {
        return Optional.ofNullable(entries.getIfPresent(key));
    }

    @Override
    public void add(K key, V value) {
        entries.put(key, value);
    }

    @Override
    public boolean remove(K key, V value) {
        return entries.asMap().remove(key, value);
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
