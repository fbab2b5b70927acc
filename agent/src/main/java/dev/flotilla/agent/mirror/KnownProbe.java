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
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Holds a mirror to what it, or the one before it, served a moment ago, at the listener that clients use. Evidence against a mirror is
 * what upstream and bucket have no part in: a file of another digest, and no right answer where there just was one. That a page is
 * gone or forbidden is none, since a release may want that. For one thread.
 */
public final class KnownProbe implements Comparison {
    private static final int TRIES = 3;
    private static final Duration BETWEEN = Duration.ofMillis(200);
    private static final int BLOCK_BYTES = 32 << 10;

    private final Known known;
    private final Set<URI> served = new HashSet<>();
    private final Set<URI> wrongAnyway = new HashSet<>();
    private boolean remembers;

    public KnownProbe(Known known) {
        this.known = known;
    }

    private sealed interface Answer {
        record Right() implements Answer {}

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
        known.page().ifPresent(this::rememberOne);
        known.file().ifPresent(this::rememberOne);
    }

    private void rememberOne(URI address) {
        switch (ask(address)) {
            case Answer.Right ignored -> served.add(address);
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
        return judged(false);
    }

    private Optional<String> judged(boolean aMomentAgo) throws InterruptedException {
        Optional<String> evidence = Optional.empty();
        for (int number = 0; number < TRIES; number++) {
            evidence = known.page()
                    .flatMap(page -> evidence(page, aMomentAgo))
                    .or(() -> known.file().flatMap(file -> evidence(file, aMomentAgo)));
            if (evidence.isEmpty()) {
                return evidence;
            }
            Thread.sleep(BETWEEN);
        }
        return evidence;
    }

    private Optional<String> evidence(URI address, boolean aMomentAgo) {
        boolean before = served.contains(address);
        return switch (ask(address)) {
            case Answer.Right ignored -> {
                served.add(address);
                yield Optional.empty();
            }
            case Answer.Wrong wrong ->
                before || (aMomentAgo && !wrongAnyway.contains(address))
                        ? Optional.of(wrong.reason())
                        : Optional.empty();
            case Answer.Broken broken -> before ? Optional.of(broken.reason()) : Optional.empty();
            case Answer.NotFoundOut not -> before && aMomentAgo ? Optional.of(not.reason()) : Optional.empty();
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
                    return new Answer.Right();
                }
            }
        }
        Sha256 digest = Sha256.finish(digester);
        boolean isFile = known.file().equals(Optional.of(address));
        return isFile && !known.sha256().equals(Optional.of(digest))
                ? new Answer.Wrong(address + " has the digest " + digest + " in place of "
                        + known.sha256().map(Sha256::hex).orElse(""))
                : new Answer.Right();
    }
}
