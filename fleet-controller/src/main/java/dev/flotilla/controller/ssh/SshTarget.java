package dev.flotilla.controller.ssh;

/**
 * Where a machine's SSH server is, and as whom to go there.
 *
 * @param machine the name under which its host key is pinned
 * @param host an address, or a name for the system's resolver
 */
public record SshTarget(String machine, String host, int port, String user) {
    @Override
    public String toString() {
        return user + "@" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
