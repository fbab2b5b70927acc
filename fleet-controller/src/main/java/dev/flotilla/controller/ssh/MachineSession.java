package dev.flotilla.controller.ssh;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchChangedHostKeyException;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchUnknownHostKeyException;
import com.jcraft.jsch.Session;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.controller.machine.Outcome.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The one session to a machine, opened when somebody needs it and again where it broke, through a jump host where one is on the way. */
final class MachineSession {
    private static final int UNANSWERED = 3;

    /**
     * How often a server that closes the connection before it has let anybody in is asked again: one that has as many starting
     * as it allows (MaxStartups) does so, and nothing has been done by then.
     */
    private static final int TIMES_TURNED_AWAY = 4;

    private static final int FIRST_PAUSE_MILLIS = 200;

    /** What the library says where the connection ends before the server has said its name. */
    private static final String CLOSED = "connection is closed by foreign host";

    /** The same, where it ends later on the way in. */
    private static final String ENDED = "End of IO Stream Read";

    private final SshTarget target;
    private final Optional<MachineSession> way;
    private final JSch library;
    private final HostKeyGate gate;
    private final SshConnections.Limits limits;
    private final Semaphore starting;
    private final Object opening = new Object();
    private final AtomicReference<@Nullable Opened> session = new AtomicReference<>();
    private volatile boolean closed;
    private final Object usage = new Object();
    private int users;
    private long unusedSince = System.nanoTime();

    /** The library's session, and the socket below it; one through a jump host has none, and uses that one's session. */
    private record Opened(Session session, SessionSocket socket, Optional<Use> way) {}

    /** While it isn't closed the session isn't idle. */
    final class Use implements AutoCloseable {
        private boolean ended;

        private Use() {
            users++;
        }

        @Override
        public void close() {
            synchronized (usage) {
                if (!ended) {
                    ended = true;
                    users--;
                    unusedSince = System.nanoTime();
                }
            }
        }
    }

    /** The way through the jump host, and its use. */
    private record Jump(JumpedConnection connection, Use use) {}

    MachineSession(
            SshTarget target,
            Optional<MachineSession> way,
            JSch library,
            HostKeyGate gate,
            SshConnections.Limits limits,
            Semaphore starting) {
        this.target = target;
        this.way = way;
        this.library = library;
        this.gate = gate;
        this.limits = limits;
        this.starting = starting;
    }

    /** Somebody needs the session for a while. It is opened by {@link #session}, not by this. */
    Use use() {
        synchronized (usage) {
            return new Use();
        }
    }

    /** The session; waits for whoever is opening it. */
    Session session() throws JSchException, InterruptedException {
        synchronized (opening) {
            Opened present = session.get();
            if (present != null && present.session().isConnected()) {
                return present.session();
            }
            for (int turnedAway = 0; ; turnedAway++) {
                // Before the turn, of which the way needs one itself.
                Optional<Jump> jump = jumped();
                boolean open = false;
                try {
                    Session fresh = openedInTurn(jump);
                    open = true;
                    return fresh;
                } catch (JSchException failed) {
                    if (turnedAway == TIMES_TURNED_AWAY || closed || !isTurnedAway(failed)) {
                        throw failed;
                    }
                } finally {
                    if (!open) {
                        jump.map(Jump::use).ifPresent(Use::close);
                    }
                }
                int pause = FIRST_PAUSE_MILLIS << turnedAway;
                Thread.sleep(ThreadLocalRandom.current().nextInt(pause / 2, pause));
            }
        }
    }

    /** That the server took the connection and closed it; not that there is none, that it is late, or that it has refused us. */
    private static boolean isTurnedAway(JSchException failed) {
        if (failed.getCause() instanceof SocketException broken) {
            return !(broken instanceof ConnectException || broken instanceof NoRouteToHostException);
        }
        String text = String.valueOf(failed.getMessage());
        return text.contains(CLOSED) || text.contains(ENDED);
    }

    /** The connection that the jump host will make, where there is one on the way. */
    private Optional<Jump> jumped() throws JSchException, InterruptedException {
        if (way.isEmpty()) {
            return Optional.empty();
        }
        MachineSession jumpHost = way.get();
        Use use = jumpHost.use();
        try {
            return Optional.of(new Jump(new JumpedConnection(jumpHost.session(), jumpHost.target), use));
        } catch (InterruptedException ended) {
            use.close();
            throw ended;
        } catch (JSchException failed) {
            use.close();
            throw new NoWayException(jumpHost.failure(failed), failed);
        }
    }

