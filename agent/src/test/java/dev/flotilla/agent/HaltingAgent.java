package dev.flotilla.agent;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.settings.Loading;
import java.nio.file.Path;
import java.time.Duration;

/** Runs one cycle and dies at once, without any clean-up, when it reaches a given step: a kill -9 at the worst time. */
public final class HaltingAgent {
    static final int KILLED = 137;

    private HaltingAgent() {}

    public static void main(String[] arguments) throws Exception {
        var configuration =
                ((Loading.Loaded<AgentConfiguration>) AgentConfiguration.load(Path.of(arguments[0]))).value();
        Step fatal = Step.valueOf(arguments[1]);
        try (Opened opened = Opened.open(configuration, Duration.ZERO, (step, release) -> {
            if (step == fatal) {
                Runtime.getRuntime().halt(KILLED);
            }
        })) {
            opened.agent().once();
        }
    }
}
