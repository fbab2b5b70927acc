package dev.flotilla.controller.fabric;

import dev.flotilla.controller.fleet.FabricKind;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** The fabrics of a fleet: for each node the one that its machine comes from. Safe for many threads. */
public final class Fabrics implements AutoCloseable {
    private final Optional<StaticFabric> listed;
    private final LocalFabric local;

    private Fabrics(Optional<StaticFabric> listed, LocalFabric local) {
        this.listed = listed;
        this.local = local;
    }

    /**
     * Opens them; nothing is asked of any machine yet. {@link IOException} where a key or the book of host keys can't be read.
     *
     * @param environment may name an SSH agent, and says where programs are
     */
    public static Fabrics open(FleetConfiguration fleet, Map<String, String> environment) throws IOException {
        boolean lists = fleet.nodes().stream().anyMatch(node -> node.fabric() == FabricKind.STATIC);
        Optional<StaticFabric> listed = lists && fleet.ssh().isPresent()
                ? Optional.of(StaticFabric.open(fleet, fleet.ssh().get(), environment))
                : Optional.empty();
        return new Fabrics(
                listed,
                new LocalFabric(
                        fleet.name(),
                        System.getProperty("user.name"),
                        environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")));
    }

    /** What the node's machine comes from. Only for nodes that {@link FleetConfiguration#reaches} says yes of. */
    public Fabric of(Node node) {
        return switch (node.fabric()) {
            case STATIC ->
                listed.orElseThrow(
                        () -> new IllegalStateException("nobody has said how to come to " + node.id() + " by SSH"));
            case LOCAL -> local;
        };
    }

    /** What machines that are come to by SSH come from, where there are any and somebody has said how. */
    public Optional<StaticFabric> listed() {
        return listed;
    }

    public Site site(Node node) {
        return of(node).site(node);
    }

    @Override
    public void close() {
        listed.ifPresent(StaticFabric::close);
        local.close();
    }
}
