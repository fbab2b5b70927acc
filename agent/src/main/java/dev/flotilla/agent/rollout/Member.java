package dev.flotilla.agent.rollout;

import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;

/** A node that takes part in a rollout, written {@code east/east-1}. */
public record Member(RegionName region, NodeName node) {
    /** {@link IllegalArgumentException} where the text is no such name. */
    public static Member parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + text + "' is no node: write region and name, as in east/east-1");
        }
        return new Member(new RegionName(text.substring(0, slash)), new NodeName(text.substring(slash + 1)));
    }

    @Override
    public String toString() {
        return region + "/" + node;
    }
}