    /** The way ends at the jump host. */
    private static final class NoWayException extends JSchException {
        private static final long serialVersionUID = 1;

        private final transient Outcome.Failed why;

        NoWayException(Outcome.Failed why, JSchException cause) {
            super(why.text(), cause);
            this.why = why;
        }
    }

    private Session openedInTurn(Optional<Jump> jump) throws JSchException, InterruptedException {
        starting.acquire();
        try {
            return opened(jump);
        } finally {
            starting.release();
        }
    }

    private Session opened(Optional<Jump> jump) throws JSchException {
        Session fresh = library.getSession(target.user(), target.host(), target.port());
        fresh.setHostKeyRepository(gate);
        var socket = new SessionSocket(limits.connectMillis());
        fresh.setSocketFactory(socket);
        jump.map(Jump::connection).ifPresent(fresh::setProxy);
        fresh.setConfig("StrictHostKeyChecking", "yes");
        fresh.setConfig("PreferredAuthentications", "publickey");
        fresh.setDaemonThread(true);
        fresh.setServerAliveInterval(Math.toIntExact(limits.alive().toMillis()));
        fresh.setServerAliveCountMax(UNANSWERED);
        leaveWay(session.getAndSet(new Opened(fresh, socket, jump.map(Jump::use))));
        if (closed) {
            throw new JSchException("the connection was given up");
        }
        fresh.connect(limits.connectMillis());
        if (socket.isClosed()) {
            fresh.disconnect(); // Given up while it was opened.
            throw new JSchException("the connection was given up");
        }
        return fresh;
    }

    /** What a session that wasn't opened means. */
    Outcome.Failed failure(JSchException failed) {
        String name = target.machine();
        return switch (failed) {
            case NoWayException noWay ->
                new Outcome.Failed(noWay.why.reason(), "on the way to " + name + ": " + noWay.why.text());
            case JSchUnknownHostKeyException unknown ->
                new Outcome.Failed(
                        Reason.UNKNOWN_HOST_KEY,
                        "the host key of " + name + " isn't known; it shows " + shownText()
                                + ". See that it is the machine's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then:"
                                + " flotilla hostkey accept " + name);
            case JSchChangedHostKeyException changed ->
                new Outcome.Failed(
                        Reason.CHANGED_HOST_KEY,
                        "the host key of " + name + " has CHANGED; it shows " + shownText()
                                + ". Somebody may stand between here and there. If the machine was made anew: flotilla hostkey rotate "
                                + name);
            default -> {
                String text = failed.getCause() instanceof IOException why
                        ? String.valueOf(why.getMessage())
                        : String.valueOf(failed.getMessage());
                yield text.startsWith("Auth ") || text.contains("Too many authentication failures")
                        ? new Outcome.Failed(
                                Reason.REFUSED, target + " doesn't let in " + target.user() + " with these keys")
                        : new Outcome.Failed(Reason.UNREACHABLE, target + " can't be reached: " + text);
            }
        };
    }

    /** The host key that the machine has shown. */
    Optional<PublicHostKey> shown() {
        return gate.shown();
    }

    private String shownText() {
        return gate.shown()
                .map(key -> key.fingerprint() + " (" + key.type() + ")")
                .orElse("none");
    }

    /**
     * Ends the session under all who use it; the next one opens another. It doesn't wait: where the way is dead, taking leave of a machine
     * behind a jump host takes as long as the way there does to be given up.
     */
    void disconnect() {
        Opened present = session.getAndSet(null);
        if (present != null) {
            leaveWay(present);
            present.socket().close();
            Thread.ofVirtual().name("leave " + target).start(present.session()::disconnect);
        }
    }

    private static void leaveWay(@Nullable Opened opened) {
        if (opened != null) {
            opened.way().ifPresent(Use::close);
        }
    }

    /** Ends the session where nobody has used it for as long as it may be idle, or where it has broken. */
    void leaveIfIdle() {
        synchronized (usage) {
            if (users == 0 && System.nanoTime() - unusedSince >= limits.idle().toNanos()) {
                disconnect();
            }
        }
    }

    /** Gives it up for good. */
    void close() {
        closed = true;
        disconnect();
    }
}
