package dev.flotilla.agent.bucket;

/** A bucket from which objects can be taken away. Only who ends a fleet or deletes its retired wheels needs it, or is allowed to. */
public interface ErasableBucket extends Bucket {
    /** Deletes an object; one that is gone already is fine. */
    Erasing erase(ObjectKey key);

    /** The outcome of {@link #erase}. */
    sealed interface Erasing {
        /** There is no such object any more. Where the bucket keeps versions, earlier ones stay. */
        record Erased() implements Erasing {}

        record Failed(String reason) implements Erasing {}
    }
}
