package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.state.AgentState;
import dev.flotilla.agent.state.AgentState.Settled;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.agent.trust.TargetFile;
import java.time.Instant;
import java.util.Optional;

/** What a cycle is about to do. Finding it out changes nothing, so that it can be shown instead of done. */
public sealed interface Plan {
    /** Nothing for now: it could not be found out what the bucket holds, or it can't be judged. */
    record Wait(String problem) implements Plan {}

    /**
     * Nothing, for what the bucket holds is refused.
     *
     * @param settled what to remember, so that the same object is not judged again; absent where time or other objects may
     *     change the judgement
     */
    record Refuse(Optional<Settled> settled, String problem) implements Plan {}

    /** The bucket holds the release that is in use already. */
    record Confirm(Release release) implements Plan {}

    /**
     * Not yet: the rollout of the release hasn't come to this node. Looked at again in every cycle.
     */
    record Hold(Release release, AgentState.Held why) implements Plan {}

    /** Go for the release. */
    record Apply(Release release, TargetFile configuration, TargetFile program) implements Plan {
        /** Whether a later look speaks against going on. One that could not find anything out doesn't. */
        boolean isOvertakenBy(Plan later) {
            return switch (later) {
                case Wait ignored -> false;
                case Refuse refuse -> refuse.settled().isPresent();
                case Confirm ignored -> true;
                case Hold ignored -> true;
                case Apply apply -> !apply.release.mark().equals(release.mark());
            };
        }

        boolean changesNothing(StagedRelease inUse) {
            return inUse.configuration().equals(configuration.sha256())
                    && inUse.program().equals(program.sha256());
        }
    }

    /**
     * A trusted release in the bucket.
     *
     * @param expires when the first of the metadata that speak for it ends
     * @param etag the timestamp that leads to it
     */
    record Release(Mark mark, Instant expires, ETag etag) {
        long version() {
            return mark.version();
        }

        Settled settled() {
            return new Settled(etag, Optional.empty());
        }

        Settled settledWith(String problem) {
            return new Settled(etag, Optional.of(problem));
        }
    }

    /** The plan in words for people. */
    default String text() {
        return switch (this) {
            case Wait wait -> "nothing to do for now: " + wait.problem();
            case Refuse refuse -> refuse.problem();
            case Confirm confirm ->
                "nothing to do: release " + confirm.release().version() + " is in use already";
            case Hold hold ->
                "nothing to do for now: release " + hold.release().version() + " is trusted, but "
                        + hold.why().reason()
                        + hold.why().until().map(time -> ", until " + time).orElse("");
            case Apply apply ->
                "would go from here to release " + apply.release().version() + ", which is trusted until "
                        + apply.release().expires() + ":\n  configuration "
                        + apply.configuration().sha256() + ", "
                        + apply.configuration().length() + "\n  program       "
                        + apply.program().sha256() + ", "
                        + apply.program().length() + "\nby staging both, having the mirror check the configuration,"
                        + " switching, restarting the mirror and probing it";
        };
    }
}
