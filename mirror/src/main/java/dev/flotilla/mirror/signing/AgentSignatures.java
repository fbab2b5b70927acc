package dev.flotilla.mirror.signing;

import dev.flotilla.mirror.handover.ShortPath;
import dev.flotilla.mirror.upstream.Secret;
import dev.flotilla.mirror.upstream.Signatures;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the agent beside this mirror sign requests for wheels, at a socket in the folder that both know. One line goes there,
 * {@code GET ‹address›}, and some come: {@code signed} and header fields, or why not (docs/decisions/0028). The agent says with what is asked, never
 * where: the address stays the mirror's own. For any thread.
 */
public final class AgentSignatures implements Signatures, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSignatures.class);
    private static final String SIGNED = "signed";

    /** A session's token has some thousand characters. */
    private static final int LONGEST_BYTES = 32 * 1024;

    /** What AWS's signatures consist of; no other field of a request is the agent's to set. */
    private static final Pattern FIELD =
            Pattern.compile("(?i)(authorization|x-amz-[a-z0-9-]{1,60}): ([\\x21-\\x7e][\\x20-\\x7e]*)");

    private final Vertx vertx;
    private final NetClient client;
    private final ShortPath path;
    private final Duration patience;

    /** Why nothing was signed last; empty where it was. */
    private final AtomicReference<String> reason = new AtomicReference<>("");

    private AgentSignatures(Vertx vertx, NetClient client, ShortPath path, Duration patience) {
        this.vertx = vertx;
        this.client = client;
        this.path = path;
        this.patience = patience;
    }

    /**
     * Nothing is asked yet. Blocks for a moment.
     *
     * @param door of the agent, which may come and go; its folder is there
     * @param patience until the agent has answered; credentials that have to be had anew take their time
     */
    public static AgentSignatures at(Vertx vertx, Path door, Duration patience) throws IOException {
        return new AgentSignatures(vertx, vertx.createNetClient(new NetClientOptions()), ShortPath.of(door), patience);
    }

    /** What the agent made of a question. */
    private sealed interface Said {
        record Signature(Map<String, Secret> fields) implements Said {}

        record Not(String why) implements Said {}
    }

    @Override
    public Future<Signed> sign(URI location) {
        Promise<Said> outcome = Promise.promise();
        long timer = vertx.setTimer(
                patience.toMillis(),
                late -> outcome.tryComplete(new Said.Not(
                        "the agent, which signs requests, hasn't answered in " + patience.toMillis() + " ms")));
        client.connect(SocketAddress.domainSocketAddress(path.address().path()))
                .onSuccess(socket -> converse(socket, location, outcome))
                .onFailure(gone -> outcome.tryComplete(
                        new Said.Not("the agent, which signs requests, isn't there (" + gone.getMessage() + ")")));
        return outcome.future().onComplete(ended -> vertx.cancelTimer(timer)).map(this::told);
    }

    /** The reason is for operators, once for as long as it stays the same: it may tell clients more of this machine than is theirs. */
    private Signed told(Said said) {
        return switch (said) {
            case Said.Signature(Map<String, Secret> fields) -> {
                if (!reason.getAndSet("").isEmpty()) {
                    LOG.info("requests for wheels are signed again");
                }
                yield new Signed(fields, false);
            }
            case Said.Not(String why) -> {
                if (!reason.getAndSet(why).equals(why)) {
                    LOG.warn("requests for wheels aren't signed: {}", why);
                }
                yield Signed.not();
            }
        };
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Where writing fails, the conversation ends without an answer.
    private static void converse(NetSocket socket, URI location, Promise<Said> outcome) {
        // Whoever gave up waiting doesn't keep the conversation.
        outcome.future().onComplete(ended -> socket.close());
        Buffer answer = Buffer.buffer();
        socket.handler(part -> {
            if (answer.length() + part.length() > LONGEST_BYTES) {
                outcome.tryComplete(new Said.Not("the agent's answer is no signature"));
            } else {
                answer.appendBuffer(part);
            }
        });
        socket.exceptionHandler(broken -> {});
        socket.closeHandler(closed -> outcome.tryComplete(read(answer.toString(StandardCharsets.US_ASCII))));
        socket.write("GET " + location + "\n");
    }

    private static Said read(String answer) {
        List<String> lines = answer.lines().toList();
        boolean whole = answer.endsWith("\n");
        if (!whole || lines.isEmpty()) {
            return new Said.Not("the agent, which signs requests, broke off");
        }
        String first = lines.getFirst();
        if (!first.equals(SIGNED)) {
            int blank = first.indexOf(' ');
            return new Said.Not(blank < 0 ? "the agent's answer is no signature" : first.substring(blank + 1));
        }
        Map<String, Secret> fields = new HashMap<>();
        for (String line : lines.subList(1, lines.size() - 1)) {
            var field = FIELD.matcher(line);
            if (!field.matches()) {
                return new Said.Not("the agent's answer is no signature");
            }
            fields.put(field.group(1), new Secret(field.group(2)));
        }
        return lines.getLast().isEmpty() && !fields.isEmpty()
                ? new Said.Signature(fields)
                : new Said.Not("the agent, which signs requests, broke off");
    }

    @Override
    public void close() throws IOException {
        client.close().await();
        path.close();
    }
}
