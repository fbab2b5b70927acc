package dev.flotilla.agent.cycle;

import dev.flotilla.agent.steering.Steering;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.wheels.WheelIndexes;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Looks at the bucket, and tells others what the fleet wants of this node and which wheels it has. Each cycle begins with a look; where a cycle takes
 * longer than the poll interval, another thread looks meanwhile, so that no download and no trial keeps a drain or a pause
 * waiting. Thread-safe; one look at a time.
 */
public final class Lookout {
    private final Planner planner;
    private final Steering steering;
    private final WheelIndexes wheels;
    private final Memory memory;
    private final Pace pace;
    private final LongSupplier nanoTime;
    private volatile Plan seen = new Plan.Wait("the bucket has not been looked at yet");
    private volatile long next;

    public Lookout(
            Planner planner, Steering steering, WheelIndexes wheels, Memory memory, Pace pace, LongSupplier nanoTime) {
        this.planner = planner;
        this.steering = steering;
        this.wheels = wheels;
        this.memory = memory;
        this.pace = pace;
        this.nanoTime = nanoTime;
        this.next = nanoTime.getAsLong();
    }

    /** Looks now. {@link IOException} where the disk fails. */
    synchronized Plan look() throws IOException {
        setNext();
        Plan plan = planner.plan(memory.state());
        seen = plan;
        if (plan instanceof Plan.Wait) {
            // A bucket that was long in not answering isn't asked again at once.
            setNext();
        } else if (trusted().isPresent()) {
            TrustedMetadata current = trusted().get();
            steering.learn(current, path -> planner.find(current, path));
            wheels.learn(current, role -> planner.delegated(current, role));
        }
        return plan;
    }

    private void setNext() {
        next = nanoTime.getAsLong() + pace.next().toNanos();
    }

    /** What the last look led to. */
    Plan seen() {
        return seen;
    }

    /** How long until the next look is due; nothing where it is. */
    public Duration untilNext() {
        return Duration.ofNanos(Math.max(0, next - nanoTime.getAsLong()));
    }

    boolean isDue() {
        return untilNext().isZero();
    }

    /** Whether the look that is due has not been for this long. */
    boolean isLate(Duration delay) {
        return nanoTime.getAsLong() - next >= delay.toNanos();
    }

    /** The metadata that were trusted last; absent until some were. */
    Optional<TrustedMetadata> trusted() {
        return planner.trusted();
    }
}
