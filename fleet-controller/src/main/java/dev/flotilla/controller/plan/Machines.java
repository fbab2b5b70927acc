package dev.flotilla.controller.plan;

import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The machines of a fleet, whatever the way to them. Safe for many threads. */
public interface Machines {
    /** For fleets whose file names no way to the machines: only what nodes say of themselves is known. */
    Machines UNREACHED = new Machines() {
        @Override
        public Map<NodeId, Sight> look(Collection<Node> nodes) {
            return Map.of();
        }

        @Override
        public Optional<String> bring(Node node, Consumer<String> progress) {
            throw new IllegalStateException("nothing is different on " + node.id());
        }
    };

    /** For fleets to whose machines something here is missing: all else can be planned and done without them. */
    static Machines unusable(String reason) {
        return new Machines() {
            @Override
            public Optional<String> problem() {
                return Optional.of(reason);
            }

            @Override
            public Map<NodeId, Sight> look(Collection<Node> nodes) {
                return Map.of();
            }

            @Override
            public Optional<String> bring(Node node, Consumer<String> progress) {
                throw new IllegalStateException("nothing is different on " + node.id());
            }
        };
    }

    /** Why none of them can be looked at, where something here is missing. */
    default Optional<String> problem() {
        return Optional.empty();
    }

    /** Looks at these machines at the same time, and changes nothing. One that isn't among the answers isn't known of. */
    Map<NodeId, Sight> look(Collection<Node> nodes) throws IOException, InterruptedException;

    /**
     * What changes inside the files of a machine on which something is different, by the texts of its differences; secrets are left out.
     * Nothing where that can't be found out.
     */
    default Map<String, List<String>> inside(Node node) throws IOException, InterruptedException {
        return Map.of();
    }

    /** Looks again and does what is different then. Present is why it isn't as it should be. */
    Optional<String> bring(Node node, Consumer<String> progress) throws IOException, InterruptedException;

    /** What one machine is. */
    sealed interface Sight {
        /**
         * It could be looked at.
         *
         * @param differences in the order in which they are done; none where it is as it should be
         * @param facts all that was seen: equal text is an equal machine
         */
        record Seen(List<Difference> differences, String facts) implements Sight {
            public Seen {
                differences = List.copyOf(differences);
            }
        }

        /** It couldn't, or nothing can be done there. */
        record Hidden(String reason) implements Sight {}
    }

    /** One step, with its sign: {@code +}, {@code ~} or {@code -}. */
    record Difference(char sign, String text) {}
}
