package dev.flotilla.controller.drill;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Mirrors that are killed, and killed again as soon as their agents have started them and said so. */
final class KillOutage implements Outage {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private final Region region;
    private final Bucket bucket;
    private final MirrorKiller killer;
    private final Consumer<String> progress;
    private final Map<NodeId, Set<Long>> killed = new HashMap<>();
    private @Nullable Thread again;

    KillOutage(Region region, Bucket bucket, MirrorKiller killer, Consumer<String> progress) {
        this.region = region;
        this.bucket = bucket;
        this.killer = killer;
        this.progress = progress;
    }

    @Override
    public boolean showsInReadiness() {
        return false;
    }

    @Override
    public void begin() throws IOException, InterruptedException {
        for (Node node : region.nodes()) {
            long pid = pid(node)
                    .orElseThrow(() ->
                            new IOException("the report of " + node.id() + " doesn't say which process its mirror is"));
            kill(node, pid);
        }
        again = Thread.ofVirtual().name("killer").start(this::killAgain);
    }

    private void killAgain() {
        try {
            while (true) {
                Thread.sleep(LOOK_EVERY);
                for (Node node : region.nodes()) {
                    Optional<Long> pid = pid(node);
                    if (pid.isPresent()) {
                        kill(node, pid.get());
                    }
                }
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } catch (IOException failed) {
            progress.accept("mirrors are no longer killed: " + failed.getMessage());
        }
    }

    private void kill(Node node, long pid) throws IOException, InterruptedException {
        synchronized (killed) {
            if (!killed.computeIfAbsent(node.id(), id -> new HashSet<>()).add(pid)) {
                return;
            }
        }
        killer.kill(node, pid);
        progress.accept(node.id() + ": mirror process " + pid + " is killed");
    }

    private Optional<Long> pid(Node node) {
        var key = BucketLayout.report(node.id().region(), node.id().node());
        try {
            return bucket.get(key, Optional.empty(), NodeReport.LARGEST) instanceof Bucket.Lookup.Found found
                    ? NodeReport.parse(found.content()).mirror().map(NodeReport.Mirror::pid)
                    : Optional.empty();
        } catch (MalformedJsonException unreadable) {
            return Optional.empty();
        }
    }

    @Override
    public void end() throws InterruptedException {
        Thread thread = again;
        if (thread != null) {
            thread.interrupt();
            thread.join();
        }
    }
}
