package dev.flotilla.mirror.certificates;

import dev.flotilla.mirror.configuration.TlsSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that clients see: the one that is in its files, taken up anew when these change, and not before they make a whole.
 * Connections that stand keep theirs. For any thread.
 */
public final class Certificates {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

    private final TlsSettings settings;
    private final Vertx vertx;
    private final InstantSource clock;
    private final Engine engine;
    private volatile Certificate current;
    private Certificate.Pair seen;
    private boolean judged = true;
    private volatile String refused = "";
    private Function<KeyCertOptions, Future<Boolean>> listening = options -> Future.succeededFuture(false);

    private Certificates(TlsSettings settings, Vertx vertx, InstantSource clock, Engine engine, Certificate current) {
        this.settings = settings;
        this.vertx = vertx;
        this.clock = clock;
        this.engine = engine;
        this.current = current;
        this.seen = current.pair();
    }

    /** Reads what is there; {@link IOException} says in one line what is wrong with it. Blocks. */
    public static Certificates open(TlsSettings settings, Vertx vertx, InstantSource clock, MeterRegistry meters)
            throws IOException {
        Engine engine = Engine.of(settings.engine());
        var certificate = Certificate.of(Certificate.Pair.read(settings.certificate(), settings.key()), vertx, engine);
        if (certificate.ends().isBefore(clock.instant())) {
            LOG.error(
                    "The certificate in {} has ended at {}: clients refuse it",
                    settings.certificate(),
                    certificate.ends());
        }
        return new Certificates(settings, vertx, clock, engine, certificate).registered(meters);
    }

    private Certificates registered(MeterRegistry meters) {
        Gauge.builder(
                        "flotilla.mirror.certificate.ends.seconds",
                        this,
                        known -> known.current().ends().getEpochSecond())
                .description("When the certificate that clients see ends, in seconds since 1970")
                .register(meters);
        Gauge.builder("flotilla.mirror.certificate.trouble", this, known -> known.isInTrouble() ? 1 : 0)
                .description("1 while the certificate's files hold something that can't be taken up")
                .register(meters);
        return this;
    }

    /** Time between two looks at the files. */
    public Duration look() {
        return settings.look();
    }

    public TlsSettings settings() {
        return settings;
    }

    /** Who does the arithmetic. */
    public Engine engine() {
        return engine;
    }

    /** What clients see now. */
    public synchronized KeyCertOptions now() {
        return current.options();
    }

    /** Who is to know of another one. */
    public synchronized void tell(Function<KeyCertOptions, Future<Boolean>> listener) {
        listening = listener;
    }

    /**
     * Takes up what the files hold, if it is something else than before, once it is the same at two looks: two files aren't written at
     * once. What is no certificate with its key, or has ended, isn't taken: the one before goes on. Blocks.
     */
    public synchronized void check() {
        Certificate.Pair pair;
        try {
            pair = Certificate.Pair.read(settings.certificate(), settings.key());
        } catch (IOException unreadable) {
            refuse(String.valueOf(unreadable.getMessage()));
            return;
        }
        if (pair.equals(current.pair())) {
            refused = "";
        } else if (!pair.equals(seen)) {
            judged = false;
        } else if (!judged) {
            judged = true;
            judge(pair);
        }
        seen = pair;
    }

    private void judge(Certificate.Pair pair) {
        try {
            var next = Certificate.of(pair, vertx, engine);
            if (!next.ends().isAfter(clock.instant())) {
                throw new IOException("it has ended at " + next.ends());
            }
            if (next.begins().isAfter(clock.instant())) {
                judged = false;
                throw new IOException("it begins at " + next.begins() + " only, and is taken up then");
            }
            listening
                    .apply(next.options())
                    .onSuccess(taken -> taken(next))
                    .onFailure(failed -> untaken(String.valueOf(failed.getMessage())));
        } catch (IOException unusable) {
            refuse(String.valueOf(unusable.getMessage()));
        }
    }

    private synchronized void taken(Certificate next) {
        current = next;
        if (!seen.equals(next.pair())) {
            judged = false;
        }
        refused = "";
        LOG.info("Clients see another certificate now, from {}, which ends at {}", settings.certificate(), next.ends());
    }

    private synchronized void untaken(String reason) {
        judged = false;
        refuse(reason);
    }

    private synchronized void refuse(String reason) {
        if (!refused.equals(reason)) {
            LOG.error(
                    "The certificate in {} isn't taken up, and the one before goes on, until {}: {}",
                    settings.certificate(),
                    current.ends(),
                    reason);
        }
        refused = reason;
    }

    private Certificate current() {
        return current;
    }

    private boolean isInTrouble() {
        return !refused.isEmpty();
    }
}
