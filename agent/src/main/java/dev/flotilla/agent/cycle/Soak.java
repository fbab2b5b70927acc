package dev.flotilla.agent.cycle;

import dev.flotilla.agent.configuration.Proof;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.state.AgentState.Soaking;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Judges a release that serves and isn't committed yet, by what its node sees of its mirror and by nothing else. Pure. */
final class Soak {
    private Soak() {}

    /** What is to be done about it. */
    sealed interface Verdict {
        /** Nothing yet. */
        record GoesOn() implements Verdict {}

        /** It served for its time: to be committed. */
        record Over() implements Verdict {}

        record Failed(String reason) implements Verdict {}
    }

    static Verdict judge(Proof proof, Soaking soaking, MirrorKeeper.View view, Instant now) {
        if (view.end().isPresent()) {
            return new Verdict.Failed("while it soaked, " + view.end().get());
        }
        Optional<NodeReport.Mirror> mirror = view.mirror();
        if (mirror.isEmpty()) {
            return new Verdict.GoesOn();
        }
        if (!mirror.get().ready()) {
            // One answer that is late on a busy machine is no verdict.
            Instant since =
                    mirror.get().since().isAfter(soaking.since()) ? mirror.get().since() : soaking.since();
            return Duration.between(since, now).compareTo(proof.unready()) > 0
                    ? new Verdict.Failed("while it soaked, its mirror was not ready for more than "
                            + seconds(proof.unready()) + " s"
                            + view.problem().map(reason -> ": " + reason).orElse(""))
                    : new Verdict.GoesOn();
        }
        return Duration.between(soaking.since(), now).compareTo(proof.soak()) >= 0
                ? new Verdict.Over()
                : new Verdict.GoesOn();
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}
