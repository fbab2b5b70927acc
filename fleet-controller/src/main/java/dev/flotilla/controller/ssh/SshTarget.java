package dev.flotilla.controller.ssh;

import java.util.Optional;

/**
 * Where a machine's SSH server is, and as whom to go there.
 *
 * @param machine the name under which its host key is pinned
 * @param host an address, or a name for the resolver of whoever connects: the system's, or the jump host's
 * @param through the jump host on the way, to which nothing leads through another
 */
public record SshTarget(String machine, String host, int port, String user, Optional<SshTarget> through) {
    public SshTarget {
        if (through.flatMap(SshTarget::through).isPresent()) {
            throw new IllegalArgumentException("the way to " + machine + " leads through more than one jump host");
        }
    }

    /** One that is come to directly. */
    public SshTarget(String machine, String host, int port, String user) {
        this(machine, host, port, user, Optional.empty());
    }

    @Override
    public String toString() {
        return user + "@" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
