package dev.flotilla.mirror.store;

import java.util.List;
import java.util.Optional;

/**
 * What is held, and in which order it should leave. Knows no budget of its own: whoever needs room asks for the coldest
 * entries and removes them. Safe for use from any thread.
 */
interface Holdings<K, V> {
    /** The value of {@code key}; counts as a use. */
    Optional<V> use(K key);

    /** The value of {@code key}; counts as nothing. */
    Optional<V> peek(K key);

    /** Every value, in no order; what comes or leaves meanwhile may be among them or not. */
    Iterable<V> all();

    /** Adds an entry, or replaces that of the same key. */
    void add(K key, V value);

    /** Removes the entry if it still has this value. */
    boolean remove(K key, V value);

    /** The entries that should leave first, at most {@code count}, the first first. */
    List<V> coldest(int count);

    /** How many entries there are. */
    long count();
}
