package dev.flotilla.controller.local.route53;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes every health check at its interval, one virtual thread for each; the number of checks bounds them. Thread-safe.
 *
 * <p>On AWS many checkers in several regions probe, and more than 18 % of them must see the endpoint healthy; here one
 * does, so that its view is the verdict.
 */
final class HealthChecker implements Health, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthChecker.class);

    private final Map<String, Patient> patients = new HashMap<>();
    private final Prober prober;
    private final Optional<Duration> intervalOverride;
    private boolean closed;

    HealthChecker(Prober prober, Optional<Duration> intervalOverride) {
        this.prober = prober;
        this.intervalOverride = intervalOverride;
    }

    /** Begins to probe at once. */
    synchronized void start(HealthCheck check) {
        if (closed) {
            throw new IllegalStateException("the health checker has ended");
        }
        Patient patient = new Patient(check);
        patients.put(check.id(), patient);
        patient.thread = Thread.ofVirtual().name("health-check-" + check.id()).start(() -> watch(patient));
    }

    /** Goes on with other settings; the status stays what it was. The next probe is made at once. */
    synchronized void update(HealthCheck check) {
        Patient patient = patients.get(check.id());
        if (patient == null) {
            throw new IllegalStateException("no health check " + check.id() + " is being probed");
        }
        patient.check = check;
        notifyAll();
    }

    synchronized void stop(String id) {
        Patient patient = patients.remove(id);
        if (patient != null) {
            patient.end();
        }
    }

    /** What was seen last; empty before the first probe has ended, and while the check is disabled. */
    synchronized Optional<Observation> observation(String id) {
        Patient patient = patients.get(id);
        return patient == null ? Optional.empty() : Optional.ofNullable(patient.last);
    }

    /** A check that was deleted while record sets refer to it counts as healthy, as if there were none. */
    @Override
    public synchronized boolean isHealthy(String healthCheckId) {
        Patient patient = patients.get(healthCheckId);
        return patient == null || patient.status.countsAsHealthy(patient.check.settings());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            patients.values().forEach(Patient::end);
            patients.clear();
        }
    }

    private void watch(Patient patient) {
        try {
            while (true) {
                HealthCheck check = awaitEnabled(patient);
                long started = System.nanoTime();
                Observation seen = prober.probe(check.settings());
                record(patient, check, seen);
                Duration interval = intervalOverride.orElse(
                        Duration.ofSeconds(check.settings().requestIntervalSeconds()));
                awaitNext(patient, check, started + interval.toNanos());
            }
        } catch (InterruptedException ended) {
            LOG.debug("health check {} ended", patient.id);
        }
    }

    private synchronized HealthCheck awaitEnabled(Patient patient) throws InterruptedException {
        while (patient.check.settings().disabled()) {
            patient.last = null;
            wait();
        }
        return patient.check;
    }

    private synchronized void awaitNext(Patient patient, HealthCheck probed, long atNanos) throws InterruptedException {
        long left = atNanos - System.nanoTime();
        while (left > 0 && patient.check.equals(probed)) {
            wait(Math.max(1, left / 1_000_000));
            left = atNanos - System.nanoTime();
        }
    }

    private synchronized void record(Patient patient, HealthCheck probed, Observation seen) {
        if (!patient.check.equals(probed)) {
            return;
        }
        boolean before = patient.status.isHealthy();
        patient.last = seen;
        patient.status.observe(seen.passed(), probed.settings().failureThreshold());
        if (before != patient.status.isHealthy()) {
            LOG.info(
                    "health check {} of {}:{} is {} now: {}",
                    patient.id,
                    probed.settings().address().getHostAddress(),
                    probed.settings().port(),
                    patient.status.isHealthy() ? "healthy" : "unhealthy",
                    seen.detail());
        }
    }

    /** A check with its state; guarded by the checker. */
    private static final class Patient {
        private final String id;
        private final CheckStatus status = new CheckStatus();
        private HealthCheck check;
        private @Nullable Observation last;
        private @Nullable Thread thread;

        Patient(HealthCheck check) {
            this.id = check.id();
            this.check = check;
        }

        void end() {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }
}
