package dev.flotilla.agent;

import dev.flotilla.agent.report.NodeReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs one cycle, for a timer in place of a resident process. */
@Command(
        name = "once",
        description = "Runs one cycle: looks for a release, goes for it, starts the mirror where none runs.")
final class OnceCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(OnceCommand.class);

    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Mixin
    private AllowExpiredOption expired = new AllowExpiredOption();

    @Override
    public Integer call() throws StartFailure, IOException, InterruptedException {
        try (Opened opened = Opened.open(
                configuration.load(), expired.grace(), (step, release) -> LOG.info("release {}: {}", release, step))) {
            NodeReport report = opened.agent().once();
            report.problem().ifPresent(problem -> LOG.warn("degraded: {}", problem));
            return report.condition() == NodeReport.Condition.HEALTHY ? 0 : 1;
        }
    }
}
