package dev.flotilla.controller.fabric;

import dev.flotilla.controller.fleet.Node;
import java.io.IOException;
import java.util.List;

/**
 * What yields machines, one for each node. It answers for the machine alone: what is installed there is no matter of it. Where machines are
 * come to by SSH and it knows their host keys, it gives these to the {@link dev.flotilla.controller.ssh.HostKeyBook}. Safe for many threads.
 */
public interface Fabric extends AutoCloseable {
    /** What is known of the node's machine without going there. */
    Presence presence(Node node) throws IOException, InterruptedException;

    /**
     * Has the machine be there and run. Comes back when that is on its way, not when it is done: {@link MachineWatch} waits. Where it
     * runs already nothing happens, so that a killed run is finished by the next.
     */
    void provide(Node node) throws IOException, InterruptedException;

    /**
     * What {@link #release} would take away, as lines for people; none where there is nothing to be taken away.
     *
     * @param withStore whether the mirror's store goes, too
     */
    List<String> releasable(Node node, boolean withStore) throws IOException, InterruptedException;

    /** Takes the machine away, from which what was installed is gone already. Done again, nothing happens. */
    void release(Node node, boolean withStore) throws IOException, InterruptedException;

    /** The way to the machine, and where a node is on it. Nothing is sent before something is run there. */
    Site site(Node node);

    /** Gives up the ways to all machines, which run on. */
    @Override
    void close();
}
