package dev.flotilla.agent.steering;

import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.rollout.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Whether a node that is meant by a drain may go. All nodes stand in one order: those that are not meant first, then those that
 * are, each by name. A node goes only if enough of those before it serve: so the first ones never go, whatever the others see,
 * and nobody has to be asked. Pure but for the question.
 */
final class DrainJudge {
    /** Reports that are read for one judgement; a fleet in which more than these are silent has no node to spare. */
    static final int MOST_ASKED = 64;

    private DrainJudge() {}

    /** Whether a node is known to serve, and to know as much of what is wanted as this one. */
    interface Sight {
        boolean serves(Member member) throws Away;
    }

    /** Nothing can be found out now. */
    static final class Away extends Exception {
        private static final long serialVersionUID = 1;

        Away(String reason) {
            super(reason);
        }
    }

    /** What a node does. */
    sealed interface Decision {
        /** It isn't meant. */
        record Unmeant() implements Decision {}

        /** It asks its clients to go elsewhere. */
        record Go(Drain drain) implements Decision {}

        /**
         * It is meant, and serves all the same.
         *
         * @param asked how many nodes were looked at
         */
        record Stay(Drain drain, String reason, int asked) implements Decision {}
    }

    static Decision judge(Member self, SortedSet<Member> members, Intents intents, Instant now, Sight sight)
            throws Away {
        Optional<Drain> drain = intents.drain(self.region(), self.node(), now);
        if (drain.isEmpty()) {
            return new Decision.Unmeant();
        }
        int serving = 0;
        int asked = 0;
        for (Member member : before(self, members, intents, now)) {
            if (serving >= intents.minimumServing() || asked == MOST_ASKED) {
                break;
            }
            asked++;
            if (sight.serves(member)) {
                serving++;
            }
        }
        return serving >= intents.minimumServing()
                ? new Decision.Go(drain.get())
                : new Decision.Stay(
                        drain.get(),
                        "of the nodes before this one " + serving + " are known to serve, and "
                                + intents.minimumServing() + " of the fleet have to",
                        asked);
    }

    private static List<Member> before(Member self, SortedSet<Member> members, Intents intents, Instant now) {
        List<Member> order = new ArrayList<>();
        List<Member> meant = new ArrayList<>();
        for (Member member : members) {
            boolean isMeant = intents.drain(member.region(), member.node(), now).isPresent();
            if (!isMeant) {
                order.add(member);
            } else if (member.compareTo(self) < 0) {
                meant.add(member);
            }
        }
        order.addAll(meant);
        return order;
    }
}
