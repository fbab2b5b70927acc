package dev.flotilla.agent;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.state.StateStore;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Judges whether this agent could go on with a node: an agent asks a newer one so before it makes room for it. Changes nothing. */
@Command(
        name = "check",
        description = "Says whether this agent understands the configuration, and what an agent before it left behind.")
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Override
    public Integer call() throws StartFailure {
        AgentConfiguration settings = configuration.load();
        try {
            new StateStore(new StateFolder(settings.state())).load();
        } catch (IOException unreadable) {
            throw new StartFailure(String.valueOf(unreadable.getMessage()));
        }
        System.out.println("the configuration is right");
        return 0;
    }
}
