package dev.flotilla.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.plan.Planning.Limit;
import dev.flotilla.controller.publish.Publisher;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Controllers that lose the lock or their lives while they apply. */
class BrokenOffApplyTest extends PlannedFleet {
    private record Lost(long generation) implements Fence {
        @Override
        public Optional<String> lost() {
            return Optional.of("it ran out");
        }
    }

    @Test
    void whoeverHasLostTheLockChangesNothingThatOthersGoBy() throws Exception {
        FleetConfiguration fleet = fleet(EAST, WEST);
        fence = new Lost(3);
        assertThat(apply(fleet)).isEqualTo(new Applying.Outcome(Applying.End.FENCED, List.of("it ran out")));
        assertThat(bucket.objects().keySet()).noneMatch(key -> key.value().contains("timestamp"));
        fence = Fence.ALONE;
        world(fleet).publisher().publish(Publisher.Signing.WHEN_CHANGED);
        fence = new Lost(3);
        assertThat(apply(fleet).end()).isEqualTo(Applying.End.FENCED);
        assertThat(zone.all()).isEmpty();
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    @Test
    void killedBeforeAnyWriteTheNextApplyFinishes() throws Exception {
        boolean killed = true;
        int calls = 0;
        for (; killed; calls++) {
            var one = new BrokenOffApplyTest();
            one.folder = Files.createDirectory(folder.resolve("run-" + calls));
            one.keysAndAProgram();
            killed = one.diesAndIsFinished(calls);
        }
        // Files, metadata, the pointer, its record, machines, checks, records: it did die at each of them.
        assertThat(calls).isGreaterThan(12);
    }

    private boolean diesAndIsFinished(int calls) throws Exception {
        FleetConfiguration before = fleet(EAST);
        assertThat(apply(before).end()).isEqualTo(Applying.End.DONE);
        FleetConfiguration after =
                fleet("east { nodes { east-1 { address = 192.0.2.1 }, east-3 { address = 192.0.2.4 } } }", WEST);
        var left = new AtomicInteger(calls);
        Runnable death = () -> {
            if (left.getAndDecrement() == 0) {
                throw new Killed();
            }
        };
        bucket.beforeWrite(key -> death.run());
        zone.beforeWrite(death);
        racks.beforeBring = death;
        var all = Optional.<GuardRails>empty();
        boolean killed = false;
        try {
            apply(after, Limit.none(after), all);
        } catch (Killed dead) {
            killed = true;
        } catch (IllegalStateException onAMachine) {
            assertThat(onAMachine).hasCauseInstanceOf(Killed.class);
            killed = true;
        }
        assertThat(addresses()).as("never an empty set").isNotEmpty();
        bucket.beforeWrite(key -> {});
        zone.beforeWrite(() -> {});
        racks.beforeBring = () -> {};
        assertThat(apply(after, Limit.none(after), all).end())
                .as("after " + calls)
                .isEqualTo(Applying.End.DONE);
        assertThat(addresses()).containsExactly("192.0.2.1", "192.0.2.3", "192.0.2.4");
        assertThat(plan(after).plan().isEmpty()).isTrue();
        return killed;
    }
}
