package dev.flotilla.agent;

import dev.flotilla.agent.configuration.AgentConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs until SIGTERM, SIGINT or, if so asked, the end of standard input. The mirror goes on serving afterwards. */
@Command(
        name = "run",
        description = "Keeps the node on its fleet's release until it is told to end. The mirror goes on.")
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    /** Longer than the agent's own threads get; a stop that hangs is as good as a kill, for which all is prepared. */
    private static final Duration FAREWELL = Duration.ofSeconds(8);

    /** The status that asks for another agent in place of this one. {@code agent-supervisor} and the units know it. */
    private static final int SUCCEEDED = 10;

    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Mixin
    private AllowExpiredOption expired = new AllowExpiredOption();

    @Option(names = "--until-stdin-closes", description = "End when standard input does.")
    private boolean untilStandardInputCloses;

    @Override
    public Integer call() throws StartFailure, IOException, InterruptedException {
        AgentConfiguration settings = configuration.load();
        var stop = new Stop();
        var ended = new CountDownLatch(1);
        try (Opened opened =
                Opened.open(settings, expired.grace(), (step, release) -> LOG.info("release {}: {}", release, step))) {
            LOG.info(
                    "agent {} of node {} in region {}, fleet {}, bucket {}",
                    Version.text(),
                    settings.node(),
                    settings.region(),
                    settings.fleet(),
                    settings.bucket());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> farewell(stop, ended), "farewell"));
            if (untilStandardInputCloses) {
                Thread.ofPlatform().name("standard-input").daemon().start(() -> awaitEndOfInput(stop));
            }
            return opened.agent().run(stop) ? SUCCEEDED : 0;
        } finally {
            ended.countDown();
        }
    }

    /** Runs on a signal. A JVM would answer with the signal's own status, but this is an end as asked. */
    private static void farewell(Stop stop, CountDownLatch ended) {
        if (ended.getCount() == 0) {
            return;
        }
        stop.wish();
        try {
            if (ended.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(0);
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitEndOfInput(Stop stop) {
        byte[] ignored = new byte[512];
        try {
            int read = 0;
            while (read >= 0) {
                read = System.in.read(ignored);
            }
        } catch (IOException closed) {
            LOG.debug("standard input is gone", closed);
        }
        LOG.info("standard input is closed: ending");
        stop.wish();
    }
}
