package dev.flotilla.agent.cycle;

import dev.flotilla.agent.bucket.ETag;
import dev.flotilla.agent.state.AgentState.Settled;
import dev.flotilla.agent.trust.Mark;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.util.Optional;

/** What a cycle is about to do. Finding it out changes nothing, so that it can be shown instead of done. */
public sealed interface Plan {
    /** Nothing: the bucket holds what was dealt with before. */
    record Keep(Optional<String> problem) implements Plan {}

    /** Nothing for now: it could not be found out what the bucket holds, or it can't be judged. */
    record Wait(String problem) implements Plan {}

    /**
     * Nothing, for what the bucket holds is refused.
     *
     * @param settled what to remember, so that the same object is not judged again; absent where time may change the
     *     judgement
     */
    record Refuse(Optional<Mark> trusted, Optional<Settled> settled, String problem) implements Plan {}

    /** The bucket holds the release that is in use already. */
    record Confirm(Release release) implements Plan {}

    /** Go for the release. */
    record Apply(Release release, TargetFile configuration, TargetFile program, Document document) implements Plan {}

    /**
     * A trusted release in the bucket.
     *
     * @param expires when it, or the root that speaks for it, ends
     */
    record Release(Mark mark, Instant expires, ETag etag) {
        long version() {
            return mark.version();
        }

        Settled settled() {
            return new Settled(etag, Optional.of(expires), Optional.empty());
        }

        Settled settledWith(String problem) {
            return new Settled(etag, Optional.empty(), Optional.of(problem));
        }
    }

    /** The signed document as it came. Equal to another one with the same bytes. */
    final class Document {
        private final byte[] content;

        Document(byte[] content) {
            this.content = content.clone();
        }

        byte[] content() {
            return content.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Document document && digest().equals(document.digest());
        }

        @Override
        public int hashCode() {
            return digest().hashCode();
        }

        private Sha256 digest() {
            return Sha256.of(content);
        }
    }

    /** The plan in words for people. */
    default String text() {
        return switch (this) {
            case Keep keep -> keep.problem().orElse("nothing to do: the bucket holds what is in use already");
            case Wait wait -> "nothing to do for now: " + wait.problem();
            case Refuse refuse -> refuse.problem();
            case Confirm confirm ->
                "nothing to do: release " + confirm.release().version() + " is in use already";
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
