package dev.flotilla.agent;

import dev.flotilla.agent.state.StateFolder;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Drains the node by a file that the mirror looks at itself. */
@Command(
        name = "drain",
        description = "Has this node's clients go elsewhere, whatever the fleet wants. Needs neither bucket nor agent.")
final class DrainCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Mixin
    private WishOptions options = new WishOptions();

    @Override
    public Integer call() throws StartFailure {
        var folder = new StateFolder(configuration.load().state());
        try {
            folder.create();
            var wish = options.wish(Instant.now());
            folder.drain().write(wish);
            System.out.println(
                    "Drained " + wish.text() + ". The mirror asks its clients to go elsewhere within a second"
                            + " and serves on; agent undrain ends it.");
            return 0;
        } catch (IOException unusable) {
            throw new StartFailure("can't write to " + folder.path() + ": " + unusable.getMessage());
        }
    }
}
