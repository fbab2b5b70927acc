package dev.flotilla.controller.local;

import dev.flotilla.vocabulary.PublicIndex;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;

/** Which index the mirrors of a local fleet follow, and what a person is told about it. */
sealed interface UpstreamChoice {
    /** What the user asked for. */
    sealed interface Wish {
        /** The public index, or the sample where that can't be reached. */
        record Usual() implements Wish {}

        /** The sample, whatever can be reached. */
        record Sample() implements Wish {}

        /** An index of the user's own; it is followed also while it can't be reached. */
        record Named(URI index) implements Wish {}
    }

    /** The mirrors follow the sample, which the command serves itself. */
    record Sample(String told) implements UpstreamChoice {}

    /** The mirrors follow an index elsewhere. */
    record Elsewhere(String name, URI index, String told) implements UpstreamChoice {}

    String told();

    /**
     * Decides what the mirrors follow.
     *
     * @param probe tries to reach an index and says why it can't, or nothing
     */
    static UpstreamChoice of(Wish wish, Function<URI, Optional<String>> probe) {
        return switch (wish) {
            case Wish.Sample() -> new Sample("upstream: the sample index that comes with Flotilla, as --sample asks");
            case Wish.Named(URI index) ->
                new Elsewhere(
                        "upstream",
                        index,
                        probe.apply(index)
                                .map(reason -> "upstream: " + index + " can't be reached now (" + reason
                                        + "); going on, with what the mirrors have cached until it can")
                                .orElse("upstream: " + index));
            case Wish.Usual() ->
                probe.apply(PublicIndex.INDEX)
                        .<UpstreamChoice>map(reason -> new Sample("upstream: " + PublicIndex.INDEX
                                + " can't be reached (" + reason
                                + "), so the sample index that comes with Flotilla stands in for it."
                                + " --upstream URL names another"))
                        .orElseGet(() -> new Elsewhere("pypi", PublicIndex.INDEX, "upstream: " + PublicIndex.INDEX));
        };
    }
}
