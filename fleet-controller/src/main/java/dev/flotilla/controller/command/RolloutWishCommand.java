package dev.flotilla.controller.command;

import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.Rollout;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.IntentPublisher.Current;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla rollout pause, resume, abort}: what an operator wants of the release in the bucket. */
public abstract class RolloutWishCommand extends Intending implements Callable<Integer> {
    @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why, for whoever looks.")
    private String reason = "";

    private RolloutWishCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        super(clock, credentials, actor);
    }

    /** What is wanted now of the release that the bucket leads to. */
    abstract Optional<Rollout> wish(Intents before, Current current, String reason);

    abstract String verb();

    abstract String consequence();

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = fleet();
        change(
                fleet,
                "rollout " + verb(),
                "rollout " + verb() + (reason.isEmpty() ? "" : " (" + reason + ")"),
                (before, current) -> before.withRollout(wish(before, current, reason)));
        tell(List.of(consequence()));
        return 0;
    }

    final Optional<Rollout> made(Rollout.State state, Intents before, Current current, String why) {
        Optional<Rollout> same = before.rollout()
                .filter(wish -> wish.release() == current.release()
                        && wish.state() == state
                        && wish.reason().equals(why));
        return same.or(() -> Optional.of(new Rollout(current.release(), state, why, actor(), current.now())));
    }

    private static void refuseAborted(Intents before, Current current) {
        if (before.rollout()
                .filter(wish -> wish.release() == current.release() && wish.state() == Rollout.State.ABORTED)
                .isPresent()) {
            throw new IllegalArgumentException("the rollout of release " + current.release()
                    + " is aborted, which is final: publish another release");
        }
    }

    /** Holds everybody who hasn't gone. */
    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            header = "No node goes for the release in the bucket until resume.",
            description = {"", "Nodes that have gone stay. A node that has no release at all starts all the same.", ""})
    public static final class Pause extends RolloutWishCommand {
        public Pause(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
            super(clock, credentials, actor);
        }

        @Override
        Optional<Rollout> wish(Intents before, Current current, String why) {
            refuseAborted(before, current);
            return made(Rollout.State.PAUSED, before, current, why);
        }

        @Override
        String verb() {
            return "pause";
        }

        @Override
        String consequence() {
            return "To go on: flotilla rollout resume";
        }
    }

    /** Ends a pause. */
    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            header = "Ends a pause: waves go on where they were.")
    public static final class Resume extends RolloutWishCommand {
        public Resume(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
            super(clock, credentials, actor);
        }

        @Override
        Optional<Rollout> wish(Intents before, Current current, String why) {
            refuseAborted(before, current);
            return Optional.empty();
        }

        @Override
        String verb() {
            return "resume";
        }

        @Override
        String consequence() {
            return "To watch it: flotilla status";
        }
    }

    /** Ends a rollout for good. */
    @Command(
            name = "abort",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            header = "No node goes for the release in the bucket any more.",
            description = {
                "",
                "Nodes that haven't gone keep what they have; nodes that have gone stay with the release until another one is"
                        + " published. That is the way back, too: put fleet.conf as it was, and publish. A node that has no release"
                        + " at all doesn't start until then.",
                ""
            })
    public static final class Abort extends RolloutWishCommand {
        public Abort(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
            super(clock, credentials, actor);
        }

        @Override
        Optional<Rollout> wish(Intents before, Current current, String why) {
            return made(Rollout.State.ABORTED, before, current, why);
        }

        @Override
        String verb() {
            return "abort";
        }

        @Override
        String consequence() {
            return "Nodes that have gone stay with it until another release is published.";
        }
    }
}
