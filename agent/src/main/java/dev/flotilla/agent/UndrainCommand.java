package dev.flotilla.agent;

import dev.flotilla.agent.state.StateFolder;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Ends a drain that was begun on the node. */
@Command(name = "undrain", description = "Ends what agent drain began.")
final class UndrainCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Override
    public Integer call() throws StartFailure {
        var folder = new StateFolder(configuration.load().state());
        try {
            System.out.println(
                    folder.drain().remove()
                            ? "No longer drained by this node. What the fleet wants goes on (agent status)."
                            : "Nobody on this node wanted a drain. What the fleet wants goes on (agent status).");
            return 0;
        } catch (IOException unusable) {
            throw new StartFailure("can't write to " + folder.path() + ": " + unusable.getMessage());
        }
    }
}
