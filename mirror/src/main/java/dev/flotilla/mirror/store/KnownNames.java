package dev.flotilla.mirror.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.vocabulary.Sha256;

/**
 * Keys of the paths that are asked for again and again, and the digests that belong to keys: to make one takes a digest, to write the other one 64 digits.
 * For any thread.
 */
final class KnownNames {
    private static final int MOST = 2_048;

    private final LoadingCache<FilePath, PathKey> keys =
            Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build(PathKey::of);
    private final Cache<DigestKey, Sha256> digests =
            Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

    PathKey key(FilePath path) {
        return keys.get(path);
    }

    Sha256 digest(DigestKey key) {
        Sha256 known = digests.getIfPresent(key);
        if (known != null) {
            return known;
        }
        Sha256 digest = key.sha256();
        // Not by the key itself, which may be a blob that leaves.
        digests.put(new DigestKey(key), digest);
        return digest;
    }
}
