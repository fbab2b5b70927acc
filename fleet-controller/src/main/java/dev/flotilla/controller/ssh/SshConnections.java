package dev.flotilla.controller.ssh;

import com.jcraft.jsch.JSch;
import dev.flotilla.controller.machine.Machine;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * The way to all machines of a fleet: one session for each, jump hosts included, opened when it is needed first, with many
 * commands on it. Safe for many threads.
 */
public final class SshConnections implements AutoCloseable {
    private final JSch library = new JSch();
    private final HostKeyBook book;
    private final Limits limits;
    private final Semaphore starting;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<SshTarget, SshMachine> machines = new ConcurrentHashMap<>();

    /**
     * What connections may take.
     *
     * @param connect the most that coming in may take, from the first packet until the machine has let the user in
     * @param startsAtOnce how many connections may be starting at the same time: servers drop some of many (MaxStartups)
     * @param commandsAtOnce how many commands may run on one machine at the same time: servers allow 10 (MaxSessions)
     * @param alive how often a machine is asked whether it is still there; three questions without an answer end the session
     * @param idle how long a session stays open that nobody uses: longer than the steps of a verb are apart, which would open it anew each
     *     time, and short enough that waiting for a rollout or a build of hours keeps no way to a machine open; seen to at
     *     quarters of it
     * @param outputBytes how much of either output of a command is kept
     */
    public record Limits(
            Duration connect, int startsAtOnce, int commandsAtOnce, Duration alive, Duration idle, int outputBytes) {
        public static Limits usual(Duration connect) {
            return new Limits(connect, 10, 8, Duration.ofSeconds(10), Duration.ofMinutes(2), 1 << 20);
        }

        int connectMillis() {
            return Math.toIntExact(Math.max(1, connect.toMillis()));
        }
    }

    /** {@link IOException} where an identity can't be used. */
    public SshConnections(Identities identities, HostKeyBook book, Limits limits) throws IOException {
        this.book = book;
        this.limits = limits;
        this.starting = new Semaphore(limits.startsAtOnce());
        identities.offerBy(library);
        threads.execute(this::leaveIdle);
    }

    /** The machine; nothing is sent before it is asked for something. */
    public Machine machine(SshTarget target) {
        return known(target);
    }

    /** The way is looked for first: the map isn't to be changed while it computes. */
    private SshMachine known(SshTarget target) {
        Optional<SshMachine> way = target.through().map(this::known);
        return machines.computeIfAbsent(target, absent -> opened(absent, way));
    }

    /** What the machine's host key is, and how it stands to the pinned one. The machine isn't asked for anything else. */
    public HostKeySight look(SshTarget target) throws InterruptedException {
        return opened(target, target.through().map(this::known)).look(book.pinned(target.machine()));
    }

    private SshMachine opened(SshTarget target, Optional<SshMachine> way) {
        var gate = new HostKeyGate(target.machine(), book);
        var session = new MachineSession(target, way.map(SshMachine::connection), library, gate, limits, starting);
        return new SshMachine(target, session, limits, threads);
    }

    private void leaveIdle() {
        try {
            while (true) {
                Thread.sleep(limits.idle().dividedBy(4));
                machines.values().forEach(machine -> machine.connection().leaveIfIdle());
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        machines.values().forEach(SshMachine::close);
        threads.shutdownNow();
    }
}
