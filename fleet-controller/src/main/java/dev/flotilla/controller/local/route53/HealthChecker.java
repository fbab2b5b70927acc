package dev.flotilla.controller.local.route53;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes every health check at its interval, one virtual thread for each and each of its checkers; the number of checks
 * bounds them. A check is healthy while more than 18 % of its checkers find it so (Developer Guide, "How Amazon Route 53
 * determines whether a health check is healthy"). Thread-safe.
 */
final class HealthChecker implements Health, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthChecker.class);

    private final Map<String, Patient> patients = new HashMap<>();
    private final Prober prober;
    private final List<Checker> checkers;
    private final Optional<Duration> intervalOverride;
    private boolean closed;

    /** What one checker saw last. */
    record Sight(Checker checker, Observation observation) {}

    HealthChecker(Prober prober, List<Checker> checkers, Optional<Duration> intervalOverride) {
        this.prober = prober;
        this.checkers = List.copyOf(checkers);
        this.intervalOverride = intervalOverride;
    }

    /** Begins to probe at once. */
    synchronized void start(HealthCheck check) {
        if (closed) {
            throw new IllegalStateException("the health checker has ended");
        }
        Patient patient = new Patient(check);
        patients.put(check.id(), patient);
        for (Checker checker : checkers) {
            Post post = new Post(patient, checker);
            patient.posts.add(post);
            post.thread = Thread.ofVirtual().name("health-check-" + check.id()).start(() -> watch(post));
        }
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

    /** What its checkers saw last, of those that have seen anything; none while the check is disabled. */
    synchronized List<Sight> observations(String id) {
        Patient patient = patients.get(id);
        return patient == null
                ? List.of()
                : concerned(patient)
                        .flatMap(post ->
                                Optional.ofNullable(post.last).map(seen -> new Sight(post.checker, seen)).stream())
                        .toList();
    }

    /** A check that was deleted while record sets refer to it counts as healthy, as if there were none. */
    @Override
    public synchronized boolean isHealthy(String healthCheckId) {
        Patient patient = patients.get(healthCheckId);
        return patient == null || CheckStatus.countsAsHealthy(isFoundHealthy(patient), patient.check.settings());
    }

    private boolean isFoundHealthy(Patient patient) {
        List<Post> posts = concerned(patient).toList();
        long healthy = posts.stream().filter(post -> post.status.isHealthy()).count();
        return CheckStatus.areEnough(healthy, posts.size());
    }

    /** The checkers in the regions that the check names; all of them where none is there. */
    private static Stream<Post> concerned(Patient patient) {
        List<String> regions = patient.check.settings().regions();
        boolean any = patient.posts.stream().anyMatch(post -> regions.contains(post.checker.region()));
        return patient.posts.stream().filter(post -> !any || regions.contains(post.checker.region()));
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            patients.values().forEach(Patient::end);
            patients.clear();
        }
    }

    private void watch(Post post) {
        try {
            while (true) {
                HealthCheck check = awaitTurn(post);
                long started = System.nanoTime();
                Observation seen = prober.probe(check.settings(), post.checker);
                record(post, check, seen);
                Duration interval = intervalOverride.orElse(
                        Duration.ofSeconds(check.settings().requestIntervalSeconds()));
                awaitNext(post.patient, check, started + interval.toNanos());
            }
        } catch (InterruptedException ended) {
            LOG.debug("health check {} ended", post.patient.id);
        }
    }

    private synchronized HealthCheck awaitTurn(Post post) throws InterruptedException {
        while (post.patient.check.settings().disabled()
                || concerned(post.patient).noneMatch(concerned -> concerned == post)) {
            post.last = null;
            wait();
        }
        return post.patient.check;
    }

    private synchronized void awaitNext(Patient patient, HealthCheck probed, long atNanos) throws InterruptedException {
        long left = atNanos - System.nanoTime();
        while (left > 0 && patient.check.equals(probed)) {
            wait(Math.max(1, left / 1_000_000));
            left = atNanos - System.nanoTime();
        }
    }

    private synchronized void record(Post post, HealthCheck probed, Observation seen) {
        Patient patient = post.patient;
        if (!patient.check.equals(probed)) {
            return;
        }
        boolean before = isFoundHealthy(patient);
        post.last = seen;
        post.status.observe(seen.passed(), probed.settings().failureThreshold());
        if (before != isFoundHealthy(patient)) {
            LOG.info(
                    "health check {} of {}:{} is {} now: {}",
                    patient.id,
                    probed.settings().address().getHostAddress(),
                    probed.settings().port(),
                    before ? "unhealthy" : "healthy",
                    seen.detail());
        }
    }

    /** A check with those that probe it; guarded by the checker. */
    private static final class Patient {
        private final String id;
        private final List<Post> posts = new ArrayList<>();
        private HealthCheck check;

        Patient(HealthCheck check) {
            this.id = check.id();
            this.check = check;
        }

        void end() {
            posts.forEach(Post::end);
        }
    }

    /** What one of them has found out; guarded by the checker. */
    private static final class Post {
        private final Patient patient;
        private final Checker checker;
        private final CheckStatus status = new CheckStatus();
        private @Nullable Observation last;
        private @Nullable Thread thread;

        Post(Patient patient, Checker checker) {
            this.patient = patient;
            this.checker = checker;
        }

        void end() {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }
}
