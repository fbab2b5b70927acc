package dev.flotilla.agent.mirror;

import dev.flotilla.agent.configuration.Known;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a mirror to what it, or the one before it, served a moment ago, at the listener that clients use. Evidence against a mirror is
 * what upstream and bucket have no part in: a file of another digest, and no right answer where there just was one. That a page is
 * gone or forbidden is none, since a release may want that. Where nobody has named a page or a file, the mirror that serves is asked
 * what it gave out last without upstream; such a choice is nobody's promise, so that not finding out speaks against nobody. For one
 * thread.
 */
public final class KnownProbe implements Comparison {
    private static final int TRIES = 3;
    private static final Duration BETWEEN = Duration.ofMillis(200);
    private static final int BLOCK_BYTES = 32 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(KnownProbe.class);

    private final Known known;
    private final ServedQuestion question;
    private Optional<ServedQuestion.Answer> chosen = Optional.empty();
    private boolean asked;

    /** What was given out, with its digest where it was short enough to be read to its end. */
    private final Map<URI, Optional<Sha256>> served = new HashMap<>();

    private final Set<URI> wrongAnyway = new HashSet<>();
    private boolean remembers;

    /** @param readiness the address of the mirror's readiness */
    public KnownProbe(Known known, URI readiness) {
        this.known = known;
        this.question = new ServedQuestion(readiness, known.timeOut());
    }

    private sealed interface Answer {
        record Right(Optional<Sha256> digest) implements Answer {}

        /** Not what it should be. */
        record Wrong(String reason) implements Answer {}

        /** None, or one that says that the mirror itself is broken. */
        record Broken(String reason) implements Answer {}

        /** It could not find out: bad only where it was served without finding out. */
        record NotFoundOut(String reason) implements Answer {}

        /** A decision: absent, forbidden, elsewhere. */
        record Decided() implements Answer {}
    }

    @Override
    public void remember() {
        remembers = true;
        served.clear();
        wrongAnyway.clear();
        choose();
        page().ifPresent(this::rememberOne);
        file().ifPresent(this::rememberOne);
    }

    private void choose() {
        if (known.isNamed() || !known.choose()) {
            return;
        }
        asked = true;
        chosen = question.ask();
        chosen.ifPresentOrElse(
                what -> LOG.info(
                        "nobody has named what the mirror has to serve (proof.known): held to {}, which it serves now",
                        what.file().map(file -> what.page() + " and " + file).orElseGet(what.page()::toString)),
                () -> LOG.info("nobody has named what the mirror has to serve (proof.known), and the mirror that runs"
                        + " doesn't say what it serves: held to its readiness alone"));
    }

    private Optional<URI> page() {
        return known.page().or(() -> chosen.map(ServedQuestion.Answer::page));
    }

    private Optional<URI> file() {
        return known.file().or(() -> chosen.flatMap(ServedQuestion.Answer::file));
    }

    private void rememberOne(URI address) {
        switch (ask(address)) {
            case Answer.Right right -> served.put(address, right.digest());
            // Whoever wrote down what is known was wrong, and no release is to blame.
            case Answer.Wrong ignored -> wrongAnyway.add(address);
            case Answer.Broken ignored -> {}
            case Answer.NotFoundOut ignored -> {}
            case Answer.Decided ignored -> {}
        }
    }

    /**
     * Why a mirror that just took over is worse than the one before, of which is {@linkplain #remember remembered} what it served. An
     * agent that was killed in between has nothing to compare with.
     */
    @Override
    public Optional<String> againstTheOneBefore() throws InterruptedException {
        return remembers ? judged(true) : Optional.empty();
    }

    /** Why a mirror that has served for a while doesn't any more. That upstream fails meanwhile is no reason. */
    public Optional<String> againstItself() throws InterruptedException {
        if (!asked) {
            choose();
        }
        return judged(false);
    }

    private Optional<String> judged(boolean aMomentAgo) throws InterruptedException {
        Optional<String> evidence = Optional.empty();
        for (int number = 0; number < TRIES; number++) {
            evidence = page().flatMap(page -> evidence(page, aMomentAgo))
                    .or(() -> file().flatMap(file -> evidence(file, aMomentAgo)));
            if (evidence.isEmpty()) {
                return evidence;
            }
            Thread.sleep(BETWEEN);
        }
        return evidence;
    }

    private Optional<String> evidence(URI address, boolean aMomentAgo) {
        boolean before = served.containsKey(address);
        return switch (ask(address)) {
            case Answer.Right right -> {
                served.put(address, right.digest());
                yield Optional.empty();
            }
            case Answer.Wrong wrong ->
                before || (aMomentAgo && !wrongAnyway.contains(address))
                        ? Optional.of(wrong.reason())
                        : Optional.empty();
            case Answer.Broken broken -> before ? Optional.of(broken.reason()) : Optional.empty();
            case Answer.NotFoundOut not ->
                before && aMomentAgo && known.isNamed() ? Optional.of(not.reason()) : Optional.empty();
            case Answer.Decided ignored -> Optional.empty();
        };
    }

    private Answer ask(URI address) {
        try {
            var connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(Math.toIntExact(known.timeOut().toMillis()));
            connection.setReadTimeout(Math.toIntExact(known.timeOut().toMillis()));
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setRequestProperty("Connection", "close");
            try {
                return answer(address, connection);
            } finally {
                connection.disconnect();
            }
        } catch (IOException unanswered) {
            return new Answer.Broken(address + " is not served any more: " + unanswered.getMessage());
        }
    }

    private Answer answer(URI address, HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        return switch (status) {
            case HttpURLConnection.HTTP_OK -> content(address, connection);
            case HttpURLConnection.HTTP_BAD_GATEWAY,
                    HttpURLConnection.HTTP_UNAVAILABLE,
                    HttpURLConnection.HTTP_GATEWAY_TIMEOUT ->
                new Answer.NotFoundOut(
                        address + " was served by the mirror before, and is answered with " + status + " now");
            default ->
                status >= HttpURLConnection.HTTP_INTERNAL_ERROR
                        ? new Answer.Broken(address + " is answered with " + status + ", and was served before")
                        : new Answer.Decided();
        };
    }

    private Answer content(URI address, HttpURLConnection connection) throws IOException {
        MessageDigest digester = Sha256.digester();
        byte[] block = new byte[BLOCK_BYTES];
        long left = known.size().bytes();
        try (InputStream body = connection.getInputStream()) {
            for (int read = body.read(block); read >= 0; read = body.read(block)) {
                digester.update(block, 0, read);
                left -= read;
                if (left < 0) {
                    // More than is to be read: that it comes is all that can be said.
                    return new Answer.Right(Optional.empty());
                }
            }
        }
        Sha256 digest = Sha256.finish(digester);
        Optional<Sha256> expected = file().equals(Optional.of(address))
                ? known.sha256().or(() -> served.getOrDefault(address, Optional.empty()))
                : Optional.empty();
        return expected.isPresent() && !expected.get().equals(digest)
                ? new Answer.Wrong(address + " has the digest " + digest + " in place of " + expected.get())
                : new Answer.Right(Optional.of(digest));
    }
}
