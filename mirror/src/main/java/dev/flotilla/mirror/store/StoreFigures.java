package dev.flotilla.mirror.store;

import dev.flotilla.vocabulary.ByteSize;

/**
 * What a part of the store holds at one moment.
 *
 * @param entries how many files or pages
 * @param held how many bytes they take
 * @param budget how many they may take
 * @param evicted how many entries had to go since the start
 */
public record StoreFigures(long entries, ByteSize held, ByteSize budget, long evicted) {}
