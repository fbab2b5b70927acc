package dev.flotilla.controller.command;

import dev.flotilla.controller.destroy.Installed;
import dev.flotilla.controller.fabric.Fabric;
import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fabric.Presence;
import dev.flotilla.controller.fabric.Site;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.provision.Uninstalling;
import dev.flotilla.controller.provision.Uninstalling.Sight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is installed on machines, and the machines themselves where their fabric takes them away.
 *
 * @param withStores whether the mirrors' stores go, too
 */
record InstalledOnMachines(Fabrics fabrics, Uninstalling uninstalling, boolean withStores) implements Installed {
    @Override
    public Sight look(Node node) throws IOException, InterruptedException {
        Fabric fabric = fabrics.of(node);
        return switch (fabric.presence(node)) {
            case Presence.Missing ignored -> new Sight.Nothing();
            case Presence.Unusable unusable -> new Sight.Hidden(unusable.reason());
            case Presence.Starting starting -> new Sight.Hidden(starting.reason());
            case Presence.Running ignored -> {
                Site site = fabric.site(node);
                yield with(fabric.releasable(node, withStores), uninstalling.look(site.asRoot(), site.root()));
            }
        };
    }

    private static Sight with(List<String> released, Sight seen) {
        return switch (seen) {
            case Sight.Hidden hidden -> hidden;
            case Sight.Nothing nothing -> released.isEmpty() ? nothing : new Sight.Installed(released);
            case Sight.Installed installed -> {
                List<String> all = new ArrayList<>(installed.folders());
                all.addAll(released);
                yield new Sight.Installed(all);
            }
        };
    }

    @Override
    public Optional<String> remove(Node node, Consumer<String> progress) throws IOException, InterruptedException {
        Fabric fabric = fabrics.of(node);
        Site site = fabric.site(node);
        Optional<String> problem = uninstalling.remove(site.asRoot(), site.root(), site.user(), progress);
        if (problem.isPresent()) {
            return problem;
        }
        List<String> released = fabric.releasable(node, withStores);
        if (!released.isEmpty()) {
            progress.accept("remove the machine " + String.join(", ", released));
        }
        fabric.release(node, withStores);
        return Optional.empty();
    }
}
