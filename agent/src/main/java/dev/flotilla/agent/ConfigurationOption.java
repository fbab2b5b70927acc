package dev.flotilla.agent;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.settings.Loading;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that all commands have. */
final class ConfigurationOption {
    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The agent's configuration, agent.conf.")
    private Path file = Path.of("agent.conf");

    AgentConfiguration load() throws StartFailure {
        return switch (AgentConfiguration.load(file)) {
            case Loading.Loaded<AgentConfiguration> loaded -> loaded.value();
            case Loading.Refused<AgentConfiguration> refused ->
                throw new StartFailure("the configuration is wrong:\n" + refused.text());
        };
    }
}
