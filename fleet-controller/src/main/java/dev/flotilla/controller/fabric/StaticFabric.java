package dev.flotilla.controller.fabric;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.JumpHost;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeLogin;
import dev.flotilla.controller.fleet.SshSettings;
import dev.flotilla.controller.machine.AsRoot;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.ssh.HostKeyBook;
import dev.flotilla.controller.ssh.Identities;
import dev.flotilla.controller.ssh.SshConnections;
import dev.flotilla.controller.ssh.SshTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Machines that somebody has made elsewhere and listed, reached over SSH. They are taken to run, and are never taken away. */
public final class StaticFabric implements Fabric {
    private final SshSettings settings;
    private final String user;
    private final HostKeyBook book;
    private final SshConnections connections;

    private StaticFabric(SshSettings settings, String user, HostKeyBook book, SshConnections connections) {
        this.settings = settings;
        this.user = user;
        this.book = book;
        this.connections = connections;
    }

    /** {@link IOException} where a key or the book of host keys can't be read. */
    static StaticFabric open(FleetConfiguration fleet, SshSettings settings, Map<String, String> environment)
            throws IOException {
        var identities = Identities.of(
                settings.identities(),
                Path.of(System.getProperty("user.home")),
                Optional.ofNullable(environment.get("SSH_AUTH_SOCK")).map(Path::of));
        var book = HostKeyBook.open(settings.hostKeys());
        fleet.nodes()
                .forEach(node -> node.login()
                        .hostKey()
                        .ifPresent(key -> book.give(node.id().toString(), key)));
        return new StaticFabric(
                settings,
                fleet.provision().user(),
                book,
                new SshConnections(identities, book, SshConnections.Limits.usual(settings.connectTimeOut())));
    }

    /** Where the node's SSH server is. */
    public SshTarget target(Node node) {
        return new SshTarget(
                node.id().toString(),
                node.login().host().orElse(node.address().toString()),
                node.login().port().orElse(settings.port()),
                node.login().user().orElse(settings.user()),
                node.login().through().orElse(settings.through()).map(this::target));
    }

    /** A machine that is no node, under the name by which its host key is known. */
    Machine machine(String name, String host, NodeLogin login) {
        login.hostKey().ifPresent(key -> book.give(name, key));
        Machine machine = connections.machine(new SshTarget(
                name,
                host,
                login.port().orElse(settings.port()),
                login.user().orElse(settings.user()),
                login.through().orElse(settings.through()).map(this::target)));
        return login.sudo().orElse(settings.sudo())
                ? new AsRoot(machine, login.user().orElse(settings.user()))
                : machine;
    }

    private SshTarget target(JumpHost jumpHost) {
        return new SshTarget(
                jumpHost.name(),
                jumpHost.host(),
                jumpHost.port(),
                jumpHost.user().orElse(settings.user()));
    }

    /** The host keys that machines have to show. */
    public HostKeyBook book() {
        return book;
    }

    public SshConnections connections() {
        return connections;
    }

    @Override
    public Presence presence(Node node) {
        return new Presence.Running();
    }

    @Override
    public void provide(Node node) {
        // Somebody has.
    }

    @Override
    public List<String> releasable(Node node, boolean withStore) {
        return List.of();
    }

    @Override
    public void release(Node node, boolean withStore) {
        // It is somebody's.
    }

    @Override
    public Site site(Node node) {
        SshTarget target = target(node);
        Machine machine = connections.machine(target);
        boolean sudo = node.login().sudo().orElse(settings.sudo());
        return new Site(machine, sudo ? new AsRoot(machine, target.user()) : machine, node.root(), user);
    }

    @Override
    public void close() {
        connections.close();
    }
}
