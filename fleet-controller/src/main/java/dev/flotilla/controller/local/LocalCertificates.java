package dev.flotilla.controller.local;

import dev.flotilla.controller.certificates.CertificateFolder;
import dev.flotilla.controller.certificates.LoopbackAuthority;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The certificates of a local fleet's mirrors. For one thread until they are kept renewed, and none but its own then. */
final class LocalCertificates {
    /** Short beside the ten days in which it has to happen, long beside what a look costs. */
    private static final Duration LOOK = Duration.ofHours(1);

    private final StateFolder state;
    private final LoopbackAuthority authority;
    private final Narration narration;

    LocalCertificates(StateFolder state, InstantSource clock, Narration narration) {
        this.state = state;
        this.authority = new LoopbackAuthority(state.certificates(), clock);
        this.narration = narration;
    }

    /** Makes them anew where that is due, and says so. */
    void renew() throws IOException {
        boolean renewed = authority.renew(
                LocalRegion.ALL.stream().map(LocalRegion::server).toList());
        narration.step("certificates: "
                + (renewed
                        ? "new ones, good for " + LoopbackAuthority.LIFE.toDays() + " days, by "
                        : "those of before, by ")
                + CertificateFolder.authorities(state.certificates()));
    }

    /** Looks every hour from now on, until what is given back is closed. */
    AutoCloseable keepRenewed() {
        var looking = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("certificates").factory());
        var _ = looking.scheduleWithFixedDelay(this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return looking::shutdownNow;
    }

    private void look() {
        try {
            if (authority.renew(
                    LocalRegion.ALL.stream().map(LocalRegion::server).toList())) {
                narration.event("new certificates are there: mirrors take them up while they serve");
            }
        } catch (IOException | RuntimeException failed) {
            narration.event("no new certificates, tried again in an hour: " + failed.getMessage());
        }
    }
}
