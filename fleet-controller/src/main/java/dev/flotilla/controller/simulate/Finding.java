package dev.flotilla.controller.simulate;

/** Something that a simulation has found, for people. */
public sealed interface Finding {
    /** One sentence. */
    String text();

    /** One word for programs. */
    String kind();

    /** The records themselves are wrong. */
    record Broken(String kind, String text) implements Finding {}

    /**
     * While something is down, clients are led to a node that is down, too, or nowhere, although another one could serve.
     *
     * @param cases how many of the outages that were looked at are such
     */
    record Stranded(String name, String text, int cases) implements Finding {
        @Override
        public String kind() {
            return "stranded";
        }
    }

    /**
     * While something is down, a region gets more than it can bear.
     *
     * @param percent of what its nodes that are up can bear
     */
    record Overloaded(String region, String text, long percent) implements Finding {
        @Override
        public String kind() {
            return "overloaded";
        }
    }

    /** Nothing is wrong, but somebody has to know. */
    record Note(String kind, String text) implements Finding {}

    /** Whether somebody has to do something. */
    default boolean isProblem() {
        return !(this instanceof Note);
    }
}
