package dev.flotilla.agent;

import dev.flotilla.agent.state.StateFolder;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Ends a pause that was begun on the node. */
@Command(name = "resume", description = "Ends what agent pause began.")
final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Override
    public Integer call() throws StartFailure {
        var folder = new StateFolder(configuration.load().state());
        try {
            System.out.println(
                    folder.pause().remove()
                            ? "No longer paused: the next look at the bucket takes up what is there."
                            : "Nobody on this node wanted a pause.");
            return 0;
        } catch (IOException unusable) {
            throw new StartFailure("can't write to " + folder.path() + ": " + unusable.getMessage());
        }
    }
}
