package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Hidden;
import dev.flotilla.mirror.policy.Judgement;
import dev.flotilla.mirror.simple.ProjectPage;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** What direct requests for the files of a project meet: the little of its page that has to be at hand for each of them. */
sealed interface Standing {
    /** Projects of this name aren't served. */
    record Refused(Admission admission) implements Standing {}

    /** Upstream said that there is no such project. */
    record Absent(Instant freshUntil) implements Standing {}

    /** Nothing is kept, so nothing speaks against its files. */
    record Unknown() implements Standing {}

    /**
     * The page is kept.
     *
     * @param quarantined whether all files are withheld, those included that the page doesn't name any more
     * @param hidden by file name
     * @param freshUntil when the page's lifetime ends
     */
    record Known(boolean quarantined, Map<String, Hidden> hidden, Instant freshUntil) implements Standing {
        public Known {
            hidden = Map.copyOf(hidden);
        }

        static Known of(ProjectPage page, Judgement judgement, Instant freshUntil) {
            boolean quarantined =
                    page.status().isPresent() && page.status().get().quarantined();
            var hidden = new HashMap<String, Hidden>();
            if (!quarantined) {
                judgement.hidden().forEach(one -> hidden.put(one.file().filename(), one));
            }
            return new Known(quarantined, hidden, freshUntil);
        }
    }

    /** How many entries it counts as in a bounded memory. */
    default int weight() {
        return this instanceof Known known ? 1 + known.hidden().size() : 1;
    }
}
