package dev.flotilla.agent.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.configuration.Known;
import dev.flotilla.agent.configuration.Proof;
import dev.flotilla.agent.mirror.MirrorKeeper;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.state.AgentState.Soaking;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.vocabulary.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SoakTest {
    private static final Instant BEGIN = Instant.parse("2026-06-01T12:00:00Z");
    private static final Proof PROOF = new Proof(Duration.ofSeconds(60), Duration.ofSeconds(5), Known.NOTHING);
    private static final Soaking SOAKING = new Soaking(new Mark(2, Sha256.of(new byte[0])), BEGIN, 1);

    private static MirrorKeeper.View mirror(boolean ready, long since) {
        return new MirrorKeeper.View(
                Optional.of(new NodeReport.Mirror(7, ready, BEGIN.plusSeconds(since), 0, 2)),
                Optional.of("connection refused"),
                Optional.empty(),
                false);
    }

    private static Soak.Verdict after(long seconds, MirrorKeeper.View view) {
        return Soak.judge(PROOF, SOAKING, view, BEGIN.plusSeconds(seconds));
    }

    @Test
    void itIsOverWithItsLastSecondAndNoSooner() {
        assertThat(after(59, mirror(true, -10))).isInstanceOf(Soak.Verdict.GoesOn.class);
        assertThat(after(60, mirror(true, -10))).isInstanceOf(Soak.Verdict.Over.class);
    }

    @Test
    void onlyTimeWithinTheSoakCountsAsUnreadyAndAllOfItHasTo() {
        assertThat(after(5, mirror(false, -100)))
                .as("before, it was not on trial")
                .isInstanceOf(Soak.Verdict.GoesOn.class);
        assertThat(after(6, mirror(false, -100))).isInstanceOf(Soak.Verdict.Failed.class);
        assertThat(after(35, mirror(false, 30))).isInstanceOf(Soak.Verdict.GoesOn.class);
        assertThat(after(36, mirror(false, 30)))
                .isInstanceOfSatisfying(
                        Soak.Verdict.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains("not ready for more than 5.0 s", "connection refused"));
        assertThat(after(62, mirror(false, 60)))
                .as("its time is over, and it isn't ready")
                .isInstanceOf(Soak.Verdict.GoesOn.class);
    }

    @Test
    void anEndIsAnEndThoughAnotherMirrorServesByNow() {
        var view = new MirrorKeeper.View(
                mirror(true, 3).mirror(), Optional.empty(), Optional.of("its mirror ended with exit code 3"), false);
        assertThat(after(100, view))
                .isInstanceOfSatisfying(
                        Soak.Verdict.Failed.class,
                        failed -> assertThat(failed.reason()).contains("while it soaked, its mirror ended"));
        var none = new MirrorKeeper.View(Optional.empty(), Optional.empty(), Optional.empty(), false);
        assertThat(after(100, none)).isInstanceOf(Soak.Verdict.GoesOn.class);
    }
}
