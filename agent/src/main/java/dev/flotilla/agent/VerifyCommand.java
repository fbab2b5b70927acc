package dev.flotilla.agent;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.cycle.Plan;
import dev.flotilla.agent.cycle.Planner;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.state.StateStore;
import dev.flotilla.agent.trust.MetadataStore;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells what a cycle would do. It is the very plan that a cycle carries out. */
@Command(name = "verify", description = "Explains what a cycle would do now, and why, without doing it.")
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Mixin
    private AllowExpiredOption expired = new AllowExpiredOption();

    @Override
    public Integer call() throws StartFailure {
        AgentConfiguration settings = configuration.load();
        var folder = new StateFolder(settings.state());
        try (Bucket bucket = Opened.bucket(settings)) {
            AgentState state = new StateStore(folder).load();
            var trust = MetadataStore.inMemoryOver(folder.metadata());
            Plan plan =
                    new Planner(settings, folder, bucket, trust, expired.grace(), InstantSource.system()).plan(state);
            System.out.println(plan.text());
            folder.pause()
                    .read()
                    .filter(pause -> !pause.isOver(Instant.now()))
                    .ifPresent(pause -> System.out.println("but no release is taken up: paused " + pause.text()));
            return switch (plan) {
                case Plan.Confirm ignored -> 0;
                case Plan.Apply ignored -> 0;
                case Plan.Hold ignored -> 0;
                case Plan.Wait ignored -> 1;
                case Plan.Refuse ignored -> 1;
            };
        } catch (IOException unreadable) {
            throw new StartFailure(String.valueOf(unreadable.getMessage()));
        }
    }
}
