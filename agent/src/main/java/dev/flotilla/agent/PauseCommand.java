package dev.flotilla.agent;

import dev.flotilla.agent.state.StateFolder;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Holds releases back on this node. */
@Command(name = "pause", description = "Takes up no release until agent resume. Needs neither bucket nor controller.")
final class PauseCommand implements Callable<Integer> {
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
            folder.pause().write(wish);
            System.out.println(
                    "Paused " + wish.text() + ". No release is taken up meanwhile; one that is on trial comes to"
                            + " its end. agent resume ends it.");
            return 0;
        } catch (IOException unusable) {
            throw new StartFailure("can't write to " + folder.path() + ": " + unusable.getMessage());
        }
    }
}
